"""What a successor holds after a merger or a split: never more than what was held, never for longer."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from registry.domain.institution_events import FATES, EventKind, Fate, Holding, carried
from registry.domain.recognition import Status
from registry.domain.scope import CredentialType, Grant, Level, LevelMark, Scope
from registry.domain.terms import Terms, check_terms, parse_terms, terms_to_wire

START = datetime(2026, 1, 1, tzinfo=UTC)
GRANTS = st.builds(
    Grant,
    fields=st.sets(st.sampled_from(["06", "061", "0613", "09", "0913", "04"]), min_size=1).map(frozenset),
    levels=st.sets(st.sampled_from([5, 6, 7])).map(
        lambda values: frozenset(Level(value, LevelMark.CLAIMED) for value in values)
    ),
    credential_types=st.just(frozenset({CredentialType.MICRO_CREDENTIAL})),
    countries=st.sets(st.sampled_from(["PL", "IE"]), min_size=1).map(frozenset),
)
SCOPES = st.lists(GRANTS, min_size=1, max_size=2).map(lambda grants: Scope(tuple(grants)))
HOLDINGS = st.builds(
    Holding,
    SCOPES,
    st.integers(1, 900).map(lambda days: START + timedelta(days=days)),
    st.sampled_from([Status.ACTIVE, Status.ACTIVE_WITH_CONDITIONS]),
)


@given(HOLDINGS, st.none() | SCOPES, st.none() | HOLDINGS)
def test_carrying_over_never_widens_nor_prolongs(
    giving: Holding, part: Scope | None, held: Holding | None
) -> None:
    result = carried(giving, part, held)
    together = giving.scope if held is None else giving.scope.union(held.scope)
    assert together.covers(result.scope)
    if part is not None and held is None:
        assert part.covers(result.scope)
    ends = {one.valid_until for one in (giving, held) if one is not None}
    assert result.valid_until in ends
    if held is None or result != held:
        assert result.valid_until == min(end for end in ends if end is not None)


@given(HOLDINGS, HOLDINGS)
def test_a_successor_loses_nothing_that_it_held(giving: Holding, held: Holding) -> None:
    assert carried(giving, None, held).scope.covers(held.scope)


@given(HOLDINGS, HOLDINGS)
def test_conditions_are_not_shed_by_merging(giving: Holding, held: Holding) -> None:
    result = carried(giving, None, held)
    if result is not held and Status.ACTIVE_WITH_CONDITIONS in {giving.status, held.status}:
        assert result.status is Status.ACTIVE_WITH_CONDITIONS


def test_a_split_carries_nothing_over_unless_somebody_decides_so() -> None:
    assert FATES[EventKind.SPLIT][0] is Fate.END
    assert Fate.CARRY_OVER not in FATES[EventKind.SPLIT]


TERMS = st.builds(
    Terms,
    teach_out_until=st.none() | st.dates(),
    records_kept_by=st.sampled_from(["", "State Archive"]),
    status_service_kept_by=st.sampled_from(["", "The agency"]),
    remedy=st.sampled_from([(), (("en", "Free assessment"), ("pl", "Bezpłatny egzamin"))]),
    successors=st.lists(st.uuids().map(str), max_size=2).map(tuple),
)


@given(TERMS)
def test_terms_survive_their_wire_form(terms: Terms) -> None:
    assert parse_terms(terms_to_wire(terms)) == terms


def test_terms_say_what_is_wrong_at_each_field() -> None:
    wire = {"remedy": {"en": "Only English"}, "records_kept_by": "x" * 300, "surprise": 1}
    found = {p.field for p in check_terms(wire, {"status_service_kept_by"})}
    assert found == {"remedy", "records_kept_by", "status_service_kept_by", "surprise"}
    late = check_terms({"teach_out_until": "2025-12-31"}, (), not_before=START.date())
    assert [p.field for p in late] == ["teach_out_until"]
    assert [p.field for p in check_terms({"teach_out_until": "soon"}, ())] == ["teach_out_until"]
