"""XML of strangers: no declaration, no entity, no network, and an end to size, depth, tags and attributes."""

import socket
import threading
import tracemalloc
from collections.abc import Iterator

import pytest

from registry.errors import InvalidInput
from registry.signing import xml_reading
from registry.signing.xml_reading import DEEPEST, MOST_ATTRIBUTES, is_xml, parse_xml

BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE list [<!ENTITY a "aaaaaaaaaa">%s]>
<list>&i;</list>""" % b"".join(
    b'<!ENTITY %c "%s">' % (name, b"&%c;" % (name - 1) * 10) for name in b"bcdefghi"
)


@pytest.fixture
def listener() -> Iterator[tuple[int, list[str]]]:
    """A server on this machine; gives its port and who has called."""
    calls: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        stop = threading.Event()

        def answer() -> None:
            while not stop.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                with connection:
                    calls.append("called")

        thread = threading.Thread(target=answer)
        thread.start()
        yield server.getsockname()[1], calls
        stop.set()
        thread.join()


def test_a_plain_document_is_read() -> None:
    root = parse_xml(b'\xef\xbb\xbf<?xml version="1.0" encoding="UTF-8"?><a><b c="1">\xc5\x82</b></a>')
    assert [(child.tag, child.text, child.get("c")) for child in root] == [("b", "ł", "1")]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (BOMB, "document type declaration"),
        (b'<!DOCTYPE a SYSTEM "a.dtd"><a/>', "document type declaration"),
        (b"<!DOCTYPE a><a/>", "document type declaration"),
        (b"<a>&other;</a>", "not well formed"),
        (b"", "not well formed"),
        (b"<a>", "not well formed"),
        (b"<a></a><b/>", "not well formed"),
        (b"\xff\xfe<\x00a\x00/\x00>\x00", "not in UTF-8"),
        ('<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a><a/>'.encode("utf-16"), "not in UTF-8"),
        (b'<?xml version="1.0" encoding="iso-8859-2"?><a>\xb3</a>', "not well formed"),
        (b"<a>" * (DEEPEST + 1) + b"</a>" * (DEEPEST + 1), f"deeper than {DEEPEST}"),
        (b"<a>" * 100_000 + b"</a>" * 100_000, "not well formed"),
        (b"<a>%s</a>" % (b"x" * 11_000_000), "not well formed"),
        (
            b"<a %s/>" % b" ".join(b'b%d=""' % number for number in range(MOST_ATTRIBUTES + 1)),
            f"more than {MOST_ATTRIBUTES} attributes",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{len(value)} bytes",
)
def test_hostile_or_broken_xml_is_refused_with_the_reason(data: bytes, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        parse_xml(data)


def test_what_is_just_within_the_limits_is_read() -> None:
    assert parse_xml(b"<a>" * DEEPEST + b"</a>" * DEEPEST).tag == "a"
    attributes = b" ".join(b'b%d=""' % number for number in range(MOST_ATTRIBUTES))
    assert len(parse_xml(b"<a %s/>" % attributes).attrib) == MOST_ATTRIBUTES


def test_too_many_bytes_or_tags_are_refused_before_anything_is_parsed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(xml_reading, "MOST_TAGS", 4)
    assert parse_xml(b"<a><b/><b/></a>").tag == "a"
    tracemalloc.start()
    with pytest.raises(InvalidInput, match="more than 4 tags"):
        parse_xml(b"<a>" + b"<b/>" * 100_000 + b"</a>")
    with pytest.raises(InvalidInput, match="at most 10 are read"):
        parse_xml(b"<a>" + b"x" * 100_000 + b"</a>", largest=10)
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()


@pytest.mark.parametrize(
    "form",
    [
        '<!DOCTYPE a [<!ENTITY x SYSTEM "http://127.0.0.1:{port}/x">]><a>&x;</a>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1:{port}/a.dtd"><a/>',
        '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:{port}/x"> %x;]><a/>',
        '<a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="http://127.0.0.1:{port}/x"/></a>',
        '<?xml-stylesheet href="http://127.0.0.1:{port}/x"?><a/>',
        '<a xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xsi:schemaLocation="urn:x http://127.0.0.1:{port}/x"/>',
    ],
)
def test_no_document_makes_anybody_call_an_address(listener: tuple[int, list[str]], form: str) -> None:
    port, calls = listener
    try:
        root = parse_xml(form.format(port=port).encode())
    except InvalidInput:
        root = None
    assert calls == []
    if root is not None:
        assert "called" not in "".join(root.itertext())


def test_the_parser_itself_resolves_nothing_even_where_a_declaration_slips_through(
    listener: tuple[int, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xml_reading, "_DECLARATIONS", ())
    port, calls = listener
    data = f'<!DOCTYPE a [<!ENTITY x SYSTEM "http://127.0.0.1:{port}/x"><!ENTITY y "grown">]><a>&x;&y;</a>'
    root = parse_xml(data.encode())
    assert "grown" not in (root.text or "")
    assert calls == []


def test_a_comment_cannot_cut_a_text_in_two() -> None:
    assert parse_xml(b"<a>good<!-- -->name</a>").text == "goodname"


@pytest.mark.parametrize(
    ("data", "xml"),
    [
        (b"<a/>", True),
        (b"\xef\xbb\xbf \n<a/>", True),
        (b"{}", False),
        (b"", False),
        (b"\x84\x43", False),
        (b"a<b", False),
    ],
)
def test_xml_is_told_by_its_first_character(data: bytes, xml: bool) -> None:
    assert is_xml(data) is xml
