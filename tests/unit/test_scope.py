"""Scope: a set of grants that means a set of questions."""

import random
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.domain import isced
from registry.domain.countries import COUNTRIES
from registry.domain.scope import (
    CredentialType,
    Dimension,
    Grant,
    Level,
    LevelMark,
    MatchOutcome,
    Mode,
    Question,
    Scope,
    parse_scope,
    scope_to_wire,
)
from registry.errors import InvalidInput

MICRO = CredentialType.MICRO_CREDENTIAL
BADGE = CredentialType.BADGE_WITH_ASSESSMENT
REFERENCED = LevelMark.FRAMEWORK_REFERENCED


def grant(
    *fields, types=(MICRO,), countries=("PL",), levels=(), modes=(), languages=(), programmes=(), ects=None
):
    return Grant(
        fields=frozenset(fields),
        credential_types=frozenset(types),
        countries=frozenset(countries),
        levels=frozenset(levels),
        modes=frozenset(modes),
        languages=frozenset(languages),
        programmes=frozenset(programmes),
        max_ects=ects,
    )


def ask(field="0613", **more):
    return Question(**{"field": field, "credential_type": MICRO, "country": "PL", **more})


FIELDS = ["06", "061", "0611", "0613", "068", "0688", "042", "0421", "04"]
LEVELS = [Level(5), Level(5, REFERENCED), Level(7), Level(7, REFERENCED)]
LANGUAGES = ["pl", "en"]
WORKLOADS = [Decimal(5), Decimal(30)]


def some(values, at_least):
    return st.frozensets(st.sampled_from(values), min_size=at_least, max_size=3)


grants = st.builds(
    Grant,
    fields=some(FIELDS, 1),
    credential_types=some([MICRO, BADGE], 1),
    countries=some(["PL", "DE"], 1),
    levels=some(LEVELS, 0),
    modes=some([Mode.ONLINE, Mode.BLENDED], 0),
    languages=some(LANGUAGES, 0),
    programmes=some(["Welding"], 0),
    max_ects=st.sampled_from([None, *WORKLOADS]),
)
scopes = st.lists(grants, max_size=4).map(lambda items: Scope(tuple(items)))
questions = st.builds(
    Question,
    field=st.sampled_from([None, *FIELDS, "0911"]),
    level=st.sampled_from([None, *LEVELS, Level(3)]),
    credential_type=st.sampled_from([None, MICRO, BADGE]),
    country=st.sampled_from([None, "PL", "DE", "FR"]),
    mode=st.sampled_from([None, *Mode]),
    language=st.sampled_from([None, *LANGUAGES, "lt"]),
    programme=st.sampled_from([None, "Welding", "Baking"]),
    ects=st.sampled_from([None, Decimal(2), Decimal(5), Decimal(6), Decimal(31)]),
)


