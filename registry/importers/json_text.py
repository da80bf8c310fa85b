"""Strict JSON for importers: repeated keys and NaN are errors, arrays are read element by element."""

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, NoReturn

from registry.errors import InvalidInput
from registry.importers.base import LONGEST_RECORD

_CHUNK = 64 * 1024
_SPACE = re.compile(r"[ \t\r\n]*")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        raise InvalidInput(f"The key “{next(key for key in keys if keys.count(key) > 1)}” comes twice.")
    return found


def _no_constant(name: str) -> NoReturn:
    raise InvalidInput(f"{name} is not a JSON value.")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)


def parse_json(text: str) -> Any:
    """Return the value of a whole JSON text.

    Raises:
        InvalidInput: not JSON, a key comes twice in one object, or nested too deep.
    """
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise InvalidInput(f"Not valid JSON: {error.msg}, at character {error.pos + 1}.") from error
    except RecursionError as error:
        raise InvalidInput("The JSON is nested too deep.") from error


def array_elements(file: BinaryIO, head: str) -> Iterator[tuple[int, Any | InvalidInput]]:
    """Yield line and value of each element of a JSON array, or the error of an element that breaks our rules.

    `head` is what was read of the file already; it starts with `[`. One element is held at a time.

    Raises:
        InvalidInput: from this line on the file is no JSON; it cannot be told where the next element starts.
    """
    window = _Window(file, head)
    window.skip("[")
    while not window.at("]"):
        line = window.line
        yield line, window.element()
        if not window.at("]"):
            window.skip(",")


class _Window:
    """The part of a file that has been read and not used yet, and the line that it starts at."""

    def __init__(self, file: BinaryIO, head: str) -> None:
        self.file, self.text, self.line = file, head, 1
        self.decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")

    def more(self) -> bool:
        """Read on; tell whether there was anything."""
        data = self.file.read(_CHUNK)
        self.text += self.decoder.decode(data, final=not data)
        return bool(data)

    def at(self, sign: str) -> bool:
        """Tell whether `sign` comes next, after white space."""
        while True:
            space = _SPACE.match(self.text)
            self.use(space.end() if space else 0)
            if self.text or not self.more():
                return self.text.startswith(sign)

    def skip(self, sign: str) -> None:
        if not self.at(sign):
            raise InvalidInput(f"Line {self.line}: “{sign}” is missing; the file is broken from here on.")
        self.use(1)

    def use(self, length: int) -> None:
        self.line += self.text.count("\n", 0, length)
        self.text = self.text[length:]

    def element(self) -> Any | InvalidInput:
        """Return the next value; the text grows until it holds the whole of it."""
        while True:
            try:
                value, end = _DECODER.raw_decode(self.text)
            except json.JSONDecodeError as error:
                if len(self.text) > LONGEST_RECORD or not self.more():
                    raise InvalidInput(
                        f"Line {self.line}: the file is broken from here on: {error.msg}."
                    ) from error
            except InvalidInput as error:
                return self._past(error)
            else:
                self.use(end)
                return value

    def _past(self, problem: InvalidInput) -> InvalidInput:
        """Step over an element that is JSON but breaks our rules."""
        self.use(json.JSONDecoder().raw_decode(self.text)[1])
        return problem


def object_members(text: str, start: int) -> Iterator[tuple[str, int, int]]:
    """Yield key, position of the key and position of the value, for each member of the object at `start`.

    Repeated keys come as often as they stand there.

    Raises:
        InvalidInput: with the line at which the text stops being JSON.
    """
    position = _expect(text, start, "{")
    if text.startswith("}", position):
        return
    while True:
        key, end = _string(text, position)
        value_at = _expect(text, end, ":")
        yield key, position, value_at
        end = _space(text, value_end(text, value_at))
        if text.startswith("}", end):
            return
        position = _expect(text, end, ",")


def value_end(text: str, start: int) -> int:
    """Return the position after the value at `start`, whatever it holds."""
    try:
        return json.JSONDecoder().raw_decode(text, start)[1]
    except (json.JSONDecodeError, RecursionError) as error:
        raise InvalidInput(f"Line {line_of(text, start)}: the file is broken in this value.") from error


def line_of(text: str, position: int) -> int:
    """Return the line, from 1, of a position."""
    return text.count("\n", 0, position) + 1


def _space(text: str, position: int) -> int:
    space = _SPACE.match(text, position)
    return space.end() if space else position


def _expect(text: str, position: int, sign: str) -> int:
    position = _space(text, position)
    if not text.startswith(sign, position):
        raise InvalidInput(
            f"Line {line_of(text, position)}: “{sign}” is missing; the file is not valid JSON."
        )
    return _space(text, position + 1)


def _string(text: str, start: int) -> tuple[str, int]:
    """Return the string whose opening quote stands at `start`, and the position after its closing one."""
    try:
        key, end = json.JSONDecoder().raw_decode(text, start)
    except json.JSONDecodeError:
        key, end = None, start
    if not isinstance(key, str):
        raise InvalidInput(f"Line {line_of(text, start)}: a key is missing; the file is not valid JSON.")
    return key, end
