"""What became of the other cases of the demo: every interesting state of the procedure, and what follows a grant.

Each turn is one row: who asks, in which scheme, with which keys and scope, how it is rated, and the function that tells the
rest through the services. All institutions are invented; the split and the merger are shaped like real ones.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from registry.demo import detours_complaints as complaining
from registry.demo import detours_decision as deciding
from registry.demo import detours_intake as intake
from registry.demo import detours_judgement as judging
from registry.demo import detours_standing as after
from registry.demo.stories import EUROPEAN, QUALITY, grant
from registry.demo.walk import Story, Walk
from registry.domain.policy import Outcome
from registry.domain.recognition import Reason
from registry.domain.roles import CaseRole
from registry.domain.two_people import ProposalKind
from registry.domain.workflow import Action
from registry.models.application import Application
from registry.models.issuer import Issuer
from registry.services import (
    applications,
    conditions,
    decisions,
    declarations,
    objections,
    ticking,
    two_people,
)
from registry.services.conditions import conditions_of
from registry.signing.sealing import Seals


@dataclass(frozen=True, slots=True)
class Tale:
    """What a turn works with: the walk, the story, the case as handed in, and the other institutions by word."""

    walk: Walk
    story: Story
    case: Application
    appeal: deciding.AppealCast
    complaints_officer: uuid.UUID
    institutions: Mapping[str, uuid.UUID]
    seals: Seals

    def go(self, *steps: Callable[[Application], object]) -> None:
        """Take steps of the walk, one after the other."""
        for step in steps:
            step(self.case)

    def submitted(self) -> None:
        """Submit the case."""
        self.walk.submit(self.case, self.story.applicant)

    def under_review(self) -> None:
        """Bring the case to its review."""
        self.submitted()
        self.go(self.walk.open, self.walk.identify)

    def before_committee(self) -> None:
        """Bring the case before the committee."""
        self.under_review()
        self.walk.judge(self.case, self.story.ratings)

    def granted(self) -> Issuer:
        """Walk the case to its release, and return the issuer."""
        self.before_committee()
        self.walk.release(self.walk.decide(self.case, self.story.outcome))
        return self.walk.session.get_one(Issuer, self.case.issuer_id)


def _returned(tale: Tale) -> None:
    tale.submitted()
    tale.go(lambda case: intake.opened(tale.walk, case), lambda case: intake.returned(tale.walk, case))


def _resubmitted(tale: Tale) -> None:
    _returned(tale)
    intake.resubmitted(tale.walk, tale.case)


def _lapsed(tale: Tale) -> None:
    _returned(tale)
    if tale.case.due_at is not None:
        tale.walk.clock.moment = tale.case.due_at + timedelta(minutes=1)
    ticking.tick(tale.walk.session, tale.walk.clock())


def _ineligible(tale: Tale) -> None:
    tale.submitted()
    tale.go(tale.walk.open, lambda case: intake.ineligible(tale.walk, case))


def _to_second_word(tale: Tale) -> None:
    tale.submitted()
    tale.go(tale.walk.open, lambda case: intake.proposed_ineligible(tale.walk, case))


def _on_hold(tale: Tale) -> None:
    tale.under_review()
    applications.act(
        tale.walk.session,
        tale.case.id,
        Action.PUT_ON_HOLD,
        note="The register of institutions is closed until its new law is in force.",
        actor=tale.walk.cast.case_officer,
        at=tale.walk.clock(),
    )


def _objected(tale: Tale) -> None:
    """Bring the case to a proposed panel with an objection that waits for its answer, and a tie that waits for a waiver."""
    walk, case = tale.walk, tale.case
    tale.submitted()
    walk.open(case)
    walk.confirm_identity(case)
    walk.propose_panel(case)
    objections.object_to(
        walk.session,
        case.id,
        walk.cast.reviewers[1],
        "This person sat on a committee that we disagreed with in public.",
        actor=tale.story.applicant,
        at=walk.clock(),
    )
    tied = walk.cast.reviewers[2]
    walk.declare(case, tied, CaseRole.PANEL_MEMBER, COI_6="We signed one joint paper, three years ago.")
    waiver = two_people.NewProposal(
        declarations.waiver_object(case, tied), "One paper of many authors.", application_id=case.id
    )
    kind, officer = ProposalKind.CONFLICT_WAIVER, walk.cast.case_officer
    two_people.propose(walk.session, kind, waiver, actor=officer, at=walk.clock())


def _clarification(tale: Tale) -> None:
    tale.under_review()
    judging.ask(tale.walk, tale.case)


def _visit(tale: Tale) -> None:
    tale.under_review()
    judging.begin_visit(tale.walk, tale.case)


def _factual_check(tale: Tale) -> None:
    tale.under_review()
    judging.rate(tale.walk, tale.case, tale.story.ratings)
    judging.dispute(tale.walk, tale.case, judging.sent_for_factual_check(tale.walk, tale.case))


def _representation(tale: Tale) -> None:
    tale.before_committee()
    tale.walk.vote(tale.case, Outcome.REFUSE)
    decisions.give_notice(
        tale.walk.session,
        tale.case.id,
        "The committee intends to refuse, since learners cannot verify what they are given.",
        version=tale.case.version,
        actor=tale.walk.cast.committee[0],
        at=tale.walk.clock(),
    )


def _deferred(tale: Tale) -> None:
    tale.before_committee()
    deciding.deferred(tale.walk, tale.case)


def _refused(tale: Tale) -> None:
    tale.before_committee()
    deciding.refused_after_hearing(tale.walk, tale.case)
    deciding.delivered(tale.walk, tale.case, tale.story.applicant)


def _appealed(tale: Tale) -> None:
    tale.before_committee()
    deciding.refused_after_hearing(tale.walk, tale.case)
    deciding.appealed(tale.walk, tale.case, tale.story.applicant)
    deciding.appeal_seated(tale.walk, tale.case, tale.appeal)


def _returned_by_appeal(tale: Tale) -> None:
    """Refuse, let the appeal send the case back to its review, and recognize in the end."""
    tale.before_committee()
    deciding.refused_after_hearing(tale.walk, tale.case)
    deciding.appealed_and_returned(tale.walk, tale.case, tale.story.applicant, tale.appeal)
    deciding.reconsidered(tale.walk, tale.case, {"S5": "compliant"})
    tale.walk.release(tale.walk.decide(tale.case, Outcome.RECOGNIZE))


def _condition_met(tale: Tale) -> None:
    issuer, walk = tale.granted(), tale.walk
    walk.clock.skip(days=20)
    (first, *_rest) = conditions_of(walk.session, issuer.id, walk.clock())
    conditions.show(
        walk.session,
        walk.files,
        first.condition.id,
        "The new survey of learners is in force; its first results are attached.",
        file=("survey.txt", b"231 of 412 learners answered.\n"),
        actor=tale.story.applicant,
        at=walk.clock(),
    )
    new = two_people.NewProposal(
        str(first.condition.id), "The survey closes the gap that the report named.", issuer_id=issuer.id
    )
    after.ordered(walk, ProposalKind.CONDITION_MET, new, walk.cast.case_officer, walk.cast.reviewers[0])


def _condition_missed(tale: Tale) -> None:
    """Let a condition pass unmet, which opens work, and suspend after a hearing."""
    issuer, walk = tale.granted(), tale.walk
    due = max(standing.condition.due for standing in conditions_of(walk.session, issuer.id, walk.clock()))
    walk.clock.moment = due + timedelta(days=1)
    conditions.tick_conditions(walk.session, walk.clock())
    walk.clock.skip(days=12)
    walk.stop(issuer.id, tale.story.applicant, Outcome.SUSPEND, Reason.CONDITION_MISSED)


def _key_compromised(tale: Tale) -> None:
    issuer, walk = tale.granted(), tale.walk
    walk.clock.skip(days=30)
    claim = issuer.identities[0].claim_id
    after.compromised_key(walk, claim, walk.clock.moment - timedelta(days=3))


def _urgently_suspended(tale: Tale) -> None:
    """Suspend at once somebody just granted; the committee has five days to confirm it, so this comes last."""
    after.urgently_suspended(tale.walk, tale.granted().id)


def _relinquished(tale: Tale) -> None:
    issuer = tale.granted()
    tale.walk.clock.skip(days=25)
    after.relinquished(tale.walk, issuer.id, tale.story.applicant)


def _warned(tale: Tale) -> None:
    issuer = tale.granted()
    tale.walk.clock.skip(days=25)
    after.warned(
        tale.walk,
        issuer.id,
        "Pages of two courses did not say how learners are assessed; both are to be completed within 60 days.",
        "Strony dwóch kursów nie podawały, jak ocenia się uczących się; należy je uzupełnić w ciągu 60 dni.",
    )


def _complained(tale: Tale) -> None:
    """Let a learner complain, which ends with a recommendation, and somebody else who does not give a name."""
    issuer, walk = tale.granted(), tale.walk
    walk.clock.skip(days=15)
    officer, applicant = tale.complaints_officer, tale.story.applicant
    complaining.recommended(
        walk, tale.seals, issuer.id, officer, applicant, "My badge names a course of 30 hours; it had 20."
    )
    complaining.complained(walk, tale.seals, issuer.id, "The page of the course does not say who teaches it.")


def _merged(tale: Tale) -> None:
    """Let a school be taken up by a university that was recognized before, as two universities in Lithuania were."""
    issuer = tale.granted()
    tale.walk.clock.skip(days=20)
    after.merged(tale.walk, issuer, tale.institutions["first"])


def _split(tale: Tale) -> None:
    """Split a university in two, as one in Germany was: one part carries half of the recognition, the other applies anew."""
    issuer = tale.granted()
    tale.walk.clock.skip(days=20)
    part: dict[str, Any] = {"grants": [dict(tale.story.scope["grants"][0])]}
    north, south = tale.institutions["north"], tale.institutions["south"]
    after.split(tale.walk, issuer, {north: part, south: None})


@dataclass(frozen=True, slots=True)
class Turn:
    """One row; see `stories.DemoCase`."""

    institution: str
    scheme: str
    tell: Callable[[Tale], None]
    keys: tuple[str, ...] = ("did",)
    scope: tuple[Mapping[str, Any], ...] = field(default_factory=lambda: (grant("0613", "5"),))
    ratings: Mapping[str, str] = field(default_factory=dict)
    days: int = 3


_GAP = {"S5": "partially_compliant"}
EARLY: tuple[Turn, ...] = (
    Turn("harbour", EUROPEAN, _condition_missed, ratings={"P10": "absent"}),
    Turn("lakes", QUALITY, _merged, scope=(grant("0421", "7", "on_site"),)),
    Turn("twin", QUALITY, _split, scope=(grant("06", "5"), grant("01", "6", "on_site"))),
)
"""Turns that take long; they are told first."""
LATE: tuple[Turn, ...] = (
    Turn("amber", QUALITY, _lapsed),
    Turn("weaving", QUALITY, _condition_met, ratings=_GAP),
    Turn("signals", QUALITY, _key_compromised, ("did", "x509")),
    Turn("quiet", QUALITY, _relinquished),
    Turn("notes", QUALITY, _warned),
    Turn("lantern", EUROPEAN, _complained),
    Turn("second-look", QUALITY, _returned_by_appeal, ratings={"S5": "non_compliant"}),
    Turn("glass", EUROPEAN, _refused, ratings={"A1": "not_met"}),
)
"""Turns that are over, or nearly so."""
WAITING: tuple[Turn, ...] = (
    Turn("bridge", QUALITY, _appealed, ratings={"A1": "not_met"}, days=1),
    Turn("bees", QUALITY, _deferred, days=1),
    Turn("clay", QUALITY, _representation, ratings={"S9": "partially_compliant"}, days=1),
    Turn("rail", QUALITY, _factual_check, days=1),
    Turn("puppet", QUALITY, _visit, days=1),
    Turn("garden", EUROPEAN, _clarification, days=1),
    Turn("kite", QUALITY, _objected, days=1),
    Turn("mill", QUALITY, _on_hold, days=1),
    Turn("salt", EUROPEAN, _ineligible, days=1),
    Turn("cedar", QUALITY, _to_second_word, days=1),
    Turn("brick", EUROPEAN, _resubmitted, days=1),
    Turn("south", QUALITY, _returned, days=1),
    Turn("rapid", EUROPEAN, _urgently_suspended, days=1),
)
"""Turns that end where somebody has the move; they are told last, so that their deadlines lie ahead."""
