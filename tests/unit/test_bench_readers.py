"""The readers of the bench find editions that are mixed; without that, their zero would say nothing."""

import gzip
import hashlib
import json
from dataclasses import replace

import pytest

from registry.signing.jws import sign_compact
from tests.bench.readers import INDEX, Answer, mixed, sequence_of

from vectors import sample

PATH = "/issuers/x/statement.jws"


def statement(sequence: int, word: str = "active") -> bytes:
    payload = json.dumps({"entry": word, "sequence": sequence}, separators=(",", ":")).encode()
    return sign_compact(payload, sample.signer(), None, {})


def answered(path: str, body: bytes, kind: str = "statement", expected: str = "") -> Answer:
    return Answer(
        kind, path, 0.001, 200, f'"{hashlib.sha256(body).hexdigest()}"', body=body, expected=expected
    )


def index(*issued: str) -> Answer:
    listed = [{"scheme": "alpha", "shard": 1, "issued_at": at} for at in issued]
    return answered(INDEX, json.dumps({"documents": listed}).encode(), "index")


def test_whole_editions_one_after_the_other_are_not_mixed() -> None:
    packed = answered(PATH, statement(2))
    packed = replace(
        packed, body=gzip.compress(packed.body), gzipped=True, tag=packed.tag.rstrip('"') + '-gzip"'
    )
    assert list(mixed([answered(PATH, statement(1)), packed, index("2026", "2026"), index("2027")])) == []


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ([replace(answered(PATH, statement(1)), body=statement(2))], "not those of the tag"),
        ([answered(PATH, statement(1), "named", "ab" * 32)], "not those that the index names"),
        (
            [answered(PATH, statement(1)), answered(PATH, statement(1, "suspended"))],
            "two bodies under number 1",
        ),
        ([index("2026", "2027")], "lists of alpha 1"),
    ],
)
def test_a_mixture_is_named(answers: list[Answer], found: str) -> None:
    (said,) = mixed(answers)
    assert found in said


def test_an_unchanged_answer_and_a_failed_one_are_not_looked_into() -> None:
    answer = answered(PATH, b"")
    assert list(mixed([replace(answer, status=304, tag="x"), replace(answer, status=0, tag="")])) == []


def test_the_number_is_read_from_the_start_of_a_large_payload() -> None:
    assert sequence_of(statement(41, "x" * 9)) == 41
