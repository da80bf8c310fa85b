"""A whole case as one archive: every row that belongs to it as JSON, its files, its audit trail, and a manifest of hashes.

The archive follows from the database and the instant alone: sorted members, one date for all, no compression. Who holds it
checks it with `verify`, which needs nothing but the file.
"""

import hashlib
import json
import uuid
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import IO, Any, Final

import orjson
from sqlalchemy import Column, Table, or_, select
from sqlalchemy.orm import Session

from registry.domain.roles import CaseRole
from registry.domain.trust_list import wire_instant
from registry.domain.workflow import State
from registry.errors import NotAllowed, NotFound, RegistryError
from registry.files import FileStore
from registry.models.account import Account
from registry.models.application import Application, EvidenceVersion
from registry.models.base import Base
from registry.models.publication import AuditEvent
from registry.services import access, audit_trail
from registry.services.evidence_files import content_of
from registry.services.recording import CHAINED, link

FORMAT: Final = "issuer-registry case export 1"
MANIFEST: Final = "MANIFEST.json"
LEFT_OUT: Final[Mapping[str, str]] = {
    "application": "the case itself stands in case.json; cases that it continues are cases of their own",
    "audit_place": "an index of the audit trail, which is exported whole",
}
"""Tables that are no part of a case though they point to one, and why."""
EXPORTABLE: Final = frozenset(
    {State.DECIDED, State.APPEAL_WINDOW, State.APPEAL, State.CLOSED, State.INELIGIBLE}
    | {State.LAPSED, State.WITHDRAWN_BY_APPLICANT}
)
"""Where a case stands when its people may take it out; before, ratings given alone are nobody's to read but the panel's."""
_WHO: Final = (CaseRole.CASE_OFFICER, CaseRole.REGISTRAR, CaseRole.SECOND_SIGNER)


class ExportBroken(RegistryError):
    """An archive does not hold what its manifest says, or its audit rows do not fit together."""


@dataclass(frozen=True, slots=True)
class Part:
    """A table with rows of a case: those whose `column` points to `parent`, `application` or another part."""

    table: Table
    links: tuple[tuple[Column[Any], str], ...]


@cache
def parts() -> tuple[Part, ...]:
    """Return every table with rows of a case, parents first: found from the models, so that a new one is never forgotten."""
    tables = [table for table in Base.metadata.sorted_tables if table.name not in LEFT_OUT]
    found: dict[str, Part] = {}
    for table in tables:
        own = [c for c in table.columns if c.name == "application_id"]
        links = [(c, "application") for c in own] or [
            (column, key.column.table.name)
            for column in table.columns
            for key in column.foreign_keys
            if key.column.table.name in found and column.name != "supersedes"
        ]
        if links:
            found[table.name] = Part(table, tuple(links))
    return tuple(found.values())


def require_export(session: Session, application: Application, *, actor: uuid.UUID, at: datetime) -> None:
    """Let the auditor of the body take out a case at any time, its officer and registrars when it is over.

    Raises:
        NotAllowed: somebody else, or too early.
    """
    if access.audits(session, application, actor=actor, at=at):
        return
    part = access.part_of(session, actor, application.id)
    if (
        part is None
        or part.role not in _WHO
        or not audit_trail.may_read_case(session, application, actor=actor, at=at)
    ):
        raise NotAllowed("only the auditor, the case officer and the registrars take out a whole case")
    if application.state not in EXPORTABLE:
        raise NotAllowed("a case is taken out once it has been decided or has ended")


def by_reference(session: Session, reference: str) -> Application:
    """Return the case of a reference.

    Raises:
        NotFound: no such case.
    """
    found = session.scalars(select(Application).where(Application.reference == reference)).one_or_none()
    if found is None:
        raise NotFound(f"there is no case {reference}")
    return found


def write(
    session: Session, files: FileStore, application: Application, target: IO[bytes], *, at: datetime
) -> None:
    """Write the archive of a case; member by member, so that one file at most is held in memory."""
    listed: list[dict[str, Any]] = []
    missing: list[dict[str, str]] = []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, data in _members(session, files, application, missing):
            _put(archive, name, data)
            listed.append({"path": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()})
        _put(archive, MANIFEST, _json(_manifest(session, application, listed, missing, at)))


