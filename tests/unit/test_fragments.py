"""Kept fragments: used while nothing changed, made anew when something did, even where the words came back."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from registry.domain.trust_list import Entry, entry_to_wire
from registry.editions import EditionChange, EditionStore, issuer_record
from registry.publishers import PUBLISHERS
from registry.services.fragments import Fragments
from registry.services.publishing_material import Listed, SchemeFacts

from vectors import sample

SCHEMES = {sample.SCHEME.slug: SchemeFacts(sample.SCHEME, "body")}
AT = sample.ISSUED_AT
DAY = timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EditionStore]:
    with EditionStore(tmp_path / "editions") as store:
        yield store


def entry(**window: datetime) -> Entry:
    plain = sample.entry(1, [sample.grant(1)], [])
    return replace(plain, identities=(replace(sample.did(1), **window),))


def refresh(store: EditionStore, one: Entry, at: datetime) -> tuple[Fragments, bool]:
    """Make fragments as a round does, keep them as an edition does, and say whether there was anything to make."""
    fragments = Fragments(store, SCHEMES, at)
    listed = Listed(one, sample.SCHEME.slug, "institution")
    fragments.look_up([listed])
    moved = fragments.refresh(listed, fragments.canonical(listed), anew=False)
    record = issuer_record(entry_to_wire(one, at), scheme=listed.scheme, institution_id=listed.institution)
    puts = tuple(fragments.fresh.values())
    store.apply(EditionChange(store.number() + 1, at, issuers_put=(record,), fragments_put=puts))
    return fragments, moved


def test_what_did_not_change_keeps_its_fragments(store: EditionStore) -> None:
    assert refresh(store, entry(), AT)[1] is True
    fragments, moved = refresh(store, entry(), AT + DAY)
    assert (moved, fragments.fresh) == (False, {})


def test_a_key_whose_time_came_and_went_while_nobody_published_makes_fragments_anew(
    store: EditionStore,
) -> None:
    one = entry(valid_from=AT + DAY, valid_to=AT + 2 * DAY)
    refresh(store, one, AT)
    assert refresh(store, one, AT + DAY / 2)[1] is False
    fragments, moved = refresh(store, one, AT + 3 * DAY)
    assert moved is True
    # The canonical form says "not usable" before and after; the register tells a key to come from one that is over.
    assert not [key for key in fragments.changed if key[0] == "native_json"]
    register = PUBLISHERS["lote_register"]
    before, after = (register.entry(one, sample.SCHEME, at) for at in (AT, AT + 3 * DAY))
    assert before != after
    assert fragments.fresh["lote_register", one.id].body == after
