"""Policy files are read strictly, every problem at once with its place, and a released version never changes."""

import dataclasses
import json
import random
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from registry.cli.policies import policies
from registry.domain.policy import Metric
from registry.domain.policy_vectors import run_vectors
from registry.domain.recognition import Effect
from registry.errors import InvalidInput
from registry.policy_files import (
    LOCK_NAME,
    available,
    load_all,
    load_policy,
    lock_line,
    policy_paths,
    problems_of,
    read_lock,
    schema,
    sha256_of,
)
from registry.policy_files.checking import check_file, check_paths
from registry.policy_files.reading import parse_strict
from registry.resources import data_dir

DIRECTORY = data_dir("policies")
ESG = DIRECTORY / "esg-part1-microcredential-issuer" / "1.0.0.yaml"
EU = DIRECTORY / "eu-microcredential-recommendation-2022" / "1.0.0.yaml"
SOURCE = ESG.read_text(encoding="utf-8")


def edited(*changes: tuple[str, str]) -> bytes:
    """Return the first policy with each text replaced once; a text that is not there fails the test."""
    text = SOURCE
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text.encode()


def problems(*changes: tuple[str, str]) -> list[tuple[str, str]]:
    """Return (key path, message) of what is wrong with the edited policy."""
    return [(problem.key, problem.message) for problem in problems_of(edited(*changes))[1]]


def line_of(source: bytes, text: str) -> int:
    """Return the number of the first line that holds the text."""
    return next(n for n, line in enumerate(source.decode().splitlines(), start=1) if text in line)


def folder(tmp_path: Path, source: bytes = SOURCE.encode(), *, released: bool = True) -> Path:
    """Return a directory of one policy with its lock file."""
    directory = tmp_path / "policies"
    (directory / ESG.parent.name).mkdir(parents=True)
    (directory / ESG.parent.name / "1.0.0.yaml").write_bytes(source)
    if released:
        (directory / LOCK_NAME).write_text(lock_line(load_policy(ESG)) + "\n", encoding="utf-8")
    return directory


@pytest.mark.parametrize("path", [ESG, EU], ids=["esg", "eu"])
def test_a_released_policy_loads_and_is_named_by_its_exact_bytes(path: Path) -> None:
    loaded = load_policy(path)
    assert loaded.source == path.read_bytes()
    assert loaded.sha256 == sha256_of(path.read_bytes()) == read_lock(DIRECTORY)[loaded.key]
    assert load_policy(loaded.source) == loaded


def test_everything_in_the_files_reaches_the_value() -> None:
    assert [(len(p.policy.criteria), len(list(p.policy.evidence_items()))) for p in available().values()] == [
        *[(15, 32)] * 2,
        *[(34, 58)] * 2,
    ]


def test_the_schema_is_sound_and_every_object_in_it_is_closed() -> None:
    Draft202012Validator.check_schema(dict(schema()))
    open_objects = []

    def walk(node: object, path: str) -> None:
        if isinstance(node, dict):
            if node.get("type") == "object" and node.get("additionalProperties") is not False:
                open_objects.append(path)
            for key, value in node.items():
                walk(value, f"{path}/{key}")
        elif isinstance(node, list):
            for index, value in enumerate(node):
                walk(value, f"{path}/{index}")

    walk(schema(), "")
    assert open_objects == []


