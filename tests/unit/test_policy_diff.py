"""What changes between two versions of a policy, which way it goes, and which groups it touches."""

import re
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any, get_args, get_type_hints

import orjson
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from registry.cli.policies import policies as policies_command
from registry.domain.explaining import condition_text
from registry.domain.policy import Criterion, Not, Policy
from registry.domain.policy_diff import Change, Kind, Part, diff
from registry.domain.policy_diff_wire import diff_to_wire
from registry.domain.policy_transition import CASES, RECOGNITIONS, CaseFate, case_fate, reassess
from registry.domain.policy_ways import WAYS, Way
from registry.domain.trust_list import Text
from registry.domain.workflow import EDITABLE_STATES, State
from registry.policy_files import available, load_policy, problems_of, schema
from registry.policy_files.editing import section_text, sections, tidy, with_section, with_word
from registry.web.labels import LABELS
from registry.web.sentences import POLISH, sentence
from registry.web.words.policy_keys import KEYS
from registry.web.words.policy_values import VALUES

LOADED = tuple(available(None).values())
POLICIES = tuple(one.policy for one in LOADED)
policies = st.sampled_from(POLICIES)


def changed(policy: Policy, number: int = 0, **values: Any) -> Policy:
    """Return the policy with one criterion changed."""
    criteria = list(policy.criteria)
    criteria[number] = replace(criteria[number], **values)
    return replace(policy, criteria=tuple(criteria))


def only(old: Policy, new: Policy) -> Change:
    (change,) = diff(old, new).changes
    return change


@given(policies)
def test_a_policy_does_not_differ_from_itself(policy: Policy) -> None:
    assert diff(policy, policy).changes == ()


@given(policies, policies)
def test_back_and_forth_are_mirrored(old: Policy, new: Policy) -> None:
    there, back = diff(old, new).changes, diff(new, old).changes
    mirrored = {Kind.ADDED: Kind.REMOVED, Kind.REMOVED: Kind.ADDED, Kind.CHANGED: Kind.CHANGED}
    opposite = {Way.TIGHTENS: Way.LOOSENS, Way.LOOSENS: Way.TIGHTENS}
    assert {(c.path, mirrored[c.kind], opposite.get(c.way, c.way)) for c in there} == {
        (c.path, c.kind, c.way) for c in back
    }


@given(policies, st.data())
def test_a_criterion_taken_out_is_one_change(policy: Policy, data: st.DataObject) -> None:
    gone = data.draw(st.sampled_from(policy.criteria))
    less = replace(policy, criteria=tuple(c for c in policy.criteria if c != gone))
    change = only(policy, less)
    assert (change.kind, change.path, change.groups) == (Kind.REMOVED, ("criteria", gone.id), (gone.group,))
    assert (change.way, only(less, policy).way) == (Way.LOOSENS, Way.TIGHTENS)
    assert diff(policy, less).criteria(Kind.REMOVED) == (gone.id,)


@given(policies, st.randoms(use_true_random=False))
def test_the_order_of_criteria_is_no_change(policy: Policy, random: Any) -> None:
    criteria = list(policy.criteria)
    random.shuffle(criteria)
    assert diff(policy, replace(policy, criteria=tuple(criteria))).changes == ()


def test_the_order_of_rules_is_one() -> None:
    policy = POLICIES[0]
    turned = replace(policy, decision=replace(policy.decision, rules=policy.decision.rules[::-1]))
    change = only(policy, turned)
    assert (change.part, change.path[-1], change.way) == (Part.RULES, "order", Way.UNCLEAR)


def _flipped(criterion: Criterion) -> dict[str, Any]:
    return {"knock_out": not criterion.knock_out}


def _older(criterion: Criterion) -> dict[str, Any]:
    first = replace(criterion.evidence[0], max_age_days=10)
    return {"evidence": (first, *criterion.evidence[1:])}


