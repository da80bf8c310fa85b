"""What is over goes, what has to stay stays; and a person can be erased without any edition or proof noticing."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import String, Text, func, select

from registry.domain.retention import FREE_TEXT, PERSONAL, RULES, RecordKind
from registry.domain.two_people import ProposalKind
from registry.domain.workflow import Action, State
from registry.errors import NotFound
from registry.models.account import AccessToken, Account, LoginAttempt, WebSession
from registry.models.application import Application
from registry.models.base import Base
from registry.models.institution import InstitutionClaim
from registry.models.records import FileErasure
from registry.models.two_people import Proposal
from registry.services import (
    accounts,
    applications,
    erasure,
    evidence,
    evidence_files,
    publication,
    recording,
    retention,
    sessions,
    sign_in,
)

from support.world import Registry, World, list_issuers

YEAR = timedelta(days=366)


def count(world: World, table: type[Base]) -> int:
    return world.session.scalar(select(func.count()).select_from(table)) or 0


def test_every_prose_column_is_erased_or_says_why_it_stays() -> None:
    """When this fails: add the new column to PERSONAL, so that it goes with the person, or to FREE_TEXT with the reason."""
    told = {f"{field.table}.{field.column}" for field in PERSONAL} | set(FREE_TEXT)
    prose = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Text)
    }
    assert prose - told == set()


def test_every_column_of_the_tables_exists_and_no_personal_one_is_in_a_history_table() -> None:
    history = {m.class_.__tablename__ for m in Base.registry.mappers if m.class_.history}
    for field in PERSONAL:
        assert field.column in Base.metadata.tables[field.table].columns, field
        assert field.table not in history, field
    for name in FREE_TEXT:
        table, column = name.split(".")
        assert column in Base.metadata.tables[table].columns, name


def test_the_account_holds_what_a_person_is_called_and_nothing_else_does() -> None:
    """Names and addresses of people stand in accounts and the expert pool alone."""
    suspects = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, String) and ("email" in column.name or "phone" in column.name)
    }
    assert suspects - {f"{field.table}.{field.column}" for field in PERSONAL} == {"body.email"}


def test_every_kind_with_days_has_a_task_or_goes_by_two_people() -> None:
    timed = {rule.kind for rule in RULES if rule.days is not None}
    assert timed - set(retention.TASKS) == {RecordKind.REDACTED_ORIGINAL}


def test_attempts_sessions_and_tokens_go_when_their_time_is_over(world: World) -> None:
    at, who = world.clock(), world.people["officer"]
    sign_in.open_sign_in(world.session, "nobody@example.org", address="192.0.2.1", at=at)
    sessions.save_session(world.session, "secret", {}, account_id=who, at=at)
    sessions.create_token(world.session, who, name="mine", at=at)
    assert not any(retention.due(world.session, at=at).values())
    later = at + YEAR + timedelta(days=1)
    found = retention.due(world.session, at=later)
    assert count(world, LoginAttempt) == 1, "a dry run changes nothing"
    assert retention.apply(world.session, at=later) == found
    assert [count(world, table) for table in (LoginAttempt, WebSession, AccessToken)] == [0, 0, 0]


def test_the_files_of_a_draft_that_was_withdrawn_go_after_a_year_and_their_hashes_stay(world: World) -> None:
    story = world.story()
    case = world.walk.apply(story)
    withdraw(world, case, story.applicant)
    at = world.clock() + YEAR
    assert retention.apply(world.session, at=at)[RecordKind.ABANDONED_DRAFT] == 1
    assert evidence_files.erase_files(world.session, world.files, at=at) > 0
    version = next(v for v in case.evidence if v.file_name)
    with pytest.raises(NotFound):
        world.files.get(version.sha256)
    with pytest.raises(NotFound, match="was erased on"):
        evidence_files.content_of(world.session, world.files, version)
    assert retention.due(world.session, at=at)[RecordKind.ABANDONED_DRAFT] == 0
    assert recording.verify_chain(world.session) > 0


def withdraw(world: World, case: Application, who: uuid.UUID) -> None:
    applications.act(world.session, case.id, Action.WITHDRAW_APPLICATION, actor=who, at=world.clock())


def test_a_file_that_another_case_shows_stays(world: World) -> None:
    first, second = world.story(), world.story()
    drafts = [world.walk.apply(first), world.walk.apply(second)]
    shared = next(v for v in drafts[0].evidence if v.file_name)
    add_copy(world, drafts[1], shared.evidence_id, world.files.get(shared.sha256), second.applicant)
    withdraw(world, drafts[0], first.applicant)
    at = world.clock() + YEAR
    retention.apply(world.session, at=at)
    evidence_files.erase_files(world.session, world.files, at=at)
    assert world.files.get(shared.sha256)


def add_copy(world: World, case: Application, evidence_id: str, data: bytes, who: uuid.UUID) -> None:
    evidence.add_file(
        world.session,
        world.files,
        case.id,
        evidence_id,
        name="copy.txt",
        data=data,
        limit=2**20,
        case_limit=2**26,
        actor=who,
        at=world.clock(),
    )


def test_evidence_goes_when_the_years_of_the_policy_have_passed_since_the_recognition_ended(
    world: World,
) -> None:
    case, _story = world.granted()
    close(world, case)
    files = {v.sha256 for v in case.evidence if v.file_name}
    soon = world.clock() + 30 * YEAR
    assert retention.due(world.session, at=soon)[RecordKind.CASE_EVIDENCE] == 0
    late = world.clock() + 60 * YEAR
    assert retention.apply(world.session, at=late)[RecordKind.CASE_EVIDENCE] == 1
    assert set(world.session.scalars(select(FileErasure.sha256))) == files


def close(world: World, case: Application) -> None:
    case.state = State.CLOSED
    world.session.flush()


def test_a_person_who_never_acted_in_a_case_goes_two_years_after_the_account_was_closed(world: World) -> None:
    idle, worked = world.person("idle"), world.people["officer"]
    world.submitted()
    world.walk.open(world.submitted())
    for one in (idle, worked):
        accounts.disable_account(world.session, one, actor=None, at=world.clock())
    early, later = world.clock() + timedelta(days=700), world.clock() + timedelta(days=740)
    assert retention.due(world.session, at=early)[RecordKind.LEFT_PERSON] == 0
    assert retention.apply(world.session, at=later)[RecordKind.LEFT_PERSON] == 1
    assert erasure.is_erased(world.session.get_one(Account, idle))
    assert not erasure.is_erased(world.session.get_one(Account, worked))
    assert retention.apply(world.session, at=later + 10 * YEAR)[RecordKind.LEFT_WORKER] == 1
    assert erasure.is_erased(world.session.get_one(Account, worked))


def test_nothing_that_a_person_is_called_stays_anywhere(world: World) -> None:
    institution = world.institution()
    who = world.owners[institution.id]
    account = world.session.get_one(Account, who)
    called = {account.name, account.email}
    account.name = "Canary Surname-Nowhere-Else"
    called.add(account.name)
    world.session.flush()
    sign_in.open_sign_in(world.session, account.email, address="192.0.2.1", at=world.clock())
    erasure.erase_person(world.session, who, actor="operator", at=world.clock())
    texts = {
        str(value)
        for table in Base.metadata.sorted_tables
        for row in world.session.execute(select(table))
        for value in row
    }
    assert not [text for text in texts if "Canary" in text or account_of(called) in text]
    claim = world.session.scalars(select(InstitutionClaim).where(InstitutionClaim.account_id == who)).one()
    assert claim.statement == ""
    assert count(world, LoginAttempt) == 0
    assert recording.verify_chain(world.session) > 0


def account_of(called: set[str]) -> str:
    return next(text for text in called if "@" in text)


def test_an_erased_person_holds_no_role_and_signs_in_no_more(world: World) -> None:
    who = world.people["reviewer-1"]
    erasure.erase_person(world.session, who, actor="operator", at=world.clock())
    assert accounts.roles_of(world.session, who, at=world.clock()) == ()
    again = erasure.erase_person(world.session, who, actor="operator", at=world.clock())
    assert again.password_hash == "erased"


def test_everything_published_stays_byte_for_byte_and_verifies_after_an_erasure(registry: Registry) -> None:
    with registry.world() as world:
        list_issuers(world, 3)
        owner = world.owners[next(iter(world.owners))]
    publication.publish(registry.publishing, at=registry.clock(), at_once=True)
    before = published(registry)
    assert before
    with registry.world() as world:
        erasure.erase_person(world.session, owner, actor="operator", at=world.clock())
        for person in ("registrar-1", "chair"):
            erasure.erase_person(world.session, world.people[person], actor="operator", at=world.clock())
    publication.publish(registry.publishing, at=registry.clock(), at_once=True)
    assert published(registry) == before
    with registry.database.reading() as session:
        assert recording.check_chain(session).is_whole


def published(registry: Registry) -> dict[str, bytes]:
    store = registry.publishing.store
    paths = [path for (path,) in store.connection.execute("SELECT path FROM address ORDER BY path")]
    return {path: found.body for path in paths if (found := store.document(path)) is not None}


def proposal(world: World, kind: ProposalKind, object_id: object, **more: object) -> Proposal:
    return Proposal(
        kind=kind,
        object_id=str(object_id),
        reasons="asked for",
        content=more.pop("content", {}),
        first_by=world.people["operator"],
        at=world.clock(),
        **more,
    )


def test_an_active_account_and_one_with_open_work_are_not_erased(world: World) -> None:
    case = world.submitted()
    world.walk.open(case)
    officer = world.people["officer"]
    asked = proposal(world, ProposalKind.ERASURE, officer)
    [problem] = erasure.check_erasure(world.session, asked, world.clock())
    assert problem.message == "close the account first"
    accounts.disable_account(world.session, officer, actor=None, at=world.clock())
    [problem] = erasure.check_erasure(world.session, asked, world.clock())
    assert "open case" in problem.message


def test_two_people_erase_a_person(world: World) -> None:
    who = world.person("leaver")
    accounts.disable_account(world.session, who, actor=None, at=world.clock())
    asked = proposal(world, ProposalKind.ERASURE, who)
    assert erasure.check_erasure(world.session, asked, world.clock()) == []
    erasure.apply_erasure(world.session, asked, world.people["operator"], world.clock())
    assert erasure.is_erased(world.session.get_one(Account, who))


def test_a_redacted_file_takes_the_place_of_the_original_whose_bytes_go_and_whose_hash_stays(
    world: World,
) -> None:
    case = world.submitted()
    version = next(v for v in case.evidence if v.file_name)
    twin = world.files.put(b"redacted")
    content = {"sha256": twin, "media_type": "text/plain", "size": 8}
    asked = proposal(world, ProposalKind.REDACTION, version.id, application_id=case.id, content=content)
    world.session.add(asked)
    world.session.flush()
    assert evidence_files.check_redaction(world.session, asked, world.clock()) == []
    evidence_files.apply_redaction(world.session, asked, world.people["registrar-1"], world.clock())
    assert evidence_files.content_of(world.session, world.files, version)[2] == b"redacted"
    assert world.files.get(version.sha256), "the original goes when the transaction is through"
    assert evidence_files.erase_files(world.session, world.files, at=world.clock()) == 1
    with pytest.raises(NotFound):
        world.files.get(version.sha256)
    assert evidence_files.content_of(world.session, world.files, version)[2] == b"redacted"
    row = evidence_files.redaction_of(world.session, version.id)
    assert row is not None
    assert row.original_sha256 == version.sha256


@pytest.mark.parametrize("lack", ["sha256", "media_type", "size"])
def test_a_redaction_without_a_twin_is_refused(world: World, lack: str) -> None:
    case = world.submitted()
    version = next(v for v in case.evidence if v.file_name)
    content = {"sha256": "0" * 64, "media_type": "text/plain", "size": 8} | {lack: ""}
    asked = proposal(world, ProposalKind.REDACTION, version.id, application_id=case.id, content=content)
    [problem] = evidence_files.check_redaction(world.session, asked, world.clock())
    assert problem.field == lack