@pytest.mark.parametrize(
    ("old", "new", "key", "message"),
    [
        (
            "  status: adopted\n",
            "  status: adopted\n  colour: red\n",
            "policy.colour",
            "unknown key `colour`",
        ),
        (
            "weight: 0\n    knock_out: true",
            "weigth: 0\n    knock_out: true",
            "criteria.0.weigth",
            "did you mean `weight`?",
        ),
        ("  status: adopted\n", "", "policy", "missing key `status`"),
        (
            "  status: adopted\n",
            "  status: adopted\n  status: draft\n",
            "policy.status",
            "the key `status` is repeated",
        ),
        ("  status: adopted\n", "  status: adoptd\n", "policy.status", "did you mean `adopted`?"),
        (
            'effective_from: "2025-01-01"',
            'effective_from: "1 January"',
            "policy.effective_from",
            "is not a date",
        ),
        (
            "label: {en: Met, pl: Spełnione}",
            "label: {en: Met}",
            "rating_scales.0.values.0.label",
            "missing key `pl`",
        ),
        (
            "label: {en: Met, pl: Spełnione}",
            'label: {en: Met, pl: "  "}',
            "rating_scales.0.values.0.label.pl",
            "does not have the form",
        ),
        (
            "label: {en: Met, pl: Spełnione}",
            "label: Met",
            "rating_scales.0.values.0.label",
            "must be a group of keys",
        ),
        (
            "    min_members: 5\n",
            "    min_members: five\n",
            "decision.committee.min_members",
            "must be a whole number, not `five`",
        ),
        (
            "    deviation_needs_reasons: true",
            "    deviation_needs_reasons: false",
            "decision.committee.deviation_needs_reasons",
            "this must be `true`, not `false`",
        ),
        (
            "    - {seat: learner",
            "    - {seat: employer",
            "panel.seats",
            "must contain an entry with `seat: learner`",
        ),
        (
            "learner_seat_combined: false",
            "learner_seat_combined: true",
            "panel.learner_seat_combined",
            "this must be `false`",
        ),
        ("tied_to_outcome: false", "tied_to_outcome: true", "fees.tied_to_outcome", "this must be `false`"),
        (
            "      needs_representation: true\n",
            "      needs_representation: false\n",
            "decision.outcomes.1.needs_representation",
            "this must be `true`",
        ),
        (
            "      appealable: true\n",
            "      appealable: false\n",
            "decision.outcomes.0.appealable",
            "this must be `true`",
        ),
        (
            "    - ineligible\n    - recognize\n",
            "    - recognize\n",
            "appeals.against",
            "at least 10 entries",
        ),
        ("  fee: none\n", "  fee: high\n", "appeals.fee", "this must be `none`"),
        (
            "effect: never_covered",
            "effect: stay_covered",
            "sanctions.effect_on_issued_credentials.void.effect",
            "this must be `never_covered`",
        ),
        (
            "level_mark: only_if_framework_referenced",
            "level_mark: always",
            "applies_to.scope.eqf_levels.level_mark",
            "this must be",
        ),
        (
            "  reduce_scope:\n    grounds:",
            "  reduce_scope:\n    hearing: none\n    grounds:",
            "sanctions.reduce_scope.hearing",
            "unknown key `hearing`",
        ),
        (
            "what: [yearly_figures_without_names]",
            "what: [report]",
            "publication.outcomes.ineligible.what.0",
            "this must be `yearly_figures_without_names`",
        ),
        (
            "relation: adapted_from",
            "relation: implements",
            "policy.derived_from.0.relation",
            "`implements` is not possible",
        ),
        (
            '{metric: unrated, op: ">", value: 0}',
            '{metric: unrated, op: ">"}',
            "decision.rules.0.when",
            "a measure has `metric`, `op` and `value`",
        ),
        (
            '{metric: unrated, op: ">", value: 0}',
            "{}",
            "decision.rules.0.when",
            "exactly one of `all`, `any`, `not`",
        ),
        (
            '{metric: unrated, op: ">", value: 0}',
            '{metric: exec, op: ">", value: 0}',
            "decision.rules.0.when.metric",
            "`exec` is not possible here",
        ),
    ],
)
def test_what_the_schema_forbids_is_named_with_its_key(old: str, new: str, key: str, message: str) -> None:
    found = problems((old, new))
    assert any(at == key and message in text for at, text in found), found


