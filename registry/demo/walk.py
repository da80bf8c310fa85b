"""Walk one case through the real services, as all the people it takes. The demo and the tests use the same walk."""

import base64
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from sqlalchemy.orm import Session

from registry.demo.clock import SteppingClock
from registry.domain.conflicts import Answer
from registry.domain.policy import Criterion, Need, Outcome, Policy, ScaleValue, Standing
from registry.domain.policy_terms import Panel
from registry.domain.recognition import Reason
from registry.domain.roles import COMMITTEE, CaseRole, PanelSeat
from registry.domain.voting import Ballot
from registry.domain.workflow import Action
from registry.files import FileStore
from registry.models.application import Application
from registry.models.decision import Decision, Motion
from registry.models.issuer import IdentityClaim
from registry.services import (
    applications,
    cases,
    decisions,
    declarations,
    eligibility,
    eligibility_standing,
    evidence,
    finality,
    identities,
    interests,
    objections,
    panels,
    releases,
    reviews,
    supervision,
)
from registry.services.case_file import policy_for
from registry.services.guards import seated
from registry.services.standing import is_final_first

PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class Cast:
    """The people of one body: as many per role as the rules require."""

    intake_officer: uuid.UUID
    case_officer: uuid.UUID
    verifiers: tuple[uuid.UUID, uuid.UUID]
    reviewers: tuple[uuid.UUID, ...]
    committee: tuple[uuid.UUID, ...]
    registrars: tuple[uuid.UUID, uuid.UUID]


@dataclass(frozen=True, slots=True)
class Key:
    """An issuing identity with the private key that proves it; None for a platform's."""

    new: identities.NewIdentity
    private: PrivateKey | None


@dataclass(frozen=True, slots=True)
class Story:
    """What one case is about. `ratings` names the criteria that are not rated with the best value of their scale."""

    institution: uuid.UUID
    scheme: uuid.UUID
    applicant: uuid.UUID
    scope: Mapping[str, Any]
    keys: tuple[Key, ...]
    ratings: Mapping[str, str] = field(default_factory=dict)
    outcome: Outcome | None = None


def sign(private: PrivateKey, challenge: str) -> str:
    """Return a bare signature over a challenge, base64."""
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return base64.b64encode(private.sign(challenge.encode())).decode()
    return base64.b64encode(private.sign(challenge.encode(), ec.ECDSA(hashes.SHA256()))).decode()


