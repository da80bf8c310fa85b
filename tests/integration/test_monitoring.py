"""Between two decisions: conditions, reports, changes, rounds, signals and renewals open work and change no standing."""

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from registry.domain.policy import Outcome
from registry.domain.recognition import Reason, Status, interval_at, status_at
from registry.domain.scope import parse_scope
from registry.domain.two_people import ProposalKind
from registry.errors import Conflict, InvalidInput, NotFound, TransitionRefused
from registry.models.application import Application, Procedure
from registry.models.issuer import Issuer
from registry.models.monitoring import MonitoringItem, MonitoringKind, MonitoringResult
from registry.outbound import FetchRefused
from registry.services import conditions, identities, monitoring, renewals, rounds, signals, two_people
from registry.services.case_file import policy_for
from registry.services.conditions import ConditionState
from registry.services.trust_lists import status_events
from registry.signing.certificates import key_window

from support.world import World, certificate, did_key

GAP = {"S5": "partially_compliant"}


def granted(world: World, **story: object) -> tuple[Application, Issuer, uuid.UUID]:
    """Return a case that ended with a grant, its issuer, and who acts for it."""
    application, told = world.granted(**story)
    return application, world.session.get_one(Issuer, application.issuer_id), told.applicant


def standing(issuer: Issuer, at: datetime) -> Status | None:
    return status_at(status_events(issuer), at)


def items(world: World, kind: MonitoringKind) -> list[MonitoringItem]:
    return list(world.session.scalars(select(MonitoringItem).where(MonitoringItem.kind == kind)))


def refused(world: World, act: Callable[[], object], kind: type[Exception]) -> str:
    with pytest.raises(kind) as caught, world.session.begin_nested():
        act()
    return str(caught.value)


def test_a_condition_is_shown_and_found_met_by_two_and_the_recognition_stands_without_it(
    world: World,
) -> None:
    _case, issuer, applicant = granted(world, ratings=GAP)
    session = world.session
    (one,) = conditions.conditions_of(session, issuer.id, world.clock())
    assert (one.state, standing(issuer, world.clock())) == (
        ConditionState.OPEN,
        Status.ACTIVE_WITH_CONDITIONS,
    )
    new = two_people.NewProposal(
        str(one.condition.id), "The new handbook closes the gap.", issuer_id=issuer.id
    )
    officer, reviewer = world.people["officer"], world.people["reviewer-1"]
    propose = lambda: two_people.propose(  # noqa: E731
        session, ProposalKind.CONDITION_MET, new, actor=officer, at=world.clock()
    )
    assert refused(world, propose, InvalidInput)
    conditions.show(
        session,
        world.files,
        one.condition.id,
        "Here is the new handbook.",
        file=("handbook.txt", b"How we assess."),
        actor=applicant,
        at=world.clock(),
    )
    proposal = propose()
    refused(
        world, lambda: two_people.confirm(session, proposal.id, actor=officer, at=world.clock()), Exception
    )
    two_people.confirm(session, proposal.id, actor=reviewer, at=world.clock())
    assert standing(issuer, world.clock()) is Status.ACTIVE
    assert issuer.events[-1].reason is Reason.CONDITION_MET
    assert issuer.events[-1].proposal_id == proposal.id
    (one,) = conditions.conditions_of(session, issuer.id, world.clock())
    assert one.state is ConditionState.MET
    assert [item.subject for item in items(world, MonitoringKind.CONDITION)] == ["shown"]


def test_a_missed_condition_opens_work_once_and_changes_nothing(world: World) -> None:
    _case, issuer, _applicant = granted(world, ratings=GAP)
    (one,) = conditions.conditions_of(world.session, issuer.id, world.clock())
    assert conditions.tick_conditions(world.session, one.condition.due) == 0
    late = one.condition.due + timedelta(seconds=1)
    assert (
        conditions.tick_conditions(world.session, late),
        conditions.tick_conditions(world.session, late),
    ) == (1, 0)
    assert standing(issuer, late) is Status.ACTIVE_WITH_CONDITIONS
    assert [item.subject for item in items(world, MonitoringKind.CONDITION)] == ["missed"]


def test_a_yearly_report_answers_every_field_of_the_policy(world: World) -> None:
    _case, issuer, applicant = granted(world)
    session, fields = (
        world.session,
        monitoring.terms_of(world.session, issuer).monitoring.annual_report.fields,
    )
    answers = {item.id: "None." for item in fields}
    year = world.clock().year
    world.clock.skip(days=366)
    file = lambda told, of=year: monitoring.file_report(  # noqa: E731
        session, issuer.id, of, told, actor=applicant, at=world.clock()
    )
    assert "not complete" in refused(world, lambda: file({}), InvalidInput)
    assert "not complete" in refused(world, lambda: file({**answers, "mood": "Good."}), InvalidInput)
    assert "not complete" in refused(world, lambda: file(answers, world.clock().year), InvalidInput)
    assert [file(answers).number, file(answers).number] == [1, 2]
    assert refused(
        world,
        lambda: monitoring.file_report(
            session, issuer.id, year, answers, actor=world.people["officer"], at=world.clock()
        ),
        NotFound,
    )