@pytest.mark.parametrize(
    ("old", "new", "key", "message"),
    [
        (
            "    group: identity\n",
            "    group: identitty\n",
            "criteria.0.group",
            "there is no criteria group `identitty`",
        ),
        (
            "    scale: met_notmet\n",
            "    scale: stars\n",
            "criteria.0.scale",
            "there is no rating scale `stars`",
        ),
        ("  - id: A2\n", "  - id: A1\n", "criteria.1.id", "`A1` is used twice"),
        ("      - id: A2-a\n", "      - id: A1-a\n", "criteria.1.evidence.0.id", "`A1-a` is used twice"),
        (
            "      - id: A2-a\n",
            "      - id: B2-a\n",
            "criteria.1.evidence.0.id",
            "evidence of A2 is named A2-a",
        ),
        (
            "check: identifier_agreement",
            "check: identifier_argument",
            "criteria.0.evidence.1.check",
            "there is no automatic check `identifier_argument`",
        ),
        (
            "params: {min_agreeing: 2}",
            "params: {months: 2}",
            "criteria.0.evidence.1.params.months",
            "takes no `months`",
        ),
        (
            "params: {min_agreeing: 2}",
            "params: {months: 2}",
            "criteria.0.evidence.1.check",
            "needs the parameter `min_agreeing`",
        ),
        (
            "groups: [identity], ratings: [not_met]",
            "groups: [identify], ratings: [not_met]",
            "decision.rules.1.when.groups.0",
            "there is no criteria group `identify`",
        ),
        (
            "groups: [identity], ratings: [not_met]",
            "groups: [identity], ratings: [absent]",
            "decision.rules.1.when.ratings.0",
            "can be rated `absent`",
        ),
        (
            "groups: [identity], ratings: [not_met]",
            "criteria: [A77], ratings: [not_met]",
            "decision.rules.1.when.criteria.0",
            "there is no criterion `A77`",
        ),
        (
            "groups: [identity], ratings: [not_met], op",
            "groups: [identity], op",
            "decision.rules.1.when.metric",
            "`count` needs `ratings`",
        ),
        (
            "{metric: unrated, op",
            "{metric: unrated, ratings: [met], op",
            "decision.rules.0.when.ratings",
            "`unrated` takes no `ratings`",
        ),
        (
            "    - id: no_change\n",
            "    - id: recognize\n",
            "decision.outcomes.7.id",
            "`recognize` is used twice",
        ),
        (
            "    - id: defer\n",
            "    - id: recognize\n",
            "decision.default.outcome",
            "`defer` is not among the outcomes",
        ),
        ("    weight: 1\n", "    weight: 0\n", "criteria.5.weight", "needs a weight above 0"),
        ("    weight: 0\n", "    weight: 3\n", "criteria.0.weight", "gives no points"),
        ("size: {min: 3, max: 5}", "size: {min: 6, max: 5}", "panel.size.min", "larger than the largest"),
        (
            "small_applicant_amount: 250",
            "small_applicant_amount: 700",
            "fees.items.0.small_applicant_amount",
            "never pays more",
        ),
        (
            "effective_to: null",
            'effective_to: "2020-01-01"',
            "policy.effective_from",
            "ends before it begins",
        ),
        (
            "ratings: {A4: not_met}",
            "ratings: {A44: not_met}",
            "tests.1.ratings.A44",
            "there is no criterion `A44`",
        ),
        (
            "not_applicable_when:",
            "questions: []\n    not_applicable_when:",
            "criteria.14.questions",
            "at least 1 entries",
        ),
        (
            "rank: 0\n        points: 0",
            "rank: 0\n        points: 5",
            "rating_scales.1.values.1.points",
            "brings fewer points",
        ),
    ],
)
def test_references_that_lead_nowhere_are_named_with_their_key(
    old: str, new: str, key: str, message: str
) -> None:
    found = problems((old, new))
    assert any(at == key and message in text for at, text in found), found