class Walk:
    """Walks a story step by step. `clock` gives the instant of each step; it may be a moved one."""

    def __init__(self, session: Session, files: FileStore, cast: Cast, clock: SteppingClock) -> None:
        self.session, self.files, self.cast, self.clock = session, files, cast, clock

    def apply(self, story: Story) -> Application:
        """As the applicant: draft, scope, evidence, keys, submission."""
        s, who = self.session, story.applicant
        application = applications.start(s, story.institution, story.scheme, actor=who, at=self.clock())
        applications.set_scope(s, application.id, story.scope, actor=who, at=self.clock())
        self.hand_in(application, who)
        for key in story.keys:
            claim = identities.add(s, application.id, key.new, actor=who, at=self.clock())
            if key.private is not None:
                self.prove(claim, key.private, who)
        return application

    def submit(self, application: Application, who: uuid.UUID) -> Application:
        """As the signatory: submit."""
        applications.submit(
            self.session, application.id, version=application.version, actor=who, at=self.clock()
        )
        return application

    def hand_in(self, application: Application, who: uuid.UUID) -> None:
        """Hand in every piece of evidence that the policy requires of an applicant."""
        for _criterion, item in policy_for(application).evidence_items():
            if not item.required or item.provided_by != "applicant":
                continue
            if item.kind in {"public_url", "declaration"}:
                text = (
                    f"https://example.org/{item.id.lower()}"
                    if item.kind == "public_url"
                    else item.title["en"]
                )
                evidence.add_text(
                    self.session,
                    application.id,
                    item.id,
                    text,
                    items=item.min_count,
                    actor=who,
                    at=self.clock(),
                )
                continue
            evidence.add_file(
                self.session,
                self.files,
                application.id,
                item.id,
                name=f"{item.id}.txt",
                data=f"{item.title['en']}\n{application.reference}\n".encode(),
                limit=2**20,
                case_limit=2**26,
                items=item.min_count,
                actor=who,
                at=self.clock(),
            )

    def prove(self, claim: IdentityClaim, private: PrivateKey, who: uuid.UUID) -> None:
        """Sign the challenge of an identity."""
        identities.prove(self.session, claim.id, sign(private, claim.challenge), actor=who, at=self.clock())

    def act(self, application: Application, action: Action, who: uuid.UUID) -> None:
        """Take a plain step."""
        applications.act(self.session, application.id, action, actor=who, at=self.clock())

    def declare(self, application: Application, who: uuid.UUID, role: CaseRole, **ties: str) -> None:
        """Declare no interests, but those named as `COI_6="why"`."""
        rules = (rule.id for rule in interests.rules_for(application, role))
        said = {rule: ties.get(rule.replace("-", "_")) for rule in rules}
        answers = {rule: Answer(yes=text is not None, text=text or "") for rule, text in said.items()}
        declarations.declare(self.session, application.id, answers, actor=who, at=self.clock())

    def seat(
        self,
        application: Application,
        who: uuid.UUID,
        role: CaseRole,
        *,
        by: uuid.UUID,
        seat: PanelSeat | None = None,
    ) -> None:
        """Give a part and have the person declare."""
        cases.assign(self.session, application.id, who, role, seat=seat, actor=by, at=self.clock())
        self.declare(application, who, role)

    def open(self, application: Application) -> None:
        """Intake: the officers get their parts, and the application is found complete."""
        cast, intake = self.cast, self.cast.intake_officer
        self.act(application, Action.OPEN, intake)
        self.declare(application, intake, CaseRole.INTAKE_OFFICER)
        self.seat(application, cast.case_officer, CaseRole.CASE_OFFICER, by=intake)
        for verifier in cast.verifiers:
            self.seat(application, verifier, CaseRole.IDENTITY_VERIFIER, by=intake)
        self.act(application, Action.CONFIRM_COMPLETE, intake)

    def identify(self, application: Application) -> None:
        """Two verifiers look at every identity; a panel is composed, declares, and opens its review."""
        self.confirm_identity(application)
        self.propose_panel(application)
        self.accept_panel(application)
        for action in (Action.APPOINT_PANEL, Action.OPEN_REVIEW):
            self.act(application, action, self.cast.case_officer)

    def confirm_identity(self, application: Application) -> None:
        """Two verifiers look at every identity, and the case is found eligible."""
        verifiers = self.cast.verifiers
        self.answer_eligibility(application)
        self.gather(application, verifiers[0])
        for claim in application.identity_claims:
            for verifier in verifiers:
                identities.confirm(self.session, claim.id, actor=verifier, at=self.clock())
        self.act(application, Action.CONFIRM_IDENTITY, verifiers[1])

    def answer_eligibility(self, application: Application) -> None:
        """The case officer answers with yes whatever the policy, or a machine that cannot tell, leaves to a person."""
        for standing in eligibility_standing.standings(self.session, application):
            if standing.asks_person:
                eligibility.answer(
                    self.session,
                    application.id,
                    standing.check.id,
                    passed=True,
                    reasons="The documents show it.",
                    actor=self.cast.case_officer,
                    at=self.clock(),
                )

    def gather(self, application: Application, who: uuid.UUID) -> None:
        """Record the evidence that the body gathers itself."""
        for _criterion, item in policy_for(application).evidence_items():
            if item.provided_by == "body":
                evidence.add_body_text(
                    self.session, application.id, item.id, item.title["en"], actor=who, at=self.clock()
                )

    def propose_panel(self, application: Application) -> None:
        """A panel is composed, declares, and is proposed to the applicant."""
        officer = self.cast.case_officer
        for who, (role, seat) in self.places(application):
            self.seat(application, who, role, by=officer, seat=seat)
        self.act(application, Action.PROPOSE_PANEL, officer)

    def places(self, application: Application) -> list[tuple[uuid.UUID, tuple[CaseRole, PanelSeat]]]:
        """Return the people of the panel with their parts and seats, the chair first."""
        needed = panels.needed_for(self.session, application)
        return list(zip(self.cast.reviewers, seats_of(policy_for(application).panel, needed), strict=False))

    def accept_panel(self, application: Application) -> None:
        """As the applicant: no objection to the panel."""
        objections.accept_panel(self.session, application.id, actor=application.created_by, at=self.clock())

    def review(self, application: Application, ratings: Mapping[str, str]) -> None:
        """Every member rates alone, the chair writes down what the panel agreed, and files the report."""
        policy = policy_for(application)
        panel = self.places(application)
        rated = [rating_for(policy, criterion, ratings.get(criterion.id)) for criterion in policy.criteria]
        for who, _seat in panel:
            reviews.rate_all_alone(self.session, application.id, rated, actor=who, at=self.clock())
        reviews.agree_on_all(self.session, application.id, rated, actor=panel[0][0], at=self.clock())
        self.report(application)

    def report(self, application: Application) -> None:
        """The chair files the draft, the applicant has no remark on its facts, the chair files the final report."""
        chair, summary = (
            self.cast.reviewers[0],
            "The panel has looked at the evidence criterion by criterion.",
        )
        reviews.file_draft_report(
            self.session, application.id, summary, version=application.version, actor=chair, at=self.clock()
        )
        self.act(application, Action.SEND_FOR_FACTUAL_CHECK, chair)
        self.act(application, Action.END_FACTUAL_CHECK, application.created_by)
        reviews.file_report(
            self.session, application.id, summary, version=application.version, actor=chair, at=self.clock()
        )

    def seat_committee(self, application: Application) -> None:
        """Seat the committee, chair first."""
        for position, who in enumerate(self.cast.committee):
            role = CaseRole.COMMITTEE_CHAIR if position == 0 else CaseRole.COMMITTEE_MEMBER
            self.seat(application, who, role, by=self.cast.case_officer)

    def decide(self, application: Application, outcome: Outcome | None = None) -> Decision:
        """Decide for the proposed outcome (or another, with reasons), after a hearing where it is worse than asked."""
        motion = self.vote(application, outcome)
        if decisions.unheard(application, motion):
            self.hear(application)
            self.vote(application, outcome)
        return decisions.decide(
            self.session,
            application.id,
            version=application.version,
            actor=self.cast.committee[0],
            at=self.clock(),
        )

    def vote(self, application: Application, outcome: Outcome | None = None) -> Motion:
        """The chair puts an outcome to the vote, and all who sit on the committee vote for it."""
        proposed = decisions.proposal_for(self.session, application).outcome
        chosen = outcome or proposed
        reasons = "" if chosen is proposed else "The committee weighed the evidence differently."
        motion = decisions.put_motion(
            self.session,
            application.id,
            decisions.NewMotion(chosen, reasons, ending=ending_for(chosen)),
            actor=self.cast.committee[0],
            at=self.clock(),
        )
        there = {part.account_id for part in seated(application, *COMMITTEE)}
        for who in (one for one in self.cast.committee if one in there):
            decisions.cast_vote(self.session, motion.id, Ballot.FOR, actor=who, at=self.clock())
        return motion

    def hear(self, application: Application) -> None:
        """The chair gives notice of what is intended, the applicant answers, the officer closes the hearing."""
        decisions.give_notice(
            self.session,
            application.id,
            "The committee intends this outcome; the report names the reasons.",
            version=application.version,
            actor=self.cast.committee[0],
            at=self.clock(),
        )
        supervision.answer_hearing(
            self.session,
            application.id,
            "We accept what the report says.",
            actor=application.created_by,
            at=self.clock(),
        )
        self.act(application, Action.CLOSE_HEARING, self.cast.case_officer)

    def release(self, decision: Decision) -> None:
        """Two registrars sign."""
        first, second = self.cast.registrars
        releases.propose(self.session, decision.id, actor=first, at=self.clock())
        releases.release(self.session, decision.id, actor=second, at=self.clock())

    def judge(self, application: Application, ratings: Mapping[str, str]) -> None:
        """The panel reviews; the committee is seated and gets the report."""
        self.review(application, ratings)
        self.seat_committee(application)
        self.act(application, Action.REFER_TO_COMMITTEE, self.cast.case_officer)

    def whole(self, story: Story) -> Application:
        """Walk the straight path to its end."""
        application = self.apply(story)
        self.submit(application, story.applicant)
        self.open(application)
        self.identify(application)
        self.judge(application, story.ratings)
        self.release(self.decide(application, story.outcome))
        return application

    def stop(self, issuer: uuid.UUID, applicant: uuid.UUID, outcome: Outcome, ground: Reason) -> Application:
        """Hear the issuer, then take the measure; where that waits for its finality, the issuer gives the appeal up."""
        application = self.accuse(issuer, applicant, outcome, ground)
        self.release(self.decide(application))
        if is_final_first(application, outcome):
            finality.waive_appeal(
                self.session, application.id, version=application.version, actor=applicant, at=self.clock()
            )
        return application

    def accuse(
        self, issuer: uuid.UUID, applicant: uuid.UUID, outcome: Outcome, ground: Reason
    ) -> Application:
        """Open a case against an issuer, hear it, and bring the case before the committee."""
        officer = self.cast.case_officer
        application = supervision.open_hearing(
            self.session,
            issuer,
            proposed=outcome,
            ground=ground,
            notice="The body has learned of a reason to act and asks the issuer to answer.",
            actor=officer,
            at=self.clock(),
        )
        self.declare(application, officer, CaseRole.CASE_OFFICER)
        supervision.answer_hearing(
            self.session, application.id, "We have nothing to add.", actor=applicant, at=self.clock()
        )
        self.seat_committee(application)
        self.act(application, Action.CLOSE_HEARING, officer)
        return application