def test_a_change_is_told_and_an_urgent_one_is_due_within_hours(world: World) -> None:
    _case, issuer, applicant = granted(world)
    at = world.clock()
    urgent = monitoring.report_change(
        world.session, issuer.id, "key_compromise", "A laptop was stolen.", actor=applicant, at=at
    )
    assert urgent.due_at == at + timedelta(hours=72)
    merger = monitoring.report_change(
        world.session, issuer.id, "merger", "We join another school.", actor=applicant, at=world.clock()
    )
    assert merger.due_at > at + timedelta(days=30)
    assert "cannot be told" in refused(
        world,
        lambda: monitoring.report_change(
            world.session, issuer.id, "weather", "Rain.", actor=applicant, at=world.clock()
        ),
        InvalidInput,
    )


def test_an_item_has_one_owner_and_is_closed_with_reasons(world: World) -> None:
    _case, issuer, applicant = granted(world)
    session, officer = world.session, world.people["officer"]
    other = world.person("other")
    item = monitoring.report_change(
        session, issuer.id, "contact", "A new phone.", actor=applicant, at=world.clock()
    )
    assert refused(world, lambda: monitoring.take(session, item.id, actor=other, at=world.clock()), NotFound)
    monitoring.take(session, item.id, actor=officer, at=world.clock())
    close = lambda reasons: monitoring.close(  # noqa: E731
        session, item.id, MonitoringResult.NOTED, reasons, actor=officer, at=world.clock()
    )
    assert refused(world, lambda: close(" "), InvalidInput)
    assert close("Seen.").result is MonitoringResult.NOTED
    assert "closed already" in refused(world, lambda: close("Again."), Conflict)


def rounds_on(world: World, at: datetime) -> dict[MonitoringKind, int]:
    rounds.tick_rounds(world.session, at)
    found = list(world.session.scalars(select(MonitoringItem)))
    return {kind: sum(1 for item in found if item.kind is kind) for kind in {item.kind for item in found}}


def test_rounds_open_reports_checks_and_windows_once_each(world: World) -> None:
    _case, issuer, _applicant = granted(world)
    start = world.clock()
    assert rounds_on(world, start) == {}
    overdue = datetime(start.year + 1, 5, 5, 12, tzinfo=UTC)
    assert rounds_on(world, overdue) == {MonitoringKind.ANNUAL_REPORT: 1}
    assert rounds_on(world, overdue + timedelta(hours=1)) == {MonitoringKind.ANNUAL_REPORT: 1}
    window = renewals.window_opens(monitoring.terms_of(world.session, issuer), issuer, start)
    assert window is not None
    assert MonitoringKind.RENEWAL not in rounds_on(world, window - timedelta(days=2))
    open_window = rounds_on(world, window + timedelta(days=2))
    assert (open_window[MonitoringKind.RENEWAL], open_window[MonitoringKind.SURVEILLANCE]) == (1, 1)
    assert standing(issuer, start) is Status.ACTIVE


def test_a_suspension_that_lasts_too_long_is_told_before(world: World) -> None:
    _case, issuer, applicant = granted(world)
    world.walk.stop(issuer.id, applicant, Outcome.SUSPEND, Reason.CONDITION_MISSED)
    at = world.clock()
    assert MonitoringKind.SUSPENSION not in rounds_on(world, at)
    assert rounds_on(world, at + timedelta(days=170))[MonitoringKind.SUSPENSION] == 1


def renewed(world: World, issuer: Issuer, applicant: uuid.UUID) -> Application:
    """Ask for a renewal in time and submit it."""
    draft = renewals.begin(world.session, issuer.id, Procedure.RENEWAL, actor=applicant, at=world.clock())
    world.walk.hand_in(draft, applicant)
    key = did_key()
    claim = identities.add(world.session, draft.id, key.new, actor=applicant, at=world.clock())
    assert key.private is not None
    world.walk.prove(claim, key.private, applicant)
    return world.walk.submit(draft, applicant)