def _put(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)


def _manifest(
    session: Session,
    application: Application,
    listed: list[dict[str, Any]],
    missing: list[dict[str, str]],
    at: datetime,
) -> dict[str, Any]:
    head = session.scalars(select(AuditEvent).order_by(AuditEvent.number.desc()).limit(1)).one_or_none()
    return {
        "format": FORMAT,
        "reference": application.reference,
        "case": str(application.id),
        "exported_at": wire_instant(at.astimezone(UTC)),
        "audit_head": {"number": head.number, "chain": head.chain} if head else None,
        "members": listed,
        "missing": missing,
    }


def _members(
    session: Session, files: FileStore, application: Application, missing: list[dict[str, str]]
) -> Iterator[tuple[str, bytes]]:
    yield "audit.json", _json(_audit_rows(session, application))
    yield "case.json", _json(_case(application))
    rows = _rows(session, application)
    for version in sorted(application.evidence, key=lambda v: (v.evidence_id, v.number)):
        name = f"evidence/{_safe(version.evidence_id)}/{version.number}-{_safe(_named(version))}"
        try:
            yield name, content_of(session, files, version)[2]
        except NotFound as error:
            missing.append({"path": name, "sha256": version.sha256, "why": str(error)})
    for table in sorted(rows):
        yield from _other_files(files, table, rows[table], missing)
    yield "people.json", _json(_people(session, rows))
    yield (
        f"policy/{application.policy.policy_id}-{application.policy.version}.yaml",
        application.policy.source,
    )
    for table in sorted(rows):
        yield f"rows/{table}.json", _json(rows[table])


_FILES_OF: Final = (("file_name", "sha256"), ("proof_name", "proof_sha256"))
"""Columns with the name and the hash of a file: of files that were filed, and of proofs of delivery."""


def _other_files(
    files: FileStore, table: str, rows: list[dict[str, Any]], missing: list[dict[str, str]]
) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a table that is not the evidence, such as a decision letter filed with its hash."""
    if table == EvidenceVersion.__tablename__:
        return
    keys = [column.name for column in Base.metadata.tables[table].primary_key]
    named = {"-".join(str(row[key]) for key in keys): row for row in rows}
    for key, row in sorted(named.items()):
        for file_name, sha256 in _FILES_OF:
            if row.get(file_name) is None or row.get(sha256) is None:
                continue
            path = f"files/{table}/{key}-{_safe(row[file_name])}"
            try:
                yield path, files.get(row[sha256])
            except NotFound as error:
                missing.append({"path": path, "sha256": row[sha256], "why": str(error)})


def _named(version: EvidenceVersion) -> str:
    return version.file_name or f"{version.evidence_id}.txt"


def _safe(name: str) -> str:
    return "".join(c if c.isalnum() or c in "-_. " else "_" for c in name).lstrip(".") or "_"


def _case(application: Application) -> dict[str, Any]:
    row = {c.key: getattr(application, c.key) for c in application.__mapper__.column_attrs}
    policy, scheme, institution = application.policy, application.scheme, application.institution
    return row | {
        "scheme": {"slug": scheme.slug, "names": scheme.names, "body": scheme.body.legal_name},
        "policy": {"id": policy.policy_id, "version": policy.version, "sha256": policy.sha256},
        "institution": {"id": institution.id, "name": institution.name, "country": institution.country},
    }


def _rows(session: Session, application: Application) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of every part by table, in the order of their keys."""
    found: dict[str, list[dict[str, Any]]] = {}
    for part in parts():
        where = [_points_to(column, parent, application, found) for column, parent in part.links]
        query = select(part.table).where(or_(*where)).order_by(*part.table.primary_key)
        found[part.table.name] = [dict(row) for row in session.execute(query).mappings()]
    return found