class TestAlgebra:
    @given(scopes, scopes)
    @settings(max_examples=40)
    def test_intersection_is_commutative_and_lies_in_both(self, a, b):
        both = a.intersect(b)
        assert both == b.intersect(a)
        assert a.covers(both)
        assert b.covers(both)

    @given(scopes)
    @settings(max_examples=40)
    def test_a_scope_with_itself_stays_what_it_is(self, a):
        assert a.intersect(a) == a.normal() == a.union(a)

    @given(scopes, scopes, scopes)
    @settings(max_examples=30)
    def test_intersection_distributes_over_union(self, a, b, c):
        assert a.intersect(b.union(c)) == a.intersect(b).union(a.intersect(c))

    @given(scopes, scopes)
    @settings(max_examples=40)
    def test_containment_is_what_union_and_intersection_say(self, a, b):
        assert a.covers(b) == (a.union(b) == a.normal()) == (a.intersect(b) == b.normal())

    @given(scopes, scopes, scopes)
    @settings(max_examples=30)
    def test_containment_is_a_partial_order(self, a, b, c):
        assert a.covers(a)
        assert (a.covers(b) and b.covers(a)) == a.equivalent(b)
        assert a.union(b).union(c).covers(a.union(b))
        assert not (a.covers(b) and b.covers(c)) or a.covers(c)

    @given(scopes)
    @settings(max_examples=40)
    def test_the_canonical_form_is_its_own_and_independent_of_order(self, a):
        assert a.normal().normal() == a.normal()
        assert Scope(a.grants[::-1] + a.grants).normal() == a.normal()

    @given(scopes, scopes, questions)
    @settings(max_examples=120)
    def test_containment_agrees_with_every_single_question(self, a, b, question):
        assert a.union(b).covers(question) >= (a.covers(question) or b.covers(question))
        assert a.normal().covers(question) == a.covers(question)
        assert a.intersect(b).covers(question) == (a.covers(question) and b.covers(question))
        if a.covers(b):
            assert a.covers(question) >= b.covers(question)

    @given(scopes)
    @settings(max_examples=40)
    def test_the_wire_form_comes_back_as_it_went(self, a):
        assert parse_scope(scope_to_wire(a)) == a

    def test_two_ways_to_draw_one_shape_have_one_canonical_form(self):
        wide = Scope((grant("06", "042", levels=[Level(5)]), grant("06", levels=[Level(7)])))
        tall = Scope((grant("06", levels=[Level(5), Level(7)]), grant("042", levels=[Level(5)])))
        assert wide != tall
        assert wide.normal() == tall.normal()

    def test_disjoint_limits_leave_nothing_rather_than_no_limit(self):
        online, on_site = (
            Scope((grant("06", modes=[Mode.ONLINE]),)),
            Scope((grant("06", modes=[Mode.ON_SITE]),)),
        )
        assert online.intersect(on_site) == Scope(())

    def test_all_children_of_a_field_are_the_field(self):
        assert Scope((grant(*isced.children("06")),)).equivalent(Scope((grant("06"),)))
        assert Scope((grant("0421"),)).normal() == Scope((grant("042"),))

    def test_many_random_grants_are_still_put_in_order(self):
        codes = isced.codes(3)
        many = [
            grant(
                *codes[i : i + 9],
                levels=[Level(1 + i % 8)],
                countries=["PL", "DE"][: 1 + i % 2],
                ects=WORKLOADS[i % 2],
            )
            for i in range(20)
        ]
        assert Scope(tuple(many)).normal().equivalent(Scope(tuple(many)))

    def test_grants_entangled_beyond_reading_are_refused_rather_than_unfolded(self):
        chance = random.Random(3)
        languages = [f"a{letter}" for letter in "abcdef"]
        tangled = tuple(
            grant(
                *chance.sample(isced.codes(4), 60),
                levels=chance.sample([Level(v, mark) for v in range(1, 9) for mark in LevelMark], 6),
                countries=chance.sample(sorted(COUNTRIES), 30),
                languages=chance.sample(languages, 3),
            )
            for _ in range(40)
        )
        with pytest.raises(InvalidInput, match="fewer grants"):
            Scope(tangled).normal()


class TestQuestions:
    def test_a_broad_field_covers_the_narrower(self):
        assert Scope((grant("06"),)).covers(ask("0613"))
        assert Scope((grant("061"),)).covers(ask("0613"))
        assert not Scope((grant("0613"),)).covers(ask("06"))

    def test_grants_cover_a_broad_field_together(self):
        scope = Scope((grant("061", levels=[Level(5)]), grant("068")))
        assert scope.matches(ask("06", level=Level(5))).grants == (0, 1)
        assert not scope.covers(ask("06", level=Level(6)))

    @pytest.mark.parametrize(
        ("granted", "asked", "covered"),
        [
            ([Level(5)], Level(5), True),
            ([Level(5)], Level(5, REFERENCED), False),
            ([Level(5, REFERENCED)], Level(5), True),
            ([Level(5, REFERENCED)], Level(5, REFERENCED), True),
            ([Level(5)], Level(6), False),
            ([], Level(6), True),
            ([], Level(6, REFERENCED), False),
        ],
    )
    def test_a_referenced_level_is_the_stronger_claim(self, granted, asked, covered):
        assert Scope((grant("06", levels=granted),)).covers(ask(level=asked)) is covered

    def test_what_a_grant_limits_a_question_must_state(self):
        match = Scope((grant("06", levels=[Level(5)], languages=["pl"]),)).matches(ask(language="pl"))
        assert match.outcome is MatchOutcome.QUESTION_INCOMPLETE
        assert match.missing == {Dimension.LEVEL}

    def test_what_lies_outside_every_grant_is_no_match_and_the_nearest_says_why(self):
        scope = Scope((grant("042", countries=["DE"]), grant("06", countries=["DE"])))
        match = scope.matches(ask("0613"))
        assert match.outcome is MatchOutcome.NO_MATCH
        assert (match.nearest.grant, match.failed) == (1, {Dimension.COUNTRY})

    def test_a_failed_dimension_outweighs_a_missing_one(self):
        scope = Scope((grant("06", countries=["DE"], levels=[Level(5)]),))
        assert scope.matches(ask()).outcome is MatchOutcome.NO_MATCH

    def test_an_empty_scope_matches_nothing(self):
        assert Scope(()).matches(ask()).outcome is MatchOutcome.NO_MATCH

    def test_a_workload_above_the_limit_is_outside(self):
        scope = Scope((grant("06", ects=Decimal(30)),))
        assert scope.covers(ask(ects=Decimal(30)))
        assert scope.matches(ask(ects=Decimal("30.5"))).failed == {Dimension.ECTS}

    def test_an_unknown_field_is_in_no_scope(self):
        assert not Scope((grant(*isced.codes(2)),)).covers(ask("0777"))


