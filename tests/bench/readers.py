"""Readers of a registry in a process of their own: paced requests over kept connections, and what they found.

Open loop: every reader asks at its appointed times, and a latency counts from the appointed time to the last byte. What
came back is looked at after the load, so that looking does not slow the readers down.
"""

import base64
import gzip
import hashlib
import http.client
import itertools
import json
import random
import re
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

READERS = 8
RATE = 240.0
"""Requests per second of all readers together: little enough that nobody waits for a core."""
INDEX = "/lists/index.json"
TIMEOUT = 10.0
KINDS = {"statement": 70, "unchanged": 12, "index": 8, "named": 6, "list": 4}
"""Of a hundred requests: a statement; a list asked for with its tag; the index; a document that the index names, under
its lasting address; the whole current list."""
_SEQUENCE = re.compile(rb'"sequence":(\d+)')
_START_OF_PAYLOAD = 65_536
"""Characters of base64 among which the number stands: the head of a list, or a statement."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `status` 0: none came. `expected`: the digest that the index stated, hex, or nothing."""

    kind: str
    path: str
    latency: float
    status: int
    tag: str = ""
    gzipped: bool = False
    body: bytes = field(default=b"", repr=False)
    expected: str = ""


@dataclass(slots=True)
class Reader:
    """One reader with a connection of its own, and what it has seen."""

    port: int
    issuers: list[str]
    chance: random.Random
    named: dict[str, str] = field(default_factory=dict)
    """Lasting address to digest, hex, of all lists in the index that was read last."""
    tags: dict[str, str] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    connection: http.client.HTTPConnection | None = None

    def read(self, first: float, pause: float, until: float) -> None:
        """Ask every `pause` seconds from `first` on, until `until`, both in monotonic seconds."""
        for due in itertools.takewhile(lambda due: due < until, itertools.count(first, pause)):
            time.sleep(max(0.0, due - time.monotonic()))
            (kind,) = self.chance.choices(list(KINDS), list(KINDS.values()))
            self.answers.append(self._ask(kind, due))

    def _ask(self, kind: str, due: float) -> Answer:
        path, expected = self._address(kind)
        headers = {"Accept-Encoding": "gzip"}
        if kind == "unchanged" and path in self.tags:
            headers["If-None-Match"] = self.tags[path]
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
            self.connection.request("GET", path, headers=headers)
            answer = self.connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException):
            self.connection = None
            return Answer(kind, path, time.monotonic() - due, 0)
        latency = time.monotonic() - due
        tag, gzipped = answer.headers.get("ETag", ""), answer.headers.get("Content-Encoding") == "gzip"
        if kind == "index":
            self._learn(gzip.decompress(body) if gzipped else body)
        self.tags[path] = tag
        return Answer(kind, path, latency, answer.status, tag, gzipped, body, expected)

    def _address(self, kind: str) -> tuple[str, str]:
        """Return what to ask for, and the digest stated for it, if it was."""
        if kind == "statement" or not self.named:
            return (f"/issuers/{self.chance.choice(self.issuers)}/statement.jws" if self.named else INDEX), ""
        if kind == "index":
            return INDEX, ""
        lasting = self.chance.choice(sorted(self.named))
        if kind == "named":
            return lasting, self.named[lasting]
        folder, _number, file = lasting.rsplit("/", 2)
        return f"{folder}/{file}", ""

    def _learn(self, index: bytes) -> None:
        documents = json.loads(index)["documents"]
        self.named = {_path(one["permanent_url"]): one["sha256"] for one in documents}


def load(port: int, issuers: list[str], seconds: float, seed: int) -> list[Answer]:
    """Read for some seconds; return all answers, each reader's in their order."""
    readers = [Reader(port, issuers, random.Random(f"{seed} {number}")) for number in range(READERS)]
    pause, start = READERS / RATE, time.monotonic() + 0.1
    threads = [
        threading.Thread(target=reader.read, args=(start + pause * number / READERS, pause, start + seconds))
        for number, reader in enumerate(readers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [answer for reader in readers for answer in reader.answers]


def mixed(answers: list[Answer]) -> Iterator[str]:
    """Yield a sentence for every answer in which two editions were mixed.

    The bytes are those of the tag and of the digest that the index states for them; all lists of one shard stand in the
    index as they were issued together; a number never stands for two bodies.
    """
    bodies: dict[tuple[str, int], str] = {}
    for answer in (a for a in answers if a.status == http.client.OK):
        body = gzip.decompress(answer.body) if answer.gzipped else answer.body
        digest = hashlib.sha256(body).hexdigest()
        if answer.tag.strip('"').removesuffix("-gzip") != digest:
            yield f"{answer.path}: the bytes are not those of the tag"
        if answer.expected not in {"", digest}:
            yield f"{answer.path}: the bytes are not those that the index names"
        if answer.path == INDEX:
            yield from _issued_apart(body)
        elif answer.kind != "named" and answer.path.endswith(".jws"):
            number = sequence_of(body)
            if bodies.setdefault((answer.path, number), digest) != digest:
                yield f"{answer.path}: two bodies under number {number}"


def _issued_apart(index: bytes) -> Iterator[str]:
    issued: dict[tuple[str, int], set[str]] = {}
    for one in json.loads(index)["documents"]:
        issued.setdefault((one["scheme"], one["shard"]), set()).add(one["issued_at"])
    for (scheme, shard), instants in issued.items():
        if len(instants) > 1 and scheme != "registry":
            yield f"{INDEX}: lists of {scheme} {shard} of {', '.join(sorted(instants))} in one index"


def sequence_of(document: bytes) -> int:
    """Return the number in the payload of a compact JWS of ours, which stands before what grows.

    Raises:
        ValueError: there is none.
    """
    start = document.split(b".", 2)[1][:_START_OF_PAYLOAD]
    found = _SEQUENCE.search(base64.urlsafe_b64decode(start + b"=" * (-len(start) % 4)))
    if found is None:
        raise ValueError("a document without a number")
    return int(found[1])


def _path(url: str) -> str:
    return "/" + url.split("/", 3)[3]


def main() -> None:
    """Read what the one line of JSON on standard input says; write latencies in ms by kind, failures and mixtures."""
    wanted = json.loads(sys.stdin.readline())
    answers = load(wanted["port"], wanted["issuers"], wanted["seconds"], wanted["seed"])
    latencies: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for answer in answers:
        latencies[answer.kind].append(answer.latency * 1000)
    failed = [f"{a.path}: {a.status}" for a in answers if a.status not in {200, 304}]
    sys.stdout.write(json.dumps({"latencies": latencies, "failed": failed, "mixed": list(mixed(answers))}))


if __name__ == "__main__":
    main()
