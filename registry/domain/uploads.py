"""Which files the registry takes as evidence, decided by extension *and* content; all else is refused with the reason.

Files are kept by hash outside the web root and only ever handed out as attachments; nothing here unpacks them, but for the
directory of an office document, which is read to refuse macros.
"""

import io
import json
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from registry.errors import FieldError, InvalidInput

MAXIMUM_NAME = 150
_FORBIDDEN = re.compile(r"[/\\<>:\"|?*]")
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Unicode categories that hide what a name says: control and direction signs, surrogates, line separators."""
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
    hidden = any(unicodedata.category(sign) in _INVISIBLE for sign in clean)
    if hidden or _FORBIDDEN.search(clean) or clean.startswith("."):
        raise _refused(
            "the file name holds a path, a control character or a sign that systems forbid; rename it"
        )
    stem, dot, extension = clean.rpartition(".")
    if not dot or extension.lower() not in ACCEPTED:
        raise _refused(f"files of this type are not taken; hand in one of {', '.join(accepted_extensions())}")
    inner = [part.strip().lower() for part in stem.split(".")[1:]]
    if any(part in _EXECUTABLE for part in inner) or (inner and inner[-1] in ACCEPTED):
        raise _refused(f"{clean} has two extensions; rename it so that it has one")
    return clean


def _is_pdf(data: bytes) -> bool:
    return data.startswith(b"%PDF-") and b"%%EOF" in data[-1024:] and not _is_archive(data)


def _is_png(data: bytes) -> bool:
    return data.startswith(b"\x89PNG\r\n\x1a\n") and data.endswith(b"IEND\xaeB`\x82")


def _is_jpeg(data: bytes) -> bool:
    return data.startswith(b"\xff\xd8\xff") and not _is_archive(data)


def _is_archive(data: bytes) -> bool:
    """Whether a ZIP archive hangs on the end: one file that is two, depending on who opens it."""
    return zipfile.is_zipfile(io.BytesIO(data))


_MARKUP = re.compile(r"\s*(<[a-z!?/]|#!)", re.IGNORECASE)
_BINARY = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def _is_text(data: bytes) -> bool:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return not _BINARY.search(text) and not _MARKUP.match(text)


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
        if not data.startswith(b"PK\x03\x04"):
            return False
        try:
            archive = zipfile.ZipFile(io.BytesIO(data))
            names = archive.namelist()
            macros = any(_is_macro(name) for name in names) or _declares_macros(archive)
        except _UNREADABLE:
            return False
        return part in names and not macros and len(names) < 5_000

    return looks_right


_UNREADABLE = (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, RuntimeError, zlib.error)
_CONTENT_TYPES = "[Content_Types].xml"


def _is_macro(name: str) -> bool:
    return "vbaproject" in name.lower() or name.startswith(("Basic/", "Scripts/"))


def _declares_macros(archive: zipfile.ZipFile) -> bool:
    """Whether an Office Open XML file says of itself that it carries macros, whatever its parts are called."""
    if _CONTENT_TYPES not in archive.namelist():
        return False
    with archive.open(_CONTENT_TYPES) as listed:
        return b"macroenabled" in listed.read(2**20).lower()


ACCEPTED: dict[str, tuple[str, Callable[[bytes], bool]]] = {
    "pdf": ("application/pdf", _is_pdf),
    "png": ("image/png", _is_png),
    "jpg": ("image/jpeg", _is_jpeg),
    "jpeg": ("image/jpeg", _is_jpeg),
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
