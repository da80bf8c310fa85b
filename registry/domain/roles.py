"""Roles: who may act for an institution, for an accreditation body, and for the operator.

A role is data (a grant to a person for one body or institution); what it may do stands in the workflow table and in the
routes.
"""

from enum import StrEnum


class _Kind(StrEnum):
    """Two members are equal only within one class: the role of a body and the part in a case of one name are two things."""

    def __eq__(self, other: object) -> bool:
        if isinstance(other, _Kind) and type(other) is not type(self):
            return False
        return str.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__


class Role(_Kind):
    """A role a person holds, always for one institution, one body, or the operator."""

    # for an institution
    OWNER = "owner"
    CONTRIBUTOR = "contributor"
    SIGNATORY = "signatory"
    KEY_CUSTODIAN = "key_custodian"
    # for a body
    INTAKE_OFFICER = "intake_officer"
    CASE_OFFICER = "case_officer"
    IDENTITY_VERIFIER = "identity_verifier"
    REVIEWER = "reviewer"
    COMMITTEE_CHAIR = "committee_chair"
    COMMITTEE_MEMBER = "committee_member"
    APPEALS_MEMBER = "appeals_member"
    COMPLAINTS_OFFICER = "complaints_officer"
    REGISTRAR = "registrar"
    POLICY_EDITOR = "policy_editor"
    POLICY_APPROVER = "policy_approver"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    # for the registry
    OPERATOR = "operator"
    # nobody's
    CLOCK = "clock"


INSTITUTION_ROLES = frozenset({Role.OWNER, Role.CONTRIBUTOR, Role.SIGNATORY, Role.KEY_CUSTODIAN})
OPERATOR_ROLES = frozenset({Role.OPERATOR})
BODY_ROLES = frozenset(Role) - INSTITUTION_ROLES - OPERATOR_ROLES - {Role.CLOCK}
"""`Role.CLOCK` is granted to nobody: the registry itself acts in it when a deadline has passed."""


_WITHOUT_ADMINISTRATOR = (
    *(Role.INTAKE_OFFICER, Role.CASE_OFFICER, Role.IDENTITY_VERIFIER, Role.REVIEWER),
    *(Role.COMMITTEE_CHAIR, Role.COMMITTEE_MEMBER, Role.APPEALS_MEMBER, Role.COMPLAINTS_OFFICER),
    Role.REGISTRAR,
)
EXCLUSIVE: tuple[tuple[Role, Role], ...] = (
    (Role.POLICY_EDITOR, Role.POLICY_APPROVER),
    *((Role.ADMINISTRATOR, role) for role in _WITHOUT_ADMINISTRATOR),
)
"""Roles that one person never holds together for one body: who writes a policy does not adopt it, and who gives the roles
works on no case, rates nothing, votes on nothing and signs nothing. The database refuses such a grant too. That a registrar
is not their own second signer is kept per act: by every table that names two people."""


def excluded_by(role: Role) -> frozenset[Role]:
    """Return the roles that whoever holds `role` for a body may not hold for it."""
    return frozenset(other for pair in EXCLUSIVE if role in pair for other in pair if other is not role)


class CaseRole(_Kind):
    """The part a person plays in one case; never two parts that exclude each other."""

    INTAKE_OFFICER = "intake_officer"
    CASE_OFFICER = "case_officer"
    IDENTITY_VERIFIER = "identity_verifier"
    PANEL_CHAIR = "panel_chair"
    PANEL_MEMBER = "panel_member"
    PANEL_SECRETARY = "panel_secretary"
    COMMITTEE_CHAIR = "committee_chair"
    COMMITTEE_MEMBER = "committee_member"
    REGISTRAR = "registrar"
    SECOND_SIGNER = "second_signer"
    APPEALS_MEMBER = "appeals_member"
    COMPLAINTS_OFFICER = "complaints_officer"


PANEL = frozenset({CaseRole.PANEL_CHAIR, CaseRole.PANEL_MEMBER, CaseRole.PANEL_SECRETARY})
RATERS = frozenset({CaseRole.PANEL_CHAIR, CaseRole.PANEL_MEMBER})
COMMITTEE = frozenset({CaseRole.COMMITTEE_CHAIR, CaseRole.COMMITTEE_MEMBER})


class PanelSeat(StrEnum):
    """What a panel member brings; every panel has a learner."""

    CHAIR = "chair"
    SUBJECT = "subject"
    LEARNER = "learner"
    EMPLOYER = "employer"
    CREDENTIAL_TECHNOLOGY = "credential_technology"
