"""Which files the registry takes as evidence, decided by extension *and* content; all else is refused with the reason.

Files are kept by hash outside the web root and only ever handed out as attachments; nothing here unpacks them, but for the
directory of an office document, which is read to refuse macros.
"""

import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

from registry.errors import FieldError, InvalidInput

MAXIMUM_NAME = 150
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f/\\<>:\"|?*\u202a-\u202e\u2066-\u2069\u200b-\u200f]")
_EXECUTABLE = frozenset(
    [
        "exe",
        "com",
        "bat",
        "cmd",
        "sh",
        "js",
        "mjs",
        "vbs",
        "ps1",
        "jar",
        "php",
        "py",
        "pl",
        "rb",
        "html",
        "htm",
        "svg",
        "xhtml",
        "xml",
        "msi",
        "scr",
        "dll",
        "apk",
        "lnk",
        "hta",
        "docm",
        "xlsm",
    ]
)
_CLAIMED_TWICE = re.compile(r"\.([A-Za-z0-9]{1,5})$")


@dataclass(frozen=True, slots=True)
class AcceptedFile:
    """A file that passed: its cleaned name and the media type it will be handed out with."""

    name: str
    media_type: str


def check_upload(name: str, data: bytes, *, limit: int) -> AcceptedFile:
    """Return what a file is, or say why it is refused.

    Raises:
        InvalidInput: empty, too large (`limit` in bytes), a name with a path, control or direction characters, a double
            extension, a type that is not on the list, or content that is not what the extension says.
    """
    clean = _check_name(name)
    if not data:
        raise _refused(f"{clean} is empty")
    if len(data) > limit:
        raise _refused(f"{clean} has {_mebibytes(len(data))}; the limit is {_mebibytes(limit)}")
    extension = clean.rsplit(".", 1)[-1].lower()
    media_type, looks_right = ACCEPTED[extension]
    if not looks_right(data):
        raise _refused(f"{clean} is not a {extension.upper()} file inside, whatever its name says")
    return AcceptedFile(clean, media_type)


def accepted_extensions() -> tuple[str, ...]:
    """Return the extensions that may be uploaded, with the dot."""
    return tuple(f".{extension}" for extension in ACCEPTED)


def _check_name(name: str) -> str:
    clean = unicodedata.normalize("NFC", name).strip()
    if not clean or len(clean) > MAXIMUM_NAME:
        raise _refused(f"give the file a name of at most {MAXIMUM_NAME} characters")
    if _FORBIDDEN.search(clean) or clean.startswith("."):
        raise _refused(
            "the file name holds a path, a control character or a sign that systems forbid; rename it"
        )
    stem, dot, extension = clean.rpartition(".")
    if not dot or extension.lower() not in ACCEPTED:
        raise _refused(f"files of this type are not taken; hand in one of {', '.join(accepted_extensions())}")
    second = _CLAIMED_TWICE.search(stem)
    if second and second.group(1).lower() in _EXECUTABLE | ACCEPTED.keys():
        raise _refused(f"{clean} has two extensions; rename it so that it has one")
    return clean


def _starts_with(*magic: bytes) -> Callable[[bytes], bool]:
    return lambda data: data.startswith(magic)


def _is_text(data: bytes) -> bool:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", text) and not text.lstrip().lower().startswith(
        ("<!doctype", "<html", "<?xml", "<svg", "<script", "#!")
    )


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True


def _is_jwt(data: bytes) -> bool:
    return re.fullmatch(rb"\s*[\w-]+\.[\w-]+\.[\w-]+(~[\w.~-]*)?\s*", data) is not None


def _is_office(part: str) -> Callable[[bytes], bool]:
    def looks_right(data: bytes) -> bool:
        try:
            names = zipfile.ZipFile(io.BytesIO(data)).namelist()
        except zipfile.BadZipFile:
            return False
        has_macros = any("vbaproject" in n.lower() or n.startswith(("Basic/", "Scripts/")) for n in names)
        return part in names and not has_macros and len(names) < 5_000

    return looks_right


ACCEPTED: dict[str, tuple[str, Callable[[bytes], bool]]] = {
    "pdf": ("application/pdf", _starts_with(b"%PDF-")),
    "png": ("image/png", _starts_with(b"\x89PNG\r\n\x1a\n")),
    "jpg": ("image/jpeg", _starts_with(b"\xff\xd8\xff")),
    "jpeg": ("image/jpeg", _starts_with(b"\xff\xd8\xff")),
    "txt": ("text/plain; charset=utf-8", _is_text),
    "csv": ("text/csv; charset=utf-8", _is_text),
    "json": ("application/json", _is_json),
    "jwt": ("application/jwt", _is_jwt),
    "docx": (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        _is_office("word/document.xml"),
    ),
    "xlsx": (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _is_office("xl/workbook.xml"),
    ),
    "odt": ("application/vnd.oasis.opendocument.text", _is_office("content.xml")),
    "ods": ("application/vnd.oasis.opendocument.spreadsheet", _is_office("content.xml")),
}
"""Extension to media type and the test of its content."""


def _mebibytes(size: int) -> str:
    return f"{size / 2**20:.1f} MiB"


def _refused(message: str) -> InvalidInput:
    return InvalidInput(message, [FieldError("file", message)])
