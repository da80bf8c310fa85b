"""The Digital Credentials Consortium's `registry.json`: issuer DIDs with a name, a place and an address,
vetted by nobody.

The list is small and read whole. A DID that is listed twice is refused both times, since nothing says which
entry is meant; an ordinary JSON parser would silently keep the last one.

The list mixes production and test issuers and marks neither. An entry is taken for a test one when
- its name holds the word test, sandbox, playground, staging or demo, or its last word is RC; or
- its name is the name of another entry followed by Development or Dev; or
- a label of the host of its did:web or of its address is one of test, sandbox, staging, stage, dev, demo, rc
or playground; or - a part of its did:web path, split at dots and hyphens, is one of these. A wrong guess
harms nobody: an imported identity is bound to no institution until somebody proves control of it.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from registry.domain.identifiers import IdentifierScheme, parse_identifier
from registry.domain.text import fold
from registry.domain.web_names import parse_website
from registry.errors import InvalidInput
from registry.importers.base import Environment, IdentityFacts, Row, read_text
from registry.importers.json_text import line_of, object_members, parse_json, value_end

SOURCE = "dcc"
LARGEST_FILE = 16 * 1024 * 1024
NAME_WORDS = frozenset({"test", "sandbox", "playground", "staging", "demo"})
TECHNICAL_WORDS = NAME_WORDS | {"stage", "dev", "rc"}
_FIELDS = frozenset({"name", "location", "url"})


@dataclass(frozen=True, slots=True)
class _Entry:
    line: int
    key: str
    did: str | None
    value: dict[str, Any]
    problem: str | None


def parse(file: BinaryIO) -> Iterator[Row]:
    """Yield one row per entry, in file order, repeated ones included.

    Raises:
        InvalidInput: not a JSON object with a `registry` object, not UTF-8, or larger than 16 MiB.
    """
    text = _read(file)
    entries = [_entry(text, *member) for member in object_members(text, _registry_at(text))]
    times = Counter(entry.did for entry in entries if entry.did)
    names = {fold(str(entry.value.get("name", ""))) for entry in entries}
    for entry in entries:
        yield _row(entry, times, names)


def count(file: BinaryIO) -> int:
    """Return how many rows `parse` will give; raises what it raises."""
    return sum(1 for _ in parse(file))


def _read(file: BinaryIO) -> str:
    data = file.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise InvalidInput(f"The file is larger than {LARGEST_FILE} bytes; this is no list of issuers.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InvalidInput(f"Line {line}: the text is not UTF-8; save the file in UTF-8.") from error


def _registry_at(text: str) -> int:
    found = [value_at for key, _, value_at in object_members(text, 0) if key == "registry"]
    if len(found) != 1:
        raise InvalidInput("The file needs exactly one “registry” object; this is no list of issuers.")
    return found[0]


def _entry(text: str, key: str, key_at: int, value_at: int) -> _Entry:
    value: Any = {}
    problem = None
    try:
        value = parse_json(text[value_at : value_end(text, value_at)])
    except InvalidInput as error:
        value, problem = {}, str(error)
    if not isinstance(value, dict):
        value, problem = {}, "The entry is not a JSON object."
    try:
        did = parse_identifier(IdentifierScheme.DID, key).value
    except InvalidInput as error:
        did, problem = None, str(error)
    return _Entry(line_of(text, key_at), key, did, value, problem)


def _row(entry: _Entry, times: Mapping[str, int], names: set[str]) -> Row:
    if entry.did and times[entry.did] > 1:
        name = entry.value.get("name", "")
        reason = f"This DID is listed {times[entry.did]} times, here as “{name}”; no entry of it is taken."
        return Row.refused(entry.line, entry.key, reason)
    if entry.problem:
        return Row.refused(entry.line, entry.key, entry.problem)
    try:
        return Row(entry.line, entry.key, _facts(entry, names))
    except InvalidInput as error:
        return Row.refused(entry.line, entry.key, str(error))


def _facts(entry: _Entry, names: set[str]) -> IdentityFacts:
    value = entry.value
    unknown = sorted(value.keys() - _FIELDS)
    if unknown:
        raise InvalidInput(f"{unknown[0]}: an entry has name, location and url only.")
    for name, given in value.items():
        if not isinstance(given, str):
            raise InvalidInput(f"{name}: the value is not text.")
    texts = {name: read_text(value.get(name, ""), name) for name in sorted(_FIELDS)}
    if not texts["name"]:
        raise InvalidInput("name: the entry has none.")
    did = parse_identifier(IdentifierScheme.DID, entry.key)
    url = parse_website(texts["url"]) if texts["url"] else None
    return IdentityFacts(
        source=SOURCE,
        source_key=did.value,
        did=did,
        name=texts["name"],
        location=texts["location"] or None,
        url=url,
        environment=environment(did.value, texts["name"], url, names),
    )


def environment(did: str, name: str, url: str | None, names: set[str]) -> Environment:
    """Tell test issuers from others by the rule above; `names` are the folded names of the whole list."""
    folded = fold(name)
    words = folded.split()
    trial = bool(NAME_WORDS & set(words)) or words[-1:] == ["rc"] or _twin(folded) in names
    technical = _words(did) | (_words(urlsplit(url).hostname or "") if url else set())
    return Environment.TEST if trial or TECHNICAL_WORDS & technical else Environment.PRODUCTION


def _twin(folded: str) -> str | None:
    match = re.fullmatch(r"(.+) (?:development|dev)", folded)
    return match[1] if match else None


def _words(did_or_host: str) -> set[str]:
    if did_or_host.startswith("did:") and not did_or_host.startswith("did:web:"):
        return set()
    return set(re.split(r"[.:\-]|%3a", did_or_host.lower()))
