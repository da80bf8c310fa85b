"""Detours by complaints: one that waits for the officer, one that went all the way to a recommendation."""

import uuid

from registry.demo.walk import Walk
from registry.domain.complaints import ANONYMOUS, ComplaintOutcome, ComplaintStep
from registry.models.complaint import Complaint
from registry.models.issuer import Issuer
from registry.services import complaint_handling, complaints
from registry.services.complaint_handling import Resolution
from registry.services.complaints import NewComplaint
from registry.signing.sealing import Seals


def complained(walk: Walk, seals: Seals, issuer_id: uuid.UUID, text: str, *, contact: str = "") -> Complaint:
    """Somebody complains about an issuer: as a learner where they can be reached, else without a name."""
    issuer = walk.session.get_one(Issuer, issuer_id)
    new = NewComplaint(
        scheme=issuer.scheme.slug,
        who="learner" if contact else ANONYMOUS,
        about="issuer_compliance",
        text=text,
        issuer=issuer.institution.slug,
        contact=contact,
    )
    return complaints.lodge(walk.session, seals, new, at=walk.clock()).complaint


def admitted(walk: Walk, complaint: Complaint, officer: uuid.UUID, reasons: str) -> Complaint:
    """The officer acknowledges a complaint and admits it."""
    _act(walk, complaint, ComplaintStep.ACKNOWLEDGE, "", officer)
    return _act(walk, complaint, ComplaintStep.ADMIT, reasons, officer)


def answered(walk: Walk, complaint: Complaint, officer: uuid.UUID, applicant: uuid.UUID) -> Complaint:
    """The officer asks the issuer in words that name nobody, and the issuer answers."""
    asked = "It is said that a course was announced and then not held, and that nobody was told."
    _act(walk, complaint, ComplaintStep.ASK_ISSUER, asked, officer)
    told = "The course was moved by a month. From now on everybody enrolled is told the same day."
    return complaint_handling.reply(walk.session, complaint.id, told, actor=applicant, at=walk.clock())


def recommended(
    walk: Walk, seals: Seals, issuer_id: uuid.UUID, officer: uuid.UUID, applicant: uuid.UUID, text: str
) -> Complaint:
    """A complaint that ends with a recommendation, the issuer having been heard."""
    complaint = complained(walk, seals, issuer_id, text, contact="ewa@learner.example")
    admitted(walk, complaint, officer, "It is about how the issuer keeps to the policy.")
    answered(walk, complaint, officer, applicant)
    end = Resolution(ComplaintOutcome.RECOMMENDATION, "Tell everybody enrolled of a change the same day.")
    return complaint_handling.resolve(walk.session, complaint.id, end, actor=officer, at=walk.clock())


def _act(walk: Walk, complaint: Complaint, step: ComplaintStep, text: str, officer: uuid.UUID) -> Complaint:
    return complaint_handling.act(walk.session, complaint.id, step, text, actor=officer, at=walk.clock())
