"""The publisher of `json_family`, in a process of its own: it builds JSON documents and says what that took.

Everything of the first shard is made from entries; the fragments of the others are clones of its fragments, of which only
ids differ. As in a rebuild of the whole registry, all fragments are there before the first list is built. A line on standard
input asks for the lists of one shard, by number, or with 0 for the documents of the whole registry; every line is answered.
"""

import json
import random
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from unittest import mock

from sqlalchemy import select

from registry.domain.trust_list import Entry, ListedIdentity
from registry.editions import EditionChange, Fragment
from registry.models.body import Scheme
from registry.publishers import LISTS_OF_LISTS, PUBLISHERS, Publisher
from registry.publishers.base import JOSE
from registry.publishers.traits import REGISTRY, is_registry_wide
from registry.services.bodies import scheme_info
from registry.services.edition_building import Round, build_edition
from registry.services.list_keys import ensure_registry_key
from registry.services.publication_work import ROUND
from registry.services.publishing_material import Listed, Material, SchemeFacts, Shard
from tests.bench import memory
from tests.bench.growing import create

from support.clock import START
from vectors import sample

FAMILY: Mapping[str, Publisher] = {
    format_id: publisher
    for format_id, publisher in PUBLISHERS.items()
    if publisher.media_type == JOSE or "json" in publisher.media_type
}
"""The list formats whose body is JSON: bare, by lines, or as the payload of a JWS."""


class Rebuild:
    """A registry without issuers in its database, into whose edition store shards of `size` issuers are published."""

    def __init__(self, stack: ExitStack, directory: Path, shards: int, size: int) -> None:
        registry, _path = create(stack, directory)
        self.publishing, self.shards, self.size = registry.publishing, shards, size
        with registry.world() as world:
            scheme = world.session.scalars(select(Scheme).order_by(Scheme.slug)).first()
            assert scheme is not None
            self.slug = scheme.slug
            info = scheme_info(scheme, self.publishing.base_url)
            self.schemes = {scheme.slug: SchemeFacts(info, scheme.body.slug)}
            ensure_registry_key(world.session, self.publishing.keys, self.publishing.operator, at=START)

    def anew(self) -> float:
        """Make fragments and statements of the first shard from entries; return the CPU seconds that it took."""
        entries = list(_entries(self.size))
        rounds = [entries[start : start + ROUND] for start in range(0, self.size, ROUND)]
        return sum(
            self._publish(
                Round(more=True), listed=[Listed(e, self.slug, f"institution-{e.id}") for e in listed]
            )
            for listed in rounds
        )

    def clone(self) -> None:
        """Put the fragments of all other shards into the store."""
        store = self.publishing.store
        kept = [(f, store.fragments(f, _ids(1, self.size))) for f in FAMILY]
        for number in range(2, self.shards + 1):
            fragments = (
                Fragment(
                    f, _of_shard(one.issuer_id, number), one.digest, _cloned(one.body, one.issuer_id, number)
                )
                for f, of_format in kept
                for one in of_format.values()
            )
            at = START + timedelta(seconds=store.number() + 1)
            store.apply(EditionChange(store.number() + 1, at, (), fragments_put=tuple(fragments)))

    def lists(self, number: int) -> float:
        """Build the lists of one shard from kept fragments; return the CPU seconds that it took."""
        formats = {f for f, publisher in FAMILY.items() if not is_registry_wide(publisher)}
        work = Round(wanted={(self.slug, number): formats}, more=True)
        return self._publish(work, members={(self.slug, number): _ids(number, self.size)})

    def whole(self) -> float:
        """Build the documents of the whole registry; return the CPU seconds that it took."""
        wide = {f for f, publisher in FAMILY.items() if is_registry_wide(publisher)}
        return self._publish(Round(wanted={(REGISTRY, 1): wide | LISTS_OF_LISTS.keys()}))

    def _publish(
        self,
        work: Round,
        *,
        listed: Sequence[Listed] = (),
        members: Mapping[Shard, Sequence[str]] | None = None,
    ) -> float:
        """Do what the publisher does between reading the write database and noting there what it did."""
        at = START + timedelta(seconds=self.publishing.store.number() + 1)
        material = Material(self.schemes, listed, {}, members or {}, {self.slug: self.shards}, ())
        before = time.process_time()
        change = build_edition(self.publishing, material, work, at)
        self.publishing.store.apply(change)
        spent = time.process_time() - before
        failed = [one.error for one in change.rework if one.error]
        if failed:
            raise SystemExit(f"bench: {failed[0]}")
        return spent


def _entries(count: int) -> Iterator[Entry]:
    """Yield issuers whose ids, keys and numbers are their own; every second one has a DID beside its certificate."""
    chance = random.Random(1)  # the same invented issuers each time
    for number, issuer in enumerate(_ids(1, count)):
        tag = f"{chance.getrandbits(40):010x}"
        keys: list[ListedIdentity] = [sample.x509(number)]
        if number % 2:
            keys.append(replace(sample.did(number), value=f"did:web:{issuer}.example"))
        decision = f"{chance.getrandbits(128):032x}"
        plain = sample.entry(number, [sample.grant(number, decision_id=decision)], keys)
        yield replace(
            plain,
            id=issuer,
            slug=f"college-{tag}",
            identifiers=(("schac", f"{tag}.example"), *plain.identifiers[1:]),
            website=f"https://{tag}.example/",
        )


def _ids(shard: int, count: int) -> list[str]:
    """Return the ids of the issuers of a shard in order, which are those of the first shard but for their beginning."""
    chance = random.Random(2)
    return sorted(f"{shard:08x}-{chance.getrandbits(96):024x}" for _ in range(count))


def _of_shard(issuer: str, shard: int) -> str:
    return f"{shard:08x}{issuer[8:]}"


def _cloned(body: bytes, issuer: str, shard: int) -> bytes:
    return body.replace(issuer.encode(), _of_shard(issuer, shard).encode())


def main() -> None:
    """Make the fragments, then answer."""
    directory, shards, size = sys.argv[1:]
    with ExitStack() as stack:
        stack.enter_context(mock.patch.dict(PUBLISHERS, FAMILY, clear=True))
        rebuild = Rebuild(stack, Path(directory), int(shards), int(size))
        _answer(rebuild.anew())
        rebuild.clone()
        for line in sys.stdin:
            memory.forget_peak()
            number = int(line)
            _answer(rebuild.lists(number) if number else rebuild.whole())


def _answer(cpu: float) -> None:
    sys.stdout.write(json.dumps({"cpu": cpu, "memory": memory.peak()}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