def test_a_renewal_opens_with_its_window_and_counts_from_the_end_before(world: World) -> None:
    _case, issuer, applicant = granted(world)
    session = world.session
    until = issuer.events[-1].valid_until
    assert until is not None
    early = lambda: renewals.begin(  # noqa: E731
        session, issuer.id, Procedure.RENEWAL, actor=applicant, at=world.clock()
    )
    assert "may be asked for from" in refused(world, early, TransitionRefused)
    world.clock.moment = until - timedelta(days=300)
    case = renewed(world, issuer, applicant)
    assert (case.prior_id, parse_scope(case.scope)) == (_case.id, parse_scope(_case.scope))
    world.walk.open(case)
    world.walk.identify(case)
    world.walk.judge(case, {})
    world.walk.release(world.walk.decide(case))
    now = interval_at(status_events(issuer), world.clock())
    assert now is not None
    assert now.valid_until is not None
    months = policy_for(case).validity.full_months
    assert (now.valid_until.year - until.year) * 12 + now.valid_until.month - until.month == months


def test_a_recognition_runs_on_while_its_renewal_is_pending_and_ends_with_a_refusal(world: World) -> None:
    _case, issuer, applicant = granted(world)
    until = issuer.events[-1].valid_until
    assert until is not None
    world.clock.moment = until - timedelta(days=20)
    case = renewed(world, issuer, applicant)
    assert renewals.tick_prolong(world.session, until - timedelta(days=3)) == 0
    assert renewals.tick_prolong(world.session, until - timedelta(hours=3)) == 1
    assert renewals.tick_prolong(world.session, until - timedelta(hours=2)) == 0
    assert standing(issuer, until + timedelta(days=100)) is Status.ACTIVE
    world.clock.moment = until + timedelta(days=5)
    world.walk.open(case)
    world.walk.identify(case)
    world.walk.judge(case, {"A1": "not_met"})
    world.walk.release(world.walk.decide(case, Outcome.REFUSE))
    assert standing(issuer, world.clock()) is Status.EXPIRED


class Web:
    """What the outside answers: bodies by address; anything else refuses."""

    def __init__(self, **pages: bytes) -> None:
        self.pages = {f"https://{host}/": body for host, body in pages.items()}

    def __call__(self, url: str) -> bytes:
        if url not in self.pages:
            raise FetchRefused(f"{url} did not answer")
        return self.pages[url]


def test_a_certificate_near_its_end_opens_work(world: World, tmp_path: Path) -> None:
    owner = world.institution()
    key = certificate(owner, tmp_path, world.clock.moment)
    _case, issuer, _applicant = granted(world, institution=owner, keys=(key,))
    der = issuer.identities[0].claim.certificate
    assert der is not None
    end = key_window(der)[2]
    look = lambda days: list(  # noqa: E731
        signals.certificate_expiring(world.session, issuer, Web(), end - timedelta(days=days))
    )
    assert (look(90), look(-1)) == ([], [])
    assert look(30) == look(29)
    assert [finding.detail["ends"] for finding in look(30)] == [f"{end:%Y-%m-%d}"]


def test_what_a_signal_finds_opens_one_item_and_changes_nothing(world: World) -> None:
    _case, issuer, _applicant = granted(world)
    claim = issuer.identities[0].claim
    claim.value = "did:web:school.example"
    world.session.flush()
    at = world.clock()
    assert [signals.look(world.session, issuer, Web(), at + timedelta(hours=n)) for n in (0, 1)] == [1, 0]
    assert [item.subject for item in items(world, MonitoringKind.SIGNAL)] == ["did_document_changed"]
    assert standing(issuer, at) is Status.ACTIVE


def test_a_site_that_is_gone_is_told_once_a_month(world: World) -> None:
    _case, issuer, _applicant = granted(world)
    at = world.clock()
    assert list(signals.domain_lost(world.session, issuer, Web(), at)) == []


def test_a_did_document_with_other_keys_is_told(world: World) -> None:
    _case, issuer, _applicant = granted(world)
    claim = issuer.identities[0].claim
    claim.value = "did:web:school.example"
    world.session.flush()
    at = world.clock()

    def document(x: str) -> Web:
        method = {
            "id": "did:web:school.example#key",
            "type": "JsonWebKey2020",
            "controller": "did:web:school.example",
            "publicKeyJwk": {"kty": "OKP", "crv": "Ed25519", "x": x},
        }
        body = json.dumps({"id": "did:web:school.example", "verificationMethod": [method]}).encode()
        web = Web()
        web.pages["https://school.example/.well-known/did.json"] = body
        return web

    first, second = (
        "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
    )
    look = lambda web, day: [  # noqa: E731
        f.detail for f in signals.did_document_changed(world.session, issuer, web, at + timedelta(days=day))
    ]
    assert look(document(first), 0) == []
    assert look(document(first), 1) == []
    (changed,) = look(document(second), 2)
    assert changed["did"] == "did:web:school.example"
    assert look(document(second), 3) == []
    (lost,) = look(Web(), 4)
    assert "problem" in lost