def test_all_problems_come_at_once_with_line_and_column() -> None:
    source = edited(
        ("  status: adopted\n", "  status: adopted\n  colour: red\n"),
        ("label: {en: Met, pl: Spełnione}", "label: {en: Met}"),
        ("check: identifier_agreement", "check: guess"),
        ("    group: identity\n", "    group: nowhere\n"),
    )
    with pytest.raises(InvalidInput, match="4 problems") as caught:
        load_policy(source)
    fields = {error.field: error.message for error in caught.value.errors}
    assert set(fields) == {
        "policy.colour",
        "rating_scales.0.values.0.label",
        "criteria.0.evidence.1.check",
        "criteria.0.group",
    }
    assert fields["policy.colour"].startswith(f"line {line_of(source, 'colour: red')}, column 3:")
    assert fields["criteria.0.group"].startswith(f"line {line_of(source, 'group: nowhere')}, column 5:")
    assert "at criteria.0.group: there is no criteria group" in str(caught.value)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (b"", "the file is empty"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"a: [1, 2\n", "not YAML"),
        (b"a: 1\n---\nb: 2\n", "one policy only"),
        (b"a: &x 1\nb: *x\n", "anchors"),
        (b"a: !!python/object/apply:os.system [ls]\n", "tags"),
        (b"a: \x07\n", "not YAML"),
        (b"[a, b]: 1\n", "a key must be a plain word"),
        (b"a: " + b"[" * 60 + b"]" * 60, "nested deeper"),
        (b"a: 1.0e999\n", "not a number"),
        (b"- a\n", "must be a group of keys"),
        (b"just words\n", "must be a group of keys"),
    ],
)
def test_what_is_no_plain_yaml_is_refused_with_a_reason(source: bytes, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        load_policy(source)


def test_words_are_words_and_only_true_is_true() -> None:
    document, found = parse_strict(
        b"a: [NO, no, on, yes, 010, 1, -2, 1.50, true, ~, '1', 12:30:45, 2025-01-01]"
    )
    assert found == ()
    assert document is not None
    assert document.data == {
        "a": ["NO", "no", "on", "yes", "010", 1, -2, 1.5, True, None, "1", "12:30:45", "2025-01-01"]
    }


def test_a_missing_or_huge_file_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        load_policy(tmp_path / "none.yaml")
    (tmp_path / "big.yaml").write_bytes(b"#" * 1_100_000)
    with pytest.raises(InvalidInput, match="larger than"):
        load_policy(tmp_path / "big.yaml")


def test_a_file_in_the_wrong_place_is_refused(tmp_path: Path) -> None:
    directory = folder(tmp_path, edited(('version: "1.0.0"', 'version: "1.0.1"')))
    with pytest.raises(InvalidInput, match=r"belongs at esg-part1-microcredential-issuer/1\.0\.1\.yaml"):
        load_all(directory)


def test_an_operator_adds_policies_and_cannot_replace_one(tmp_path: Path) -> None:
    own = edited(("id: esg-part1-microcredential-issuer", "id: own-policy"))
    directory = tmp_path / "own"
    (directory / "own-policy").mkdir(parents=True)
    (directory / "own-policy" / "1.0.0.yaml").write_bytes(own)
    assert ("own-policy", "1.0.0") in available(directory)
    assert len(available(directory)) == len(available()) + 1
    with pytest.raises(InvalidInput, match="give the new file a new version"):
        available(folder(tmp_path, edited(("days: 30", "days: 31"))))


def test_a_changed_release_is_found(tmp_path: Path) -> None:
    (same,) = check_paths([folder(tmp_path / "a")])
    assert same.problems == ()
    (changed,) = check_paths([folder(tmp_path / "b", SOURCE.encode() + b"# a word more\n")])
    assert [p.message for p in changed.problems] == [
        "was released and has changed since; undo the change and make a new version"
    ]
    (unlocked,) = check_paths([folder(tmp_path / "c", released=False)])
    assert "is adopted but not in RELEASED" in unlocked.problems[0].message
    (draft,) = check_paths(
        [folder(tmp_path / "d", edited(("status: adopted", "status: draft")), released=False)]
    )
    assert draft.problems == ()
    directory = folder(tmp_path / "e")
    (directory / ESG.parent.name / "1.0.0.yaml").unlink()
    (gone,) = check_paths([directory])
    assert "its file is gone" in gone.problems[0].message


def test_a_single_file_is_held_against_the_lock_beside_it(tmp_path: Path) -> None:
    directory = folder(tmp_path, SOURCE.encode() + b"# a word more\n")
    (report,) = check_paths([directory / ESG.parent.name / "1.0.0.yaml"])
    assert "has changed since" in report.problems[0].message


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("esg 1.0.0", "write `id version sha256`"),
        ("abc 1.0.0 " + "a" * 64 + "\nabc 1.0.0 " + "b" * 64, "once only"),
    ],
)
def test_a_damaged_lock_file_is_reported(tmp_path: Path, lines: str, message: str) -> None:
    directory = folder(tmp_path)
    (directory / LOCK_NAME).write_text(lines, encoding="utf-8")
    with pytest.raises(InvalidInput, match=message):
        read_lock(directory)
    assert any(message in p.message for report in check_paths([directory]) for p in report.problems)


