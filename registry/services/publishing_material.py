"""What the publisher reads from the database for one round, at once and before it builds anything.

Building takes seconds where a large list is touched; nobody who decides waits for the database meanwhile.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, joinedload

from registry.domain.trust_list import Entry, SchemeInfo
from registry.editions import EditionStore, Key, PlainFile
from registry.models.body import Scheme
from registry.models.issuer import Issuer
from registry.publishers import STATEMENT
from registry.services.bodies import scheme_info
from registry.services.decision_files import decision_files
from registry.services.trust_lists import build_entries, load_issuers

Shard = tuple[str, int]
"""Scheme slug and shard number."""


@dataclass(frozen=True, slots=True)
class SchemeFacts:
    """A scheme as publishers see it, and the slug of its body."""

    info: SchemeInfo
    body: str


@dataclass(frozen=True, slots=True)
class Listed:
    """One issuer to publish anew: its entry, its scheme's slug, and its institution."""

    entry: Entry
    scheme: str
    institution: str

    @property
    def key(self) -> Key:
        """Return what its statement is known by."""
        return self.scheme, STATEMENT.format_id, self.entry.id


@dataclass(frozen=True, slots=True)
class Material:
    """All that one round needs of the database. `members` are the issuers of a shard, `shards` a scheme's last shard."""

    schemes: Mapping[str, SchemeFacts]
    listed: Sequence[Listed]
    broken: Mapping[Key, Exception]
    members: Mapping[Shard, Sequence[str]]
    shards: Mapping[str, int]
    files: Sequence[PlainFile]


def gather(
    session: Session,
    store: EditionStore,
    base_url: str,
    *,
    issuers: Iterable[uuid.UUID],
    shards: Iterable[Shard],
    decisions: Iterable[uuid.UUID],
    at: datetime,
) -> Material:
    """Read what a round needs; an issuer whose rows make no entry is set aside with the reason."""
    schemes = {s.slug: s for s in session.scalars(select(Scheme).options(joinedload(Scheme.body)))}
    listed, broken = _listed(session, load_issuers(session, issuers))
    # A store may know more than a database that was put back from a copy.
    wanted = sorted(shard for shard in shards if shard[0] in schemes)
    return Material(
        schemes={slug: SchemeFacts(scheme_info(s, base_url), s.body.slug) for slug, s in schemes.items()},
        listed=listed,
        broken=broken,
        members={shard: _members(session, schemes[shard[0]], shard[1]) for shard in wanted},
        shards={slug: last_shard(session, schemes[slug]) for slug in {slug for slug, _number in wanted}},
        files=tuple(decision_files(session, store, [one.entry for one in listed], decisions, at)),
    )


def _listed(session: Session, issuers: Sequence[Issuer]) -> tuple[list[Listed], dict[Key, Exception]]:
    try:
        return _listings(session, issuers), {}
    except SQLAlchemyError:
        raise
    except Exception:  # found out below, one by one: one issuer's rows must not stop all others
        listed: list[Listed] = []
        broken: dict[Key, Exception] = {}
    for issuer in issuers:
        try:
            listed += _listings(session, [issuer])
        except SQLAlchemyError:
            raise
        except Exception as error:  # as above
            broken[issuer.scheme.slug, STATEMENT.format_id, str(issuer.id)] = error
    return listed, broken


def _listings(session: Session, issuers: Sequence[Issuer]) -> list[Listed]:
    rows = {str(issuer.id): issuer for issuer in issuers}
    return [
        Listed(entry, rows[entry.id].scheme.slug, str(rows[entry.id].institution_id))
        for entry in build_entries(session, issuers)
    ]


def _members(session: Session, scheme: Scheme, number: int) -> Sequence[str]:
    query = select(Issuer.id).where(Issuer.scheme_id == scheme.id, Issuer.shard == number)
    return sorted(str(issuer) for issuer in session.scalars(query))


def last_shard(session: Session, scheme: Scheme) -> int:
    """Return the number of a scheme's last shard, at least 1."""
    return session.scalar(select(func.max(Issuer.shard)).where(Issuer.scheme_id == scheme.id)) or 1