@pytest.mark.parametrize(
    ("change", "way", "path"),
    [
        (lambda c: {"knock_out": True}, Way.TIGHTENS, "knock_out"),
        (_older, Way.TIGHTENS, "max_age_days"),
        (lambda c: {"weight": c.weight + 1}, Way.NEUTRAL, "weight"),
        (lambda c: {"title": Text.of(en="Other", pl="Inny")}, Way.EDITORIAL, "title"),
        (lambda c: {"requirement": Text.of(en="Other words", pl="Inne")}, Way.UNCLEAR, "requirement"),
        (
            lambda c: {"not_applicable_when": Text.of(en="Never", pl="Nigdy")},
            Way.LOOSENS,
            "not_applicable_when",
        ),
    ],
)
def test_each_kind_of_change_goes_its_way(
    change: Callable[[Criterion], dict[str, Any]], way: Way, path: str
) -> None:
    old = changed(POLICIES[0], knock_out=False, not_applicable_when=None)
    old = changed(old, evidence=tuple(replace(e, max_age_days=None) for e in old.criteria[0].evidence))
    found = only(old, changed(old, **change(old.criteria[0])))
    assert (found.way, found.path[-1], found.item) == (way, path, old.criteria[0].id)


def test_the_same_words_with_other_punctuation_are_editorial() -> None:
    policy = POLICIES[0]
    requirement = policy.criteria[0].requirement.as_dict()
    other = Text.of(**{language: f"{text} !" for language, text in requirement.items()})
    assert only(policy, changed(policy, requirement=other)).way is Way.EDITORIAL


def test_a_scale_touches_the_groups_that_use_it() -> None:
    policy = POLICIES[0]
    scale = policy.rating_scales[0]
    other = replace(
        scale, values=(replace(scale.values[0], label=Text.of(en="X", pl="Y")), *scale.values[1:])
    )
    change = only(policy, replace(policy, rating_scales=(other, *policy.rating_scales[1:])))
    assert change.groups == tuple(sorted({c.group for c in policy.criteria if c.scale == scale.id}))


@pytest.mark.parametrize("pattern", sorted(WAYS))
def test_every_key_whose_way_is_known_exists(pattern: str) -> None:
    kind: Any = Policy
    for key in pattern.split("."):
        if key == "*":
            kind = next(k for k in get_args(kind) if is_dataclass(k))
            continue
        hint = get_type_hints(kind)[key]
        inner = [k for k in get_args(hint) if is_dataclass(k) and k is not Text]
        kind = hint if key in {f.name for f in fields(kind)} and get_args(hint) else (inner or [hint])[0]
        optional = [k for k in get_args(kind) if is_dataclass(k) and type(None) in get_args(kind)]
        kind = optional[0] if optional else kind


def test_a_comparison_is_plain_data() -> None:
    wire = diff_to_wire(diff(POLICIES[0], POLICIES[1]))
    assert orjson.loads(orjson.dumps(wire))["changes"]


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: f"{policy.id} {policy.version}")
def test_every_rule_can_be_said_in_both_languages(policy: Policy) -> None:
    for rule in policy.decision.rules:
        said = condition_text(policy, Not(rule.when)).as_dict()
        assert said["en"].startswith("not: ")
        assert said["pl"].startswith("nie zachodzi: ")


@pytest.mark.parametrize("word", ["cases_in_progress", "existing_recognitions"])
def test_the_transition_tables_know_the_words_of_the_schema(word: str) -> None:
    defs: Any = schema()["$defs"]
    allowed = defs["policy"]["properties"]["transition"]["properties"][word]["enum"]
    assert set(allowed) == set({"cases_in_progress": CASES, "existing_recognitions": RECOGNITIONS}[word])


@pytest.mark.parametrize("state", State)
def test_nothing_moves_under_whoever_has_handed_in(state: State) -> None:
    rule = replace(POLICIES[0].identity.transition, cases_in_progress="must_migrate")
    assert (case_fate(rule, state) is CaseFate.MOVES) == (state in EDITABLE_STATES)


def test_grace_counts_in_days_from_the_start() -> None:
    policy = POLICIES[0]
    rule = replace(policy.identity.transition, existing_recognitions="reassess_within_grace", grace_days=30)
    again = reassess(rule, policy.identity.effective_from)
    assert again is not None
    assert again.due_on is not None
    assert (again.due_on - policy.identity.effective_from).days == 30


@pytest.mark.parametrize("loaded", LOADED, ids=lambda one: " ".join(one.key))
def test_a_section_put_back_leaves_the_file_as_it_was(loaded: Any) -> None:
    text = loaded.source.decode()
    found = sections(text)
    assert sum(s.name.startswith("criteria.") for s in found) == len(loaded.policy.criteria)
    assert {s.name for s in found if "." not in s.name} >= {"policy", "criteria", "tests", "publication"}
    for section in found:
        assert with_section(text, section.name, section_text(text, section.name)) == text