KEPT: Mapping[str, Any] = {
    "records_kept_by": "Invented State Archive",
    "status_service_kept_by": "Invented State Archive",
}
"""Who keeps what learners need, in the demo."""


def ending_for(outcome: Outcome) -> dict[str, Any] | None:
    """Return what a stop says to learners; None for what stops nothing."""
    remedy = {"en": "A free assessment elsewhere.", "pl": "Bezpłatny egzamin w innej instytucji."}
    if outcome is Outcome.VOID:
        return {**KEPT, "remedy": remedy}
    return dict(KEPT) if outcome is Outcome.WITHDRAW else None


def seats_of(panel: Panel, needed: Collection[PanelSeat]) -> list[tuple[CaseRole, PanelSeat]]:
    """Return parts and seats that make a complete panel, the chair first."""
    wanted = dict.fromkeys([PanelSeat.CHAIR, PanelSeat.LEARNER, *needed])
    extra = [seat for seat in PanelSeat if seat not in wanted]
    seats = [*wanted, *extra][: max(panel.size.min, len(wanted))]
    return [
        (CaseRole.PANEL_CHAIR if seat is PanelSeat.CHAIR else CaseRole.PANEL_MEMBER, seat) for seat in seats
    ]


def rating_for(policy: Policy, criterion: Criterion, value: str | None) -> reviews.NewRating:
    """Return a rating with everything its value requires; the best value of the scale unless one is given."""
    scale = policy.scale_of(criterion)
    chosen = scale.value(value) if value else best_value(scale.values)
    if chosen is None:
        raise ValueError(f"{criterion.id} has no rating {value}")
    cited = [e.id for e in criterion.evidence if e.required]
    needs = set(chosen.requires)
    return reviews.NewRating(
        criterion=criterion.id,
        value=chosen.id,
        reasons="The evidence shows it." if Need.REASONS in needs else "",
        cited=tuple(cited),
        recommendation="Close the gap and show it." if Need.RECOMMENDATION in needs else "",
        condition="Close the gap that the report names." if Need.CONDITION in needs else "",
    )


def best_value(values: tuple[ScaleValue, ...]) -> ScaleValue:
    """Return the highest rating that meets the criterion."""
    return max((v for v in values if v.standing is not Standing.NOT_APPLICABLE), key=lambda v: v.rank)
