"""Looking things up in an XML trusted list: by name, in the namespace of its standard, with a sentence for what lacks."""

from dataclasses import dataclass

from lxml import etree

from registry.errors import InvalidInput
from registry.publishers.list_contents import Texts

_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
LONGEST_TEXT = 20_000
"""Most characters of one text; the longest in deployed lists are legal notices of a few thousand."""
_MOST_DIGITS = 18
"""Of a whole number; what fits both databases."""


@dataclass(frozen=True, slots=True)
class Part:
    """One element, read in the namespace `namespace`."""

    element: etree._Element
    namespace: str

    @property
    def content(self) -> str:
        """The trimmed text of an element without children.

        Raises:
            InvalidInput: it has children, which could hide a part of the text, or the text is too long.
        """
        if len(self.element):
            raise InvalidInput(f"{self.local_name} has elements inside, and text alone is expected")
        return self._checked(self.element.text or "")

    @property
    def whole_content(self) -> str:
        """The trimmed text of an element and everything in it."""
        return self._checked("".join(str(text) for text in self.element.itertext()))

    def _checked(self, text: str) -> str:
        if len(text) > LONGEST_TEXT:
            raise InvalidInput(f"{self.local_name} is longer than {LONGEST_TEXT} characters")
        return text.strip()

    @property
    def local_name(self) -> str:
        """The name without its namespace."""
        return str(etree.QName(self.element).localname)

    @property
    def language(self) -> str:
        """The value of xml:lang in lower case, or ""."""
        return str(self.element.get(_LANGUAGE, "")).strip().lower()

    def all(self, *path: str) -> list["Part"]:
        """Return the elements at a path of names; "*" is any element of any namespace."""
        where = "/".join(name if name == "*" else f"{{{self.namespace}}}{name}" for name in path)
        return [Part(element, self.namespace) for element in self.element.findall(where)]

    def maybe(self, name: str) -> "Part | None":
        """Return the child of this name, or None.

        Raises:
            InvalidInput: there are several.
        """
        found = self.all(name)
        if len(found) > 1:
            raise InvalidInput(f"{name} comes more than once in {self.local_name}")
        return found[0] if found else None

    def one(self, name: str) -> "Part":
        """Return the child of this name.

        Raises:
            InvalidInput: there is none, or there are several.
        """
        found = self.maybe(name)
        if found is None:
            raise InvalidInput(f"{name} is missing in {self.local_name}")
        return found

    def text(self, name: str) -> str:
        """Return the text of the child of this name.

        Raises:
            InvalidInput: it is missing or empty.
        """
        found = self.one(name).content
        if not found:
            raise InvalidInput(f"{name} is empty in {self.local_name}")
        return found

    def maybe_text(self, name: str) -> str:
        """Return the text of the child of this name, or ""."""
        found = self.maybe(name)
        return "" if found is None else found.content

    def whole(self, name: str) -> int:
        """Return the whole number, 0 or more, of the child of this name.

        Raises:
            InvalidInput: it is missing or no such number.
        """
        found = self.text(name)
        if not (found.isascii() and found.isdigit() and len(found) <= _MOST_DIGITS):
            raise InvalidInput(f"{name} is not a whole number")
        return int(found)

    def texts(self, *path: str) -> Texts:
        """Return the texts at a path with their languages; empty ones are left out."""
        pairs = ((part.language, part.content) for part in self.all(*path))
        return tuple(pair for pair in pairs if pair[1])

    def needed_texts(self, *path: str) -> Texts:
        """Return the texts at a path.

        Raises:
            InvalidInput: there is none.
        """
        found = self.texts(*path)
        if not found:
            raise InvalidInput(f"{path[0]} says nothing in {self.local_name}")
        return found
