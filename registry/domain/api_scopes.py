"""What programs may do through the API: ONE table of roles, the steps in each, and the scopes made from them.

A program is one party (one account), and no person. It does clerical work that a person answers for: it never rates,
votes, signs, verifies an identity, proposes or confirms what two people must stand behind, and never submits for an
applicant. Parts that exclude each other exclude the programs in one person's hands too: who was shown a program's secret
is that program.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from registry.domain.roles import CaseRole, Role
from registry.domain.workflow import Action


@dataclass(frozen=True, slots=True)
class Work:
    """A role that a program may hold, the part in a case that goes with it, and the steps it may take."""

    role: Role
    part: CaseRole | None
    steps: frozenset[Action]
    told: str
    """For the document of the API."""


_A = Action
WORK: Final[tuple[Work, ...]] = (
    Work(Role.CONTRIBUTOR, None, frozenset(), "Write drafts for the institution; a person submits them"),
    Work(
        Role.INTAKE_OFFICER,
        CaseRole.INTAKE_OFFICER,
        frozenset({_A.OPEN, _A.CONFIRM_COMPLETE, _A.RETURN_FOR_COMPLETION, _A.TAKE_UP}),
        "Open cases, check completeness, give parts",
    ),
    Work(
        Role.CASE_OFFICER,
        CaseRole.CASE_OFFICER,
        frozenset(
            {
                *(_A.RETURN_FOR_COMPLETION, _A.PROPOSE_PANEL, _A.APPOINT_PANEL, _A.OPEN_REVIEW, _A.TAKE_UP),
                *(
                    _A.END_FACTUAL_CHECK,
                    _A.REFER_TO_COMMITTEE,
                    _A.CLOSE_HEARING,
                    _A.RESUME_DEFERRED,
                    _A.CLOSE,
                ),
            }
        ),
        "Lead cases from step to step; what ends or stops a case is left to people",
    ),
    Work(Role.AUDITOR, None, frozenset(), "Read the cases of the body"),
)
PROGRAM_ROLES: Final = frozenset(work.role for work in WORK)
"""Roles that a program may hold; all others are people's."""
PROGRAM_STEPS: Final[Mapping[Role | CaseRole, frozenset[Action]]] = {
    **{work.role: work.steps for work in WORK},
    **{work.part: work.steps for work in WORK if work.part is not None},
}
"""The steps open to a program, by its role or its part."""
ROLE_OF_PART: Final = {work.part: work.role for work in WORK if work.part is not None}
"""The role behind each part that a program may play."""

READ: Final = "read"
"""Use every role of the program, but only to read."""
_ROLE: Final = "role:"
SCOPES: Final = {READ: "Read what the program's roles may read", **{f"{_ROLE}{w.role}": w.told for w in WORK}}
"""Every scope (RFC 6749, 3.3) and what it opens, in the order of the table."""


def scope_of(role: Role) -> str:
    """Return the scope that stands for a role."""
    return f"{_ROLE}{role.value}"


def in_order(scopes: Collection[str]) -> str:
    """Return known scopes in wire form: by spaces, in the order of the table."""
    return " ".join(scope for scope in SCOPES if scope in scopes)


def scopes_for(roles: Collection[Role]) -> frozenset[str]:
    """Return the scopes that a program with these roles may ask for."""
    return frozenset({READ, *(scope_of(role) for role in roles if role in PROGRAM_ROLES)})


def roles_in(scopes: Iterable[str], *, reading: bool) -> frozenset[Role]:
    """Return the roles that a token may use in one request: those it names; when only reading, `read` opens all."""
    given = frozenset(scopes)
    if reading and READ in given:
        return PROGRAM_ROLES
    return frozenset(role for role in PROGRAM_ROLES if scope_of(role) in given)


def may_take(role: Role | CaseRole, action: Action) -> bool:
    """Whether a program may take a step by a role or a part."""
    return action in PROGRAM_STEPS.get(role, frozenset())