def _points_to(
    column: Column[Any], parent: str, application: Application, found: Mapping[str, list[dict[str, Any]]]
) -> Any:
    if parent == "application":
        return column == application.id
    (key,) = (k.column.name for k in column.foreign_keys if k.column.table.name == parent)
    return column.in_([row[key] for row in found[parent]])


def _people(session: Session, rows: Mapping[str, list[dict[str, Any]]]) -> dict[str, str]:
    """Return the names of everybody whom a row names; no addresses."""
    columns = [
        (part.table.name, column.name)
        for part in parts()
        for column in part.table.columns
        if any(key.column.table.name == "account" for key in column.foreign_keys)
    ]
    ids = {row[column] for table, column in columns for row in rows[table] if row[column] is not None}
    named = session.execute(select(Account.id, Account.name).where(Account.id.in_(ids)))
    return {str(row.id): row.name for row in sorted(named, key=lambda row: str(row.id))}


def _audit_rows(session: Session, application: Application) -> list[dict[str, Any]]:
    """Return the case's audit events, each with the chain value before it, so that its link can be checked alone."""
    events = audit_trail.case_events(session, application.id)
    earlier = select(AuditEvent.number, AuditEvent.chain).where(
        AuditEvent.number.in_([event.number - 1 for event in events])
    )
    chains = {row.number: row.chain for row in session.execute(earlier)}
    return [
        {name: getattr(event, name) for name in (*CHAINED, "chain")}
        | {"chain_before": chains.get(event.number - 1, "")}
        for event in events
    ]


def _json(value: object) -> bytes:
    option = orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS
    return orjson.dumps(value, default=_plain, option=option)


def _plain(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


@dataclass(frozen=True, slots=True)
class Verified:
    """What an archive holds that was found in order."""

    reference: str
    members: int
    audit_events: int
    missing: int
    head: str | None


def verify(source: IO[bytes]) -> Verified:
    """Check every member of an archive against its manifest, and the link of every audit row.

    Raises:
        ExportBroken: the first thing that is not in order.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            manifest = json.loads(archive.read(MANIFEST))
            _check_members(archive, manifest)
            events = json.loads(archive.read("audit.json"))
            _check_links(events, manifest)
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
        raise ExportBroken("this is no archive of a case, or it is damaged") from error
    head = manifest["audit_head"]
    return Verified(
        manifest["reference"],
        len(manifest["members"]),
        len(events),
        len(manifest["missing"]),
        head["chain"] if head else None,
    )


def _check_members(archive: zipfile.ZipFile, manifest: Mapping[str, Any]) -> None:
    if manifest["format"] != FORMAT:
        raise ExportBroken(f"the archive is no “{FORMAT}”")
    names = [info.filename for info in archive.infolist() if info.filename != MANIFEST]
    expected = [member["path"] for member in manifest["members"]]
    if sorted(names) != sorted(expected):
        odd = sorted({*names} ^ {*expected}) or names
        raise ExportBroken(f"the archive and its manifest do not hold the same: {odd[0]}")
    for member in manifest["members"]:
        digest, size = _measured(archive, member["path"])
        if (digest, size) != (member["sha256"], member["size"]):
            raise ExportBroken(f"{member['path']} was changed")


def _measured(archive: zipfile.ZipFile, name: str) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with archive.open(name) as file:
        while chunk := file.read(2**20):
            digest.update(chunk)
            size += len(chunk)
    return digest.hexdigest(), size


def _check_links(events: list[dict[str, Any]], manifest: Mapping[str, Any]) -> None:
    earlier: dict[str, Any] | None = None
    for event in events:
        number = event["number"]
        if link(event["chain_before"], event) != event["chain"]:
            raise ExportBroken(f"audit event {number} was changed")
        if earlier and earlier["number"] >= number:
            raise ExportBroken(f"audit event {number} is out of order")
        if earlier and earlier["number"] == number - 1 and earlier["chain"] != event["chain_before"]:
            raise ExportBroken(f"audit event {number} does not follow the one before it")
        earlier = event
    head = manifest["audit_head"]
    if earlier and (head is None or head["number"] < earlier["number"]):
        raise ExportBroken("the manifest names a head before the last audit event")
