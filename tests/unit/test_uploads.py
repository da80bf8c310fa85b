"""Uploads: what is taken is what its name says, and one thing only."""

import io
import zipfile

import pytest

from registry.domain.uploads import MAXIMUM_NAME, check_upload
from registry.errors import InvalidInput

LIMIT = 2**16
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0\xff\xd9"


def archive(*names: str, types: str = "") -> bytes:
    """Return a ZIP archive with these parts."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as made:
        for name in names:
            made.writestr(name, "x")
        if types:
            made.writestr("[Content_Types].xml", types)
    return data.getvalue()


DOCX = archive("word/document.xml", types="application/...wordprocessingml.document.main+xml")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("report.pdf", PDF),
        ("REPORT.PDF", PDF),
        ("seal.png", PNG),
        ("photo.jpeg", JPEG),
        ("notes.txt", "Zażółć gęślą jaźń\n".encode()),
        ("numbers.csv", b"\xef\xbb\xbfa;b\r\n1;2\r\n"),
        ("sample.json", b'{"a": [1, 2]}'),
        ("badge.jwt", b"eyJh.eyJz.c2ln"),
        ("statute.docx", DOCX),
        ("table.ods", archive("content.xml", "mimetype")),
        ("uczelnia.edu.pl.pdf", PDF),
        ("report v1.2 (final).pdf", PDF),
        ("Zażółć gęślą.pdf", PDF),
    ],
)
def test_honest_files_are_taken(name: str, data: bytes) -> None:
    assert check_upload(name, data, limit=LIMIT).name == name


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("program.exe", b"MZ", "files of this type are not taken"),
        ("page.html", b"<html>", "files of this type are not taken"),
        ("drawing.svg", b"<svg><script>alert(1)</script></svg>", "files of this type are not taken"),
        ("letter.docm", DOCX, "files of this type are not taken"),
        ("archive.zip", archive("a"), "files of this type are not taken"),
        ("no extension", PDF, "files of this type are not taken"),
        ("report.pdf", b"", "is empty"),
        ("report.pdf", PDF[:-6] + b" " * LIMIT + PDF[-6:], "the limit is"),
        ("report.pdf", b"<html><script>alert(1)</script></html>", "is not a PDF file inside"),
        ("report.pdf", b"%PDF-1.7\n<script>alert(1)</script>", "is not a PDF file inside"),
        ("report.pdf", PDF + archive("evil.class"), "is not a PDF file inside"),
        ("report.pdf", b"MZ" + PDF, "is not a PDF file inside"),
        ("seal.png", PNG + b"<script>alert(1)</script>", "is not a PNG file inside"),
        ("seal.png", JPEG, "is not a PNG file inside"),
        ("photo.jpg", JPEG + archive("evil.class"), "is not a JPG file inside"),
        ("notes.txt", b"<!-- --><script>alert(1)</script>", "is not a TXT file inside"),
        ("notes.txt", b"\xef\xbb\xbf<svg onload=alert(1)>", "is not a TXT file inside"),
        ("notes.txt", b"\n  <HTML>", "is not a TXT file inside"),
        ("notes.txt", b"#!/bin/sh\nrm -rf /", "is not a TXT file inside"),
        ("notes.txt", b"MZ\0\0", "is not a TXT file inside"),
        ("notes.txt", "ą".encode("utf-16"), "is not a TXT file inside"),
        ("sample.json", b"{", "is not a JSON file inside"),
        ("sample.json", b"[" * 50_000, "is not a JSON file inside"),
        ("badge.jwt", b"<script>", "is not a JWT file inside"),
        ("letter.docx", archive("word/document.xml", "word/vbaProject.bin"), "is not a DOCX file inside"),
        (
            "letter.docx",
            archive("word/document.xml", types="application/vnd.ms-word.document.macroEnabled.main+xml"),
            "is not a DOCX file inside",
        ),
        ("table.ods", archive("content.xml", "Basic/Standard/script.xml"), "is not a ODS file inside"),
        ("letter.docx", archive("xl/workbook.xml"), "is not a DOCX file inside"),
        ("letter.docx", b"GIF89a" + DOCX, "is not a DOCX file inside"),
        ("letter.docx", DOCX[: len(DOCX) // 2], "is not a DOCX file inside"),
        ("report.pdf.exe", PDF, "files of this type are not taken"),
        ("report.exe.pdf", PDF, "has two extensions"),
        ("report.exe.signed.pdf", PDF, "has two extensions"),
        ("report.HTML.pdf", PDF, "has two extensions"),
        ("report.docx.pdf", PDF, "has two extensions"),
        ("../../etc/passwd.pdf", PDF, "holds a path"),
        ("C:\\evil.pdf", PDF, "holds a path"),
        ("a/b.pdf", PDF, "holds a path"),
        ("re\nport.pdf", PDF, "control character"),
        ("re\0port.pdf", PDF, "control character"),
        ("re\x85port.pdf", PDF, "control character"),
        ("report\u202efdp.pdf", PDF, "control character"),
        ("report\u2069.pdf", PDF, "control character"),
        ("re\u00adport.pdf", PDF, "control character"),
        ("re\ufeffport.pdf", PDF, "control character"),
        ("re\u2028port.pdf", PDF, "control character"),
        ("re\ud800port.pdf", PDF, "control character"),
        (".pdf", PDF, "holds a path"),
        ("", PDF, "give the file a name"),
        ("x" * MAXIMUM_NAME + ".pdf", PDF, "give the file a name"),
    ],
)
def test_hostile_and_mistaken_files_are_refused_with_the_reason(name: str, data: bytes, why: str) -> None:
    with pytest.raises(InvalidInput, match=why) as caught:
        check_upload(name, data, limit=LIMIT)
    assert set(caught.value.by_field()) == {"file"}


def test_an_archive_cut_anywhere_is_refused_and_never_an_error_of_ours() -> None:
    for length in range(4, len(DOCX) - 1, 7):
        with pytest.raises(InvalidInput):
            check_upload("letter.docx", DOCX[:length], limit=LIMIT)