GOOD = {"fields": ["06"], "credential_types": ["micro_credential"], "countries": ["EL", "pl", "UK"]}


class TestWireForm:
    def test_optional_dimensions_may_be_left_out_and_eu_country_codes_are_iso_codes(self):
        scope = parse_scope({"grants": [GOOD]})
        assert scope == Scope((grant("06", countries=["GR", "PL", "GB"]),))
        assert scope_to_wire(scope)["grants"][0]["countries"] == ["GB", "GR", "PL"]

    @pytest.mark.parametrize(
        ("change", "path"),
        [
            ({"fields": []}, "grants.0.fields"),
            ({"fields": ["6"]}, "grants.0.fields.0"),
            ({"fields": "06"}, "grants.0.fields"),
            ({"fields": [6]}, "grants.0.fields.0"),
            ({"countries": ["PL", "XX"]}, "grants.0.countries.1"),
            ({"credential_types": ["diploma"]}, "grants.0.credential_types.0"),
            ({"levels": [{"value": 9, "mark": "claimed"}]}, "grants.0.levels.0"),
            ({"levels": [{"value": True}]}, "grants.0.levels.0"),
            ({"levels": [5]}, "grants.0.levels.0"),
            ({"levels": [{"value": 5, "mark": "granted"}]}, "grants.0.levels.0"),
            ({"modes": ["by_post"]}, "grants.0.modes.0"),
            ({"languages": ["polish"]}, "grants.0.languages.0"),
            ({"programmes": [""]}, "grants.0.programmes.0"),
            ({"max_ects": 0}, "grants.0.max_ects"),
            ({"max_ects": "many"}, "grants.0.max_ects"),
            ({"max_ects": float("nan")}, "grants.0.max_ects"),
            ({"max_ects": True}, "grants.0.max_ects"),
            ({"colour": "red"}, "grants.0.colour"),
        ],
    )
    def test_each_problem_names_its_path(self, change, path):
        with pytest.raises(InvalidInput) as caught:
            parse_scope({"grants": [GOOD | change]})
        assert path in caught.value.by_field()

    @pytest.mark.parametrize(
        "wire", [None, [], {}, {"grants": {}}, {"grants": [], "more": 1}, {"grants": [{}] * 41}]
    )
    def test_what_is_no_scope_is_refused(self, wire):
        with pytest.raises(InvalidInput, match="scope"):
            parse_scope(wire)

    def test_all_problems_are_named_at_once(self):
        with pytest.raises(InvalidInput) as caught:
            parse_scope({"grants": [{"fields": ["06"]}, {"countries": ["PL"], "fields": ["x"]}]})
        assert set(caught.value.by_field()) == {
            "grants.0.credential_types",
            "grants.0.countries",
            "grants.1.credential_types",
            "grants.1.fields.0",
        }


class TestFieldsOfEducation:
    def test_all_220_codes_have_names_in_english_and_polish(self):
        assert len(isced.codes()) == 220
        assert all(isced.label(code, language) for code in isced.codes() for language in ("en", "pl"))
        assert isced.label("0613", "pl") == "Tworzenie i analiza oprogramowania i aplikacji"

    def test_parents_are_the_prefixes(self):
        assert isced.parents("0613") == ("06", "061")
        assert isced.parents("06") == ()

    def test_an_unknown_code_is_refused_with_an_example(self):
        with pytest.raises(InvalidInput, match="such as 06"):
            isced.label("6", "en")