@pytest.mark.parametrize("loaded", LOADED, ids=lambda one: " ".join(one.key))
def test_one_word_changes_and_no_other_byte(loaded: Any) -> None:
    other = with_word(loaded.source, ("policy", "version"), "7.8.9")
    assert load_policy(other).policy.version == "7.8.9"
    assert with_word(other, ("policy", "version"), loaded.policy.version) == loaded.source


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
def test_text_of_a_form_becomes_a_file_once_and_for_all(typed: str) -> None:
    once = tidy(typed)
    assert tidy(once.decode()) == once
    assert b"\r" not in once
    assert not once or once.endswith(b"\n")


def test_names_of_keys_are_there_in_both_languages() -> None:
    assert all(set(text.as_dict()) == {"en", "pl"} and all(text.as_dict().values()) for text in KEYS.values())


BROKEN = (
    b"", b"a: &x 1", b"a: *x", b"a: !t 1", b"a: 1\n---\nb: 2", b"? [a]\n: 1", b"a: 1\na: 2", b"a: [", b"\xff",
    LOADED[0].source.replace(b"criteria_groups:", b"criteria_group:", 1),
    LOADED[0].source.replace(b"status: adopted", b"status: adoptd", 1),
    LOADED[0].source.replace(b"status: adopted", b"status: [1]", 1),
    LOADED[0].source.replace(b"weight: 2", b"weight: -2", 1),
    LOADED[0].source.replace(b"weight: 2", b"weight: heavy", 1),
    LOADED[0].source.replace(b"weight: 2", b"weight: 0", 1),
    LOADED[0].source.replace(b"knock_out: true", b"knock_out: yes", 1),
    LOADED[0].source.replace(b"outcome: refuse", b"outcome: refused", 1),
    LOADED[0].source.replace(b"op: \">\"", b"op: \"=>\"", 1),
    LOADED[0].source.replace(b"effective_from: \"2025-01-01\"", b"effective_from: \"1.1.2025\"", 1),
)  # fmt: skip


@pytest.mark.parametrize("number", range(len(BROKEN)))
def test_what_checking_says_has_its_polish(number: int) -> None:

    problems = problems_of(BROKEN[number])[1]
    assert problems
    for problem in problems:
        assert any(re.fullmatch(pattern, problem.message) for pattern in POLISH), problem.message
        assert sentence(problem.message)


def test_the_command_compares_two_files(tmp_path: Path) -> None:
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.write_bytes(LOADED[0].source)
    new.write_bytes(LOADED[0].source.replace(b"knock_out: true", b"knock_out: false", 1))
    told = CliRunner().invoke(policies_command, ["diff", str(old), str(new)])
    assert told.exit_code == 0, told.output
    assert "changed  loosens   criteria." in told.output
    assert "True -> False" in told.output
    assert told.output.endswith("1 change.\n")
    same = CliRunner().invoke(policies_command, ["diff", str(old), str(old), "--json"])
    assert orjson.loads(same.output)["changes"] == []


TECHNICAL = {
    *("bcp_47", "eqf", "isced_f_2013", "iso_3166_1_alpha_2", "registry_credential_types"),
    *("registry_delivery_modes", "count", "share", "points_percent", "knock_outs_failed", "unrated", "value"),
}
"""Names of code lists, and measures that are shown as sentences."""


def closed_words(node: object) -> set[str]:
    """Return every word of the enumerations in the schema of policy files."""
    if isinstance(node, list):
        return {word for one in node for word in closed_words(one)}
    if not isinstance(node, dict):
        return set()
    own = node.get("enum") if isinstance(node.get("enum"), list) else []
    words = {word for word in own or [] if isinstance(word, str) and re.fullmatch(r"[a-z_0-9]+", word)}
    return words | {word for one in node.values() for word in closed_words(one)}


def test_every_closed_word_of_a_policy_file_is_shown_in_words() -> None:
    labelled = {member for members in LABELS.values() for member in members}
    assert closed_words(schema()) - set(VALUES) - labelled - TECHNICAL == set()
    assert {word for word, told in VALUES.items() if not (told["en"] and told["pl"])} == set()
