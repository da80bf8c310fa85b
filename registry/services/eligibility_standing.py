"""Where the eligibility checks of a case stand: read from the answers kept, nothing is run here."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from registry.domain.policy import EligibilityCheck
from registry.models.application import Application
from registry.models.intake import EligibilityAnswer
from registry.services.case_file import policy_for


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one check stands: the newest answer of the machine and of a person, and what follows. `passed` None: open."""

    check: EligibilityCheck
    machine: EligibilityAnswer | None
    person: EligibilityAnswer | None

    @property
    def passed(self) -> bool | None:
        """The answer that counts: the machine's yes or no, else the person's."""
        if self.machine is not None and self.machine.passed is not None:
            return self.machine.passed
        return self.person.passed if self.person is not None else None

    @property
    def asks_person(self) -> bool:
        """Whether a person has to answer: the policy says so, or the machine could not tell."""
        return self.check.check is None or (self.machine is not None and self.machine.passed is None)

    @property
    def blocks(self) -> bool:
        """Whether this check keeps the application from the review."""
        return self.passed is False and self.check.on_fail == "block"

    @property
    def flagged(self) -> bool:
        """Whether the panel is told of it."""
        return self.passed is not True and self.check.on_fail == "flag"


def standings(session: Session, application: Application) -> list[Standing]:
    """Return where each eligibility check of the policy stands, in the order of the policy."""
    machine: dict[str, EligibilityAnswer] = {}
    person: dict[str, EligibilityAnswer] = {}
    for row in answers_of(session, application.id):
        (machine if row.machine else person)[row.check_id] = row
    return [Standing(c, machine.get(c.id), person.get(c.id)) for c in policy_for(application).eligibility]


_ANSWERS = (
    select(EligibilityAnswer)
    .where(EligibilityAnswer.application_id == bindparam("application_id"))
    .order_by(EligibilityAnswer.number)
)


def answers_of(session: Session, application_id: uuid.UUID) -> Sequence[EligibilityAnswer]:
    """Return every answer ever given in a case, the oldest first."""
    return session.scalars(_ANSWERS, {"application_id": application_id}).all()


def problem(session: Session, application: Application) -> str | None:
    """Return what keeps a case from passing its eligibility, as a sentence, or None."""
    found = standings(session, application)
    open_checks = [s.check.id for s in found if s.passed is None]
    if open_checks:
        return f"answer the eligibility checks first: {', '.join(open_checks)}"
    blocking = [s.check.id for s in found if s.blocks]
    return f"the application is not eligible by: {', '.join(blocking)}" if blocking else None