def test_a_rule_that_changes_breaks_the_tests_of_its_policy(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_bytes(edited(('op: ">", value: 4}', 'op: ">", value: 3}'), ("rule: R5}", "rule: R4}")))
    messages = [problem.text() for problem in check_file(path).problems]
    assert any("`four partial`" in m and "at tests.5" in m and "give refuse by R3" in m for m in messages), (
        messages
    )
    assert any(
        "`all compliant`: expected recognize by R4, but the rules give recognize by R5" in m for m in messages
    )


def test_check_prints_one_line_per_policy_and_ends_with_0() -> None:
    result = CliRunner().invoke(policies, ["check"])
    assert result.exit_code == 0, result.output
    assert result.output.splitlines() == [
        "esg-part1-microcredential-issuer 1.0.0: ok, 26 tests",
        "esg-part1-microcredential-issuer 1.1.0: ok, 26 tests",
        "eu-microcredential-recommendation-2022 1.0.0: ok, 30 tests",
        "eu-microcredential-recommendation-2022 1.1.0: ok, 30 tests",
    ]


def test_check_ends_with_1_and_names_the_place(tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_bytes(edited(("    group: identity\n", "    group: nowhere\n")))
    result = CliRunner().invoke(policies, ["check", str(path)])
    assert result.exit_code == 1
    line = line_of(path.read_bytes(), "group: nowhere")
    assert (
        f"{path}: line {line}, column 5, at criteria.0.group: there is no criteria group `nowhere`"
        in result.output
    )
    as_json = CliRunner().invoke(policies, ["check", "--json", str(path)])
    assert as_json.exit_code == 1
    body = json.loads(as_json.output)
    assert body["problems"] == len(body["policies"][0]["problems"]) == 1
    assert body["policies"][0]["problems"][0]["key"] == "criteria.0.group"


def test_check_of_a_directory_without_policies_is_a_problem(tmp_path: Path) -> None:
    result = CliRunner().invoke(policies, ["check", str(tmp_path)])
    assert result.exit_code == 1
    assert "holds no policies" in result.output


def test_check_takes_in_the_operators_directory(tmp_path: Path) -> None:
    directory = folder(tmp_path, SOURCE.encode() + b"#\n")
    result = CliRunner().invoke(policies, ["check"], env={"REGISTRY_POLICIES": str(directory)})
    assert result.exit_code == 1
    nowhere = CliRunner().invoke(policies, ["list"], env={"REGISTRY_POLICIES": str(tmp_path / "none")})
    assert nowhere.exit_code == 1
    assert "is no directory" in nowhere.output


def test_list_and_show_speak_both_languages() -> None:
    listed = CliRunner().invoke(policies, ["list", "--lang", "pl"])
    assert "Uznawanie wydawców" in listed.output
    rows = json.loads(CliRunner().invoke(policies, ["list", "--json"]).output)
    assert [(row["id"], row["version"], len(row["sha256"])) for row in rows] == [
        (path.parent.name, path.stem, 64) for path in policy_paths(DIRECTORY)
    ]
    shown = CliRunner().invoke(policies, ["show", EU.parent.name, "--lang", "pl"])
    assert shown.exit_code == 0
    assert "Rzetelna ocena" in shown.output
    unknown = CliRunner().invoke(policies, ["show", "nothing-like-it"])
    assert unknown.exit_code == 1
    assert "registry policies list" in unknown.output


def test_hash_prints_the_line_of_the_lock_file(tmp_path: Path) -> None:
    result = CliRunner().invoke(policies, ["hash", str(ESG)])
    assert result.output.strip() in (DIRECTORY / LOCK_NAME).read_text(encoding="utf-8").splitlines()
    (tmp_path / "x.yaml").write_text("a: 1")
    assert CliRunner().invoke(policies, ["hash", str(tmp_path / "x.yaml")]).exit_code == 1


def test_the_guide_for_authors_names_every_part_every_measure_and_every_effect() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "policies.md").read_text(encoding="utf-8")
    parts = load_policy(ESG).policy
    definitions = schema()["$defs"]
    assert isinstance(definitions, dict)
    keys = [key for key in definitions["file"]["required"] if key != "schema_version"]
    words = [*keys, *(metric.value for metric in Metric), *(effect.value for effect in Effect)]
    assert [word for word in words if f"`{word}`" not in guide] == []
    assert len(keys) == len(dataclasses.fields(parts))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32))
def test_a_damaged_file_gives_problems_never_a_crash(seed: int) -> None:
    chance = random.Random(seed)
    lines = SOURCE.splitlines()
    for _ in range(3):
        at = chance.randrange(len(lines))
        key = lines[at].split(":")[0]
        values = [
            "null",
            "[]",
            "{}",
            "-1",
            "1.5",
            "true",
            "x",
            "[x]",
            "{a: b}",
            "[[1]]",
            "[null]",
            "&a 1",
            "'",
        ]
        lines[at] = chance.choice(
            ["", lines[at] * 2, f"{key}: {chance.choice(values)}", f"{key}: {chance.choice(values)}"]
        )
    document, found = problems_of("\n".join(lines).encode())
    assert all(problem.message and problem.line > 0 for problem in found)
    if document is not None and not found:
        run_vectors(load_policy("\n".join(lines).encode()).policy)
