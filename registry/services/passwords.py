"""Passwords: what makes one acceptable, and Argon2id hashes (RFC 9106; parameters from OWASP's cheat sheet).

Rules follow NIST SP 800-63B-4: length counts, composition does not; common ones and one's own name are
refused.
"""

import re
import unicodedata
from collections.abc import Iterable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

MIN_LENGTH = 12
MAX_LENGTH = 128
_OWN_LETTERS = 8
"""Least letters that must remain once the person's own names are taken out."""
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# fmt: off
_COMMON = (
    "password", "passw0rd", "haslo", "qwerty", "qwertyuiop", "azerty", "asdfgh", "zxcvbn", "letmein",
    "welcome", "witaj", "iloveyou", "kochamcie", "dragon", "monkey", "football", "baseball", "princess",
    "sunshine", "superman", "batman", "master", "shadow", "trustno1", "abc123", "admin", "administrator",
    "changeme", "secret", "polska", "warszawa", "student", "university", "uczelnia", "registry", "rejestr",
)
# fmt: on
_RUNS = (
    "0123456789",
    "9876543210",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv",
)


def normalize(password: str) -> str:
    """Return the password in NFKC, so that one keyboard's composed letter equals another's decomposed one."""
    return unicodedata.normalize("NFKC", password)


def check_password(password: str, *own_words: str) -> str | None:
    """Return what is wrong with `password` as a sentence, or None. `own_words`: the name and the address."""
    text = normalize(password)
    if len(text) < MIN_LENGTH:
        return "Use at least 12 characters; a few words in a row make a good password."
    if len(text) > MAX_LENGTH:
        return "Use at most 128 characters."
    if _letters_left(text, _COMMON) < _OWN_LETTERS or _is_run(text):
        return "This password is too common; others would guess it."
    if _letters_left(text, _words(*own_words)) < _OWN_LETTERS:
        return "Do not build the password from your own name or e-mail address."
    return None


def _words(*texts: str) -> list[str]:
    return [
        word for text in texts for word in re.split(r"[\W_]+", normalize(text).casefold()) if len(word) > 2
    ]


def _letters_left(text: str, words: Iterable[str]) -> int:
    left = text.casefold()
    for word in sorted(words, key=len, reverse=True):
        left = left.replace(word, "")
    return len(left)


def _is_run(text: str) -> bool:
    folded = text.casefold()
    return len(set(folded)) < 5 or any(folded in run * 4 for run in _RUNS)


def hash_password(password: str) -> str:
    """Return the Argon2id hash of `password` in PHC string form, with its salt and parameters."""
    return _HASHER.hash(normalize(password))


def matches(password_hash: str | None, password: str) -> bool:
    """Whether `password` belongs to the hash; for None the same work is done and the answer is no."""
    if len(password) > 4 * MAX_LENGTH:
        password = ""
    try:
        return _HASHER.verify(password_hash or _NOBODY, normalize(password)) and password_hash is not None
    except (VerifyMismatchError, InvalidHashError):
        return False


def needs_rehash(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(password_hash)


# A hash that nobody's password opens: checking an unknown address costs what checking a known one does.
_NOBODY = _HASHER.hash(unicodedata.normalize("NFKC", "\x00 nobody"))
