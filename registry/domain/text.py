"""Text as people and files write it, made comparable: `clean` for keeping, `fold` for comparing.

`clean` keeps what a name says and drops how it was typed (no-break spaces, line breaks inside a cell,
decomposed accents). `fold` is a key for finding likely twins, never shown to anybody and never an identity.
"""

import re
import unicodedata
from functools import lru_cache

from registry.errors import InvalidInput

# Invisible and without meaning of their own: left behind by word processors.
_DROPPED = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))
_SPACES = re.compile(r"\s+")
# Joiners carry meaning in Persian and Indic scripts; every other format character only deceives the eye.
_ALLOWED_FORMAT = frozenset("\u200c\u200d")
_REFUSED = frozenset({"Cc", "Cf", "Cs", "Cn", "Co"})
# Letters that Unicode does not take apart into a base letter and a mark.
_LETTERS = {
    "ł": "l",
    "ø": "o",
    "đ": "d",
    "ð": "d",
    "ħ": "h",
    "ı": "i",
    "ŧ": "t",
    "æ": "ae",
    "œ": "oe",
    "þ": "th",
}


class _Bases(dict[int, str | None]):
    """What each code point of decomposed text folds to: marks and apostrophes to nothing; filled as they are met."""

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        vanishes = character in _APOSTROPHES or unicodedata.combining(character)
        self[code] = None if vanishes else _LETTERS.get(character, character)
        return self[code]


_BASES = _Bases()
_APOSTROPHES = frozenset("'\u2018\u2019\u02bc`")
_NOT_WORD = re.compile(r"[\W_]+")


def clean(text: str) -> str:
    """Return `text` in NFC, trimmed, each run of white space (no-break, thin, tab, line break) one space.

    Raises:
        InvalidInput: the text holds control characters, reordering marks or unassigned code points.
    """
    if text.isprintable():  # no control or format character, and no space but the plain one
        tidy = text if text.isascii() else unicodedata.normalize("NFC", text)
        return " ".join(tidy.split()) if "  " in tidy else tidy.strip()
    tidy = _SPACES.sub(" ", unicodedata.normalize("NFC", text).translate(_DROPPED)).strip()
    for character in tidy:
        if unicodedata.category(character) in _REFUSED and character not in _ALLOWED_FORMAT:
            raise InvalidInput(
                f"The text holds the invisible character U+{ord(character):04X}, which is not allowed; "
                "type the text again without it."
            )
    return tidy


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Return a key blind to case, diacritics and punctuation: `Śląska-Łódź` gives `slaska lodz`.

    Apostrophes vanish, other punctuation separates words. Text of nothing but punctuation gives "".
    """
    if text.isascii():
        text = text.lower().replace("'", "").replace("`", "")
    else:
        text = unicodedata.normalize("NFKD", text.casefold()).translate(_BASES).casefold()
    return _NOT_WORD.sub(" ", text).strip()


def same_but_for_case(a: str, b: str) -> bool:
    """Tell whether two spellings differ at most in case, diacritics, spaces and punctuation."""
    key = fold(a)
    return key == fold(b) if key else clean(a) == clean(b)
