"""The one place where this project parses XML, made for input of strangers (XML 1.0; OWASP: XML External Entity Prevention).

No document type declaration, no entities, no network, UTF-8 alone, and limits on size, number of tags, depth and attributes.
What can be told from the bytes is refused before anything is parsed: in well-formed UTF-8 a declaration always stands there
as `<!DOCTYPE`, and no element comes without a `<`. Comments are dropped, so that none can cut a text in two.
"""

from lxml import etree

from registry.errors import InvalidInput

LARGEST = 32 * 2**20
"""Bytes of one document, unless the caller says otherwise; readers of trusted lists accept 16 MiB."""
MOST_TAGS = 2_000_000
"""Start and end tags; a list of 5,000 issuers has about 500,000, and a tag costs some 150 bytes of memory."""
DEEPEST = 64
MOST_ATTRIBUTES = 64
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY", b"<!ELEMENT", b"<!ATTLIST", b"<!NOTATION")
_TOO_DEEP = etree.XPath("boolean(/" + "/".join("*" * (DEEPEST + 1)) + ")")
_TOO_MANY_ATTRIBUTES = etree.XPath(f"boolean(//*[count(@*) > {MOST_ATTRIBUTES}])")


def parse_xml(data: bytes, *, largest: int = LARGEST) -> etree._Element:
    """Return the root element of a document of at most `largest` bytes.

    Raises:
        InvalidInput: too large, not UTF-8, not well formed, with a document type declaration, or beyond a limit.
    """
    _check_bytes(data, largest)
    try:
        root = etree.fromstring(data, hardened_parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        raise InvalidInput(f"the XML is not well formed: {_reason(error)}; get the file again") from error
    if _TOO_DEEP(root):
        raise InvalidInput(f"the XML is nested deeper than {DEEPEST} elements; no list is")
    if _TOO_MANY_ATTRIBUTES(root):
        raise InvalidInput(f"an element of the XML has more than {MOST_ATTRIBUTES} attributes; no list has")
    return root


def hardened_parser() -> etree.XMLParser:
    """Return a parser that resolves nothing and fetches nothing; for libraries that insist on parsing themselves."""
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
    )


def is_xml(data: bytes) -> bool:
    """Whether bytes look like an XML document: the first character that is no white space opens a tag."""
    return data[:1024].removeprefix(_BYTE_ORDER_MARK).lstrip()[:1] == b"<"


def _check_bytes(data: bytes, largest: int) -> None:
    if len(data) > largest:
        raise InvalidInput(f"the XML has {len(data)} bytes, and at most {largest} are read")
    if b"\x00" in data[:1024]:
        raise InvalidInput("the XML is not in UTF-8; save it in UTF-8")
    if any(word in data for word in _DECLARATIONS):
        raise InvalidInput(
            "the XML has a document type declaration, which is not read; remove it, no trusted list has one"
        )
    if data.count(b"<") > MOST_TAGS:
        raise InvalidInput(f"the XML has more than {MOST_TAGS} tags; no list has that many")


def _reason(error: Exception) -> str:
    return (str(error).splitlines() or ["nothing in it"])[0][:200]
