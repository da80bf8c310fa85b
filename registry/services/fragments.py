"""The fragments of one round: fresh ones of what changed, and kept ones of all others, read as they are needed.

The canonical form of an entry is the fragment of the native list. A fragment of another format is good as long as it was
made from that very form; one that is missing or older (a new format, one that failed) is made from it again.
"""

import hashlib
import heapq
import itertools
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import orjson

from registry.domain.reading import entry_from_wire, written_at
from registry.domain.trust_list import Entry, SchemeInfo, canonical_json, entry_to_wire
from registry.editions import EditionStore, Fragment, KeptFragment
from registry.publishers import PUBLISHERS, Publisher
from registry.publishers.formats.native_json import NativeJson
from registry.publishers.traits import is_registry_wide
from registry.services.publishing_material import Listed, SchemeFacts

NATIVE = NativeJson.format_id
_CHUNK = 500
Canon = Mapping[str, Fragment | KeptFragment]
"""Canonical fragments by issuer id, in order."""


class Fragments:
    """Kept fragments of the store under the fresh ones of a round."""

    def __init__(self, store: EditionStore, schemes: Mapping[str, SchemeFacts], at: datetime) -> None:
        self.store, self.schemes, self.at = store, schemes, at
        self.fresh: dict[tuple[str, str], Fragment] = {}
        self.changed: set[tuple[str, str]] = set()
        """Fresh fragments, by format and issuer, that say something else than those before them."""
        self._slugs: dict[str, str] = {}
        self._kept: dict[str, dict[str, KeptFragment]] = {}

    def canonical(self, one: Listed) -> Fragment:
        """Return the canonical fragment of an issuer as it stands now."""
        body = canonical_json(entry_to_wire(one.entry, self.at))
        return Fragment(NATIVE, one.entry.id, hashlib.sha256(body).hexdigest(), body)

    def look_up(self, listed: Sequence[Listed]) -> None:
        """Find what is kept of issuers that are to be refreshed next."""
        ids = [one.entry.id for one in listed]
        self._slugs |= {one.entry.id: one.scheme for one in listed}
        # Of the other formats nobody asks whether they say something new.
        asked = [p for p in PUBLISHERS.values() if p.format_id == NATIVE or is_registry_wide(p)]
        self._kept = {p.format_id: self.store.fragments(p.format_id, ids) for p in asked}

    def refresh(self, one: Listed, canonical: Fragment, *, anew: bool) -> bool:
        """Make the fragments of an issuer if its canonical form changed, or it is told `anew`; say whether that was so.

        The issuer was looked up before. A format that fails here fails again where its document is built.
        """
        kept = self._kept[NATIVE].get(one.entry.id)
        if kept and not anew and kept.digest == canonical.digest and not self._turned(one, kept):
            return False
        issuer, digest, scheme = one.entry.id, canonical.digest, self.schemes[one.scheme].info
        for format_id, publisher in PUBLISHERS.items():
            body = canonical.body if format_id == NATIVE else self._said(publisher, one.entry, scheme)
            before = self._kept.get(format_id, {}).get(issuer)
            if body is not None and (before is None or (before.digest, before.body) != (digest, body)):
                self.fresh[format_id, issuer] = Fragment(format_id, issuer, digest, body)
                if before is None or before.body != body:
                    self.changed.add((format_id, issuer))
        return True

    def _said(self, publisher: Publisher, entry: Entry, scheme: SchemeInfo) -> bytes | None:
        """Return what a format says of an issuer, or None where it fails: building its document fails alike, and says so."""
        try:
            return publisher.entry(entry, scheme, self.at) or b""
        except Exception:
            return None

    def _turned(self, one: Listed, kept: KeptFragment) -> bool:
        """Whether the calendar changed something since a fragment was made, even if it came back to the same words.

        A key whose window opened and closed meanwhile is as little usable as before, and yet it is over.
        """
        turn = one.entry.changes_after(self.store.edition_at(kept.edition) or self.at)
        return turn is not None and turn <= self.at

    def canon(self, ids: Sequence[str]) -> dict[str, Fragment | KeptFragment]:
        """Return the canonical fragments of those issuers of which one is at hand."""
        kept = self._kept_of(NATIVE, ids)
        found = ((i, self.fresh.get((NATIVE, i)) or kept.get(i)) for i in ids)
        return {i: fragment for i, fragment in found if fragment is not None}

    def _kept_of(self, format_id: str, ids: Sequence[str]) -> dict[str, KeptFragment]:
        """Return what the store keeps of those issuers of which nothing is fresh."""
        return self.store.fragments(format_id, [i for i in ids if (format_id, i) not in self.fresh])

    def bodies(self, publisher: Publisher, canon: Canon, scheme: SchemeInfo | None) -> Iterator[bytes]:
        """Yield what a format says of the issuers of `canon`, leaving out those of which it says nothing.

        `scheme` is that of all of them; None where they are of several.
        """
        ids, format_id = list(canon), publisher.format_id
        for start in range(0, len(ids), _CHUNK):
            chunk = ids[start : start + _CHUNK]
            kept = self._kept_of(format_id, chunk)
            for issuer in chunk:
                canonical = canon[issuer]
                fragment = self.fresh.get((format_id, issuer)) or kept.get(issuer)
                if fragment is None or fragment.digest != canonical.digest:
                    fragment = self._made(publisher, canonical, scheme)
                if fragment.body:
                    yield fragment.body

    def _made(
        self, publisher: Publisher, canonical: Fragment | KeptFragment, scheme: SchemeInfo | None
    ) -> Fragment:
        """Make a fragment from the canonical form of an issuer, and keep it."""
        wire = orjson.loads(canonical.body)
        entry = entry_from_wire(wire)
        if scheme is None:
            slug = self._slugs.get(entry.id) or self.store.schemes_of([entry.id])[entry.id]
            scheme = self.schemes[slug].info
        body = publisher.entry(entry, scheme, written_at(wire, entry, self.at)) or b""
        made = Fragment(publisher.format_id, entry.id, canonical.digest, body)
        self.fresh[made.format_id, entry.id] = made
        return made

    def all_bodies(self, publisher: Publisher) -> Iterator[bytes]:
        """Yield what a format says of all issuers of all schemes, by their id."""
        for ids in self.all_ids():
            yield from self.bodies(publisher, self.canon(ids), None)

    def all_ids(self) -> Iterator[list[str]]:
        """Yield the ids of all issuers that are published or fresh, in order, some at a time."""
        fresh = sorted(issuer for format_id, issuer in self.fresh if format_id == NATIVE)
        merged = (i for i, _same in itertools.groupby(heapq.merge(self.store.issuer_ids(), fresh)))
        while ids := list(itertools.islice(merged, _CHUNK)):
            yield ids

    def newer_than(self, edition: int) -> Iterator[tuple[SchemeInfo, bytes]]:
        """Yield scheme and canonical form of every issuer that changed in this round or after an edition, by id."""
        fresh = (issuer for format_id, issuer in self.fresh if format_id == NATIVE)
        newer = sorted(self.store.changed_after(edition).union(fresh))
        for start in range(0, len(newer), _CHUNK):
            canon = self.canon(newer[start : start + _CHUNK])
            slugs = {**self.store.schemes_of(list(canon)), **self._slugs}
            yield from ((self.schemes[slugs[i]].info, fragment.body) for i, fragment in canon.items())
