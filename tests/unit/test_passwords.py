"""Passwords: which are accepted, and what their hashes say."""

import pytest
from argon2 import PasswordHasher

from registry.services import passwords

GOOD = "violin under the bridge"


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("short", "at least 12"),
        ("elevenchars", "at least 12"),
        ("x1" * 65, "at most 128"),
        ("password1234", "too common"),
        ("PasswordPassword", "too common"),
        ("aaaaaaaaaaaaaaaa", "too common"),
        ("qwertyuiop123", "too common"),
        ("123456789012", "too common"),
        ("ada lovelace 1", "your own name"),
        ("example ada 42", "your own name"),
    ],
)
def test_a_password_that_others_would_guess_is_refused_with_a_reason(password: str, sentence: str) -> None:
    assert sentence in (passwords.check_password(password, "Ada Lovelace", "ada@example.org") or "")


@pytest.mark.parametrize(
    "password", [GOOD, "żółta łódź pod mostem", "k7m2-x9pq-w3rt", "z" * 3 + "correct horse"]
)
def test_length_counts_and_composition_does_not(password: str) -> None:
    assert passwords.check_password(password, "Ada Lovelace", "ada@example.org") is None


def test_a_hash_is_argon2id_and_opens_for_its_password_alone() -> None:
    password_hash = passwords.hash_password(GOOD)
    assert password_hash.startswith("$argon2id$")
    assert passwords.matches(password_hash, GOOD)
    assert not passwords.matches(password_hash, GOOD + "s")
    assert not passwords.matches(None, GOOD)
    assert not passwords.matches("no hash", GOOD)


def test_letters_typed_composed_and_decomposed_are_one_password() -> None:
    assert passwords.matches(
        passwords.hash_password("zażółć gęślą jaźń"),
        "zaz\u0307o\u0301łc\u0301 ge\u0328s\u0301la\u0328 jaz\u0301n\u0301",
    )


def test_a_hash_with_other_parameters_is_to_be_renewed() -> None:
    assert passwords.needs_rehash(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(GOOD))
    assert not passwords.needs_rehash(passwords.hash_password(GOOD))
