"""A policy version from its draft to its adoption, and what it does to open cases and to recognitions that stand."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from registry.domain.policy_transition import CaseFate
from registry.domain.recognition import Status
from registry.domain.roles import Role
from registry.domain.trust_list import PostalAddress
from registry.domain.workflow import State
from registry.errors import Conflict, InvalidInput, NotAllowed, NotFound
from registry.models.body import AdoptedPolicy, Scheme
from registry.models.policy_draft import (
    DraftPart,
    DraftState,
    PolicyAdoption,
    PolicyDraft,
    PolicyReassessment,
    PolicyTransition,
)
from registry.policy_files import load_policy, sha256_of
from registry.policy_files.editing import with_word
from registry.services import accounts, applications, bodies, policy_drafts, policy_life, policy_transition
from registry.services.bodies import NewBody
from registry.services.policy_drafts import StaleDraft

from support.world import QUALITY, World, list_issuers


@pytest.fixture
def draft(world: World) -> PolicyDraft:
    """A draft of 1.1.0, begun by the editor."""
    return begun(world)


def adopted(world: World) -> AdoptedPolicy:
    found = policy_drafts.newest_adopted(world.session, world.body.id, QUALITY)
    assert found is not None
    return found


def begun(world: World, version: str = "1.1.0") -> PolicyDraft:
    return policy_drafts.begin_from(
        world.session, adopted(world).id, version=version, actor=world.people["editor"], at=world.clock()
    )


def saved(world: World, draft: PolicyDraft, source: bytes, who: str = "editor") -> PolicyDraft:
    return policy_drafts.save(
        world.session, draft.id, source, version=draft.version, actor=world.people[who], at=world.clock()
    )


def consult(world: World, draft: PolicyDraft, *, public: bool = True, publishes: bool = False) -> None:
    policy_life.open_consultation(
        world.session,
        draft.id,
        closes_on=world.clock().date() + timedelta(days=30),
        public=public,
        publishes_comments=publishes,
        version=draft.version,
        actor=world.people["editor"],
        at=world.clock(),
    )


def adopt(world: World, draft: PolicyDraft, who: str = "approver") -> AdoptedPolicy:
    return policy_life.adopt(
        world.session,
        draft.id,
        version=draft.version,
        sha256=sha256_of(policy_life.to_adopt(draft)),
        files={},
        actor=world.people[who],
        at=world.clock(),
    )


def say(world: World, draft: PolicyDraft, who: uuid.UUID, text: str = "Too strict.") -> None:
    assert draft.consultation is not None
    policy_life.comment(
        world.session, draft.consultation.id, place="", text=text, actor=who, at=world.clock()
    )


def ruled(draft: PolicyDraft, **words: str) -> bytes:
    """Return the text with other words in its transition rule."""
    source = draft.source
    for key, word in words.items():
        source = with_word(source, ("policy", "transition", key), word)
    return source


def test_a_draft_begins_with_the_adopted_text_and_changes_two_words(world: World, draft: PolicyDraft) -> None:
    before, after = (source.decode().splitlines() for source in (adopted(world).source, draft.source))
    changed = [(a.strip(), b.strip()) for a, b in zip(before, after, strict=True) if a != b]
    assert changed == [
        ('version: "1.0.0"', 'version: "1.1.0"'),
        ("status: adopted", "status: draft"),
    ]
    assert (draft.state, len(draft.versions)) == (DraftState.DRAFT, 1)


def test_a_draft_is_adopted_byte_for_byte_and_counts_from_then_on(world: World, draft: PolicyDraft) -> None:
    saved(world, draft, draft.source + b"# a remark\n")
    row = adopt(world, draft)
    assert row.source == with_word(draft.source, ("policy", "status"), "adopted")
    assert row.sha256 == sha256_of(row.source)
    assert load_policy(row.source).policy.identity.status == "adopted"
    assert row.source.endswith(b"# a remark\n")
    assert (row.proposed_by, row.approved_by) == (
        str(world.people["editor"]),
        str(world.people["approver"]),
    )
    scheme = world.session.get_one(Scheme, world.schemes["quality"])
    assert bodies.current_policy(world.session, scheme, at=world.clock()).version == "1.1.0"
    assert draft.state is DraftState.ADOPTED
    with pytest.raises(Conflict, match="never changes"):
        saved(world, draft, b"policy: {}\n")


def test_a_version_that_is_not_in_effect_yet_waits(world: World, draft: PolicyDraft) -> None:
    tomorrow = world.clock().date() + timedelta(days=1)
    source = with_word(draft.source, ("policy", "effective_from"), tomorrow.isoformat())
    adopt(world, saved(world, draft, source))
    scheme = world.session.get_one(Scheme, world.schemes["quality"])
    assert bodies.current_policy(world.session, scheme, at=world.clock()).version == "1.0.0"
    later = world.clock() + timedelta(days=2)
    assert bodies.current_policy(world.session, scheme, at=later).version == "1.1.0"
    assert policy_transition.apply_due(world.session, at=world.clock()) == 0
    assert policy_transition.apply_due(world.session, at=later) == 1
    assert policy_transition.apply_due(world.session, at=later) == 0


def test_whoever_saved_a_version_never_adopts_it(world: World, draft: PolicyDraft) -> None:
    both = world.people["both"] = world.person("both", Role.POLICY_EDITOR, body=world.body.id)
    saved(world, draft, draft.source + b"# mine\n", "both")
    saved(world, draft, draft.source + b"# theirs\n")
    for grant in accounts.grants_of(world.session, both):
        accounts.revoke_role(world.session, grant.id, actor=None, at=world.clock())
    accounts.record_grant(
        world.session, both, Role.POLICY_APPROVER, body_id=world.body.id, actor=None, at=world.clock()
    )
    with pytest.raises(NotAllowed, match="cannot adopt it"):
        adopt(world, draft, "both")
    with pytest.raises(NotAllowed, match="only the policy approver"):
        adopt(world, draft, "editor")
    assert draft.state is DraftState.DRAFT


def test_the_database_itself_refuses_an_approver_who_has_edited(world: World, draft: PolicyDraft) -> None:
    for part in (DraftPart.APPROVER, DraftPart.EDITOR):
        adoption = PolicyAdoption(
            draft_id=draft.id,
            number=1,
            adopted_id=adopted(world).id,
            approved_by=world.people["editor"],
            part=part,
            at=world.clock(),
        )
        with pytest.raises(IntegrityError), world.session.begin_nested():
            world.session.add(adoption)


def test_a_text_with_errors_is_kept_but_goes_nowhere(world: World, draft: PolicyDraft) -> None:
    broken = draft.source.replace(b"criteria_groups:", b"criteria_group:", 1)
    saved(world, draft, broken)
    found = policy_drafts.report(world.session, draft)
    assert found.policy is None
    assert any(problem.line and "criteria_group" in problem.key for problem in found.problems)
    with pytest.raises(InvalidInput, match="solve them first") as refused:
        consult(world, draft)
    assert any("line" in error.message for error in refused.value.errors)
    with pytest.raises(InvalidInput, match="solve them first"):
        adopt(world, draft)
    assert [version.source for version in draft.versions][-1] == broken


def test_a_policy_whose_own_tests_fail_is_not_put_to_people(world: World, draft: PolicyDraft) -> None:
    found = policy_drafts.report(world.session, draft)
    assert found.policy is not None
    vector = found.policy.policy.tests[0]
    other = "refuse" if vector.expect.value != "refuse" else "recognize"
    saved(world, draft, with_word(draft.source, ("tests", 0, "expect"), other))
    with pytest.raises(InvalidInput) as refused:
        consult(world, draft)
    assert "test `" in refused.value.errors[0].message


def test_the_second_of_two_who_save_gets_the_text_of_the_first(world: World, draft: PolicyDraft) -> None:
    seen = draft.version
    saved(world, draft, draft.source + b"# first\n")
    with pytest.raises(StaleDraft) as stale:
        policy_drafts.save(
            world.session,
            draft.id,
            b"second: true\n",
            version=seen,
            actor=world.people["editor"],
            at=world.clock(),
        )
    assert stale.value.theirs.endswith(b"# first\n")
    assert len(draft.versions) == 2


def test_a_version_is_higher_drafted_once_and_never_of_another_policy(
    world: World, draft: PolicyDraft
) -> None:
    for version in ("1.0.0", "0.9.9"):
        with pytest.raises(InvalidInput, match="higher number"):
            begun(world, version)
    with pytest.raises(InvalidInput, match="three numbers"):
        begun(world, "2")
    with pytest.raises(Conflict, match="draft of this version already"):
        begun(world)
    with pytest.raises(InvalidInput, match="never changes"):
        saved(world, draft, with_word(draft.source, ("policy", "id"), "another-policy"))
    moved = saved(world, draft, with_word(draft.source, ("policy", "version"), "2.0.0"))
    assert moved.policy_version == "2.0.0"


def test_one_version_is_one_text_over_all_bodies_and_files(world: World, draft: PolicyDraft) -> None:
    other = load_policy(with_word(draft.source + b"# other\n", ("policy", "status"), "adopted"))
    with pytest.raises(Conflict, match="other content"):
        policy_life.adopt(
            world.session,
            draft.id,
            version=draft.version,
            sha256=sha256_of(policy_life.to_adopt(draft)),
            files={other.key: other},
            actor=world.people["approver"],
            at=world.clock(),
        )


def test_adopting_takes_the_hash_that_was_read(world: World, draft: PolicyDraft) -> None:
    with pytest.raises(Conflict, match="not the text that you have read"):
        policy_life.adopt(
            world.session,
            draft.id,
            version=draft.version,
            sha256="0" * 64,
            files={},
            actor=world.people["approver"],
            at=world.clock(),
        )


def test_another_body_sees_and_changes_nothing(world: World, draft: PolicyDraft) -> None:
    new = NewBody(
        slug="rival",
        legal_name="Invented Rival",
        names={"en": "Rival", "pl": "Rywal"},
        address=PostalAddress("ul. Zmyślona 2", "Przykładowo", "00-000", "PL"),
        email="office@rival.example",
        website="https://rival.example",
    )
    rival = bodies.create_body(world.session, new, actor="operator", at=world.clock())
    who = world.person("rival", Role.POLICY_EDITOR, body=rival.id)
    by = {"actor": who, "at": world.clock()}
    assert policy_drafts.drafts_of(world.session, **by) == []
    with pytest.raises(NotFound):
        policy_drafts.readable(world.session, draft.id, **by)
    with pytest.raises(NotFound):
        policy_drafts.save(world.session, draft.id, b"x: 1\n", version=draft.version, **by)
    policy = load_policy(draft.source).policy
    with pytest.raises(NotFound):
        policy_transition.touched(world.session, world.body.id, policy, **by)


def test_a_public_consultation_takes_comments_of_everybody_and_publishes_what_was_judged(
    world: World, draft: PolicyDraft
) -> None:
    consult(world, draft, publishes=True)
    stranger = world.person("stranger")
    say(world, draft, stranger, "Too strict for small providers.")
    say(world, draft, world.people["officer"], "Fine.")
    assert draft.consultation is not None
    assert [one.of_body for one in draft.consultation.comments] == [False, True]
    assert policy_life.published_comments(draft.consultation) == ()
    first = draft.consultation.comments[0]
    policy_life.judge_comment(
        world.session, draft.id, first.id, publish=True, actor=world.people["editor"], at=world.clock()
    )
    assert [one.text for one in policy_life.published_comments(draft.consultation)] == [first.text]
    assert policy_life.public_consultations(world.session, at=world.clock()) == [draft.consultation]
    with pytest.raises(Conflict, match="still runs"):
        adopt(world, draft)
    with pytest.raises(Conflict, match="close the consultation first"):
        saved(world, draft, draft.source + b"# late\n")


def test_comments_stay_unpublished_unless_the_consultation_said_otherwise(
    world: World, draft: PolicyDraft
) -> None:
    consult(world, draft)
    say(world, draft, world.people["officer"])
    assert draft.consultation is not None
    with pytest.raises(Conflict, match="are not published"):
        policy_life.judge_comment(
            world.session,
            draft.id,
            draft.consultation.comments[0].id,
            publish=True,
            actor=world.people["editor"],
            at=world.clock(),
        )


@pytest.mark.parametrize(
    ("text", "problem"), [("  ", "write a comment"), ("a" * 4001, "at most 4000"), ("a\0b", "control")]
)
def test_a_comment_is_limited_and_clean(world: World, draft: PolicyDraft, text: str, problem: str) -> None:
    consult(world, draft)
    with pytest.raises(InvalidInput) as refused:
        say(world, draft, world.people["officer"], text)
    assert problem in refused.value.errors[0].message


def test_a_consultation_of_the_body_alone_is_not_there_for_others(world: World, draft: PolicyDraft) -> None:
    consult(world, draft, public=False)
    say(world, draft, world.people["member-1"])
    with pytest.raises(NotFound):
        say(world, draft, world.person("stranger"))
    assert policy_life.public_consultations(world.session, at=world.clock()) == []


def test_a_closed_consultation_lets_the_text_be_changed_and_put_to_people_again(
    world: World, draft: PolicyDraft
) -> None:
    consult(world, draft)
    policy_life.close_consultation(
        world.session,
        draft.id,
        version=draft.version,
        actor=world.people["editor"],
        at=world.clock(),
    )
    with pytest.raises(Conflict, match="has ended"):
        say(world, draft, world.people["officer"])
    saved(world, draft, draft.source + b"# improved\n")
    consult(world, draft)
    assert [one.text_number for one in draft.consultations] == [1, 2]


def test_cases_in_progress_keep_their_version_unless_the_rule_says_otherwise(world: World) -> None:
    story = world.story()
    application = world.walk.apply(story)
    submitted = world.submitted()
    keeping = begun(world)
    saved(world, keeping, ruled(keeping, cases_in_progress="keep_version"))
    adopt(world, keeping)
    assert (application.policy.version, submitted.policy.version) == ("1.0.0", "1.0.0")
    moving = begun(world, "1.2.0")
    saved(world, moving, ruled(moving, cases_in_progress="must_migrate"))
    row = adopt(world, moving)
    world.session.refresh(application)
    assert application.state is State.DRAFT
    assert application.policy.version == "1.2.0"
    assert submitted.policy.version == "1.0.0", "what was handed in is judged by what it was handed in under"
    applied = world.session.get_one(PolicyTransition, row.id)
    assert (applied.moved, applied.kept) == (1, 1)


def test_where_a_case_may_move_its_applicant_decides(world: World) -> None:
    story = world.story()
    application = world.walk.apply(story)
    by = {"actor": story.applicant, "at": world.clock()}
    with pytest.raises(Conflict, match="keeps its version"):
        policy_transition.move_case(world.session, application.id, version=application.version, **by)
    draft = begun(world)
    saved(world, draft, ruled(draft, cases_in_progress="may_migrate"))
    adopt(world, draft)
    world.session.refresh(application)
    assert application.policy.version == "1.0.0"
    with pytest.raises(NotFound):
        policy_transition.move_case(
            world.session,
            application.id,
            version=application.version,
            actor=world.person("stranger"),
            at=world.clock(),
        )
    policy_transition.move_case(world.session, application.id, version=application.version, **by)
    assert application.policy.version == "1.1.0"


def test_recognitions_are_looked_at_again_as_the_rule_says(world: World) -> None:
    issuer = list_issuers(world, 1)[0]
    draft = begun(world)
    rule = ruled(draft, existing_recognitions="reassess_within_grace", grace_days="90")
    saved(world, draft, rule)
    row = adopt(world, draft)
    again = world.session.scalars(select(PolicyReassessment)).one()
    assert (again.issuer_id, again.adopted_id) == (issuer, row.id)
    assert again.due_on == row.adopted_at.date() + timedelta(days=90)
    by = {"actor": world.people["officer"], "at": world.clock()}
    assert [(one.id, done) for one, done in policy_transition.reassessments(world.session, **by)] == [
        (again.id, False)
    ]
    with pytest.raises(NotAllowed):
        policy_transition.close_reassessment(
            world.session, again.id, outcome="Fine.", actor=world.people["member-1"], at=world.clock()
        )
    with pytest.raises(InvalidInput, match="what you found"):
        policy_transition.close_reassessment(world.session, again.id, outcome=" ", **by)
    policy_transition.close_reassessment(world.session, again.id, outcome="Fine.", **by)
    assert policy_transition.reassessments(world.session, **by) == []


@pytest.mark.parametrize(("word", "count"), [("until_expiry", 0), ("reassess_at_next_monitoring", 1)])
def test_each_word_for_recognitions_does_what_it_says(world: World, word: str, count: int) -> None:
    list_issuers(world, 1)
    draft = begun(world)
    adopt(world, saved(world, draft, ruled(draft, existing_recognitions=word)))
    found = world.session.scalars(select(PolicyReassessment)).all()
    assert [row.due_on for row in found] == [None] * count


def test_what_a_version_touches_is_counted_for_all_and_named_for_those_who_may_know(world: World) -> None:
    list_issuers(world, 2)
    world.walk.apply(world.story())
    submitted = world.submitted()
    draft = begun(world)
    saved(world, draft, ruled(draft, cases_in_progress="must_migrate"))
    policy = load_policy(draft.source).policy

    def seen(who: str) -> policy_transition.Touched:
        return policy_transition.touched(
            world.session, world.body.id, policy, actor=world.people[who], at=world.clock()
        )

    officer, editor = seen("officer"), seen("editor")
    assert officer.states == editor.states
    assert officer.states[State.DRAFT] == officer.states[State.SUBMITTED] == 1
    assert officer.fates[CaseFate.MOVES] == 1
    assert officer.statuses == {Status.ACTIVE: 2}
    assert submitted.id in {case.id for case in officer.cases}
    assert editor.cases == ()


def test_a_new_application_after_adoption_comes_under_the_new_version(world: World) -> None:
    adopt(world, begun(world))
    institution = world.institution()
    made = applications.start(
        world.session,
        institution.id,
        world.schemes["quality"],
        actor=world.owners[institution.id],
        at=world.clock(),
    )
    assert made.policy.version == "1.1.0"


def test_a_draft_that_was_given_up_frees_its_version(world: World, draft: PolicyDraft) -> None:
    policy_drafts.abandon(
        world.session, draft.id, version=draft.version, actor=world.people["editor"], at=world.clock()
    )
    again = begun(world)
    assert again.id != draft.id
    with pytest.raises(Conflict, match="given up"):
        saved(world, draft, b"a: 1\n")
