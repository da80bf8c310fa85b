"""What two people must stand behind: one proposes, another confirms."""

from enum import StrEnum


class ProposalKind(StrEnum):
    """What is proposed."""

    INELIGIBLE = "ineligible"
    CONFLICT_WAIVER = "conflict_waiver"
    REOPENING = "reopening"
    KEY_ENDED = "key_ended"
    KEY_COMPROMISED = "key_compromised"
    URGENT_SUSPENSION = "urgent_suspension"
    SUSPENSION_LIFTED = "suspension_lifted"
    RELINQUISHMENT = "relinquishment"
    CONDITION_MET = "condition_met"
    WARNING = "warning"
    INSTITUTION_EVENT = "institution_event"
    REDACTION = "redaction"
    REPORT_TEXT = "report_text"
    COMMITTEE_AGAIN = "committee_again"
    ERASURE = "erasure"
