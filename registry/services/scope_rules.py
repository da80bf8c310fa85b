"""What a scope asks for that the policy does not offer, or the body may not recognize."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from registry.domain.policy import Dimension, Policy
from registry.domain.scope import Scope, parse_scope
from registry.errors import FieldError
from registry.models.body import Body


def mandate_problems(body: Body, scope: Mapping[str, Any], at: datetime) -> list[FieldError]:
    """Return why a body may not recognize a scope (wire form) at `at`: its mandate has ended, or does not reach so far."""
    problems = []
    if body.mandate_until is not None and at.date() > body.mandate_until:
        problems.append(FieldError("grants", "the mandate of the accreditation body has ended"))
    if body.mandate and not parse_scope(body.mandate).covers(parse_scope(scope)):
        problems.append(
            FieldError("grants", "part of this scope lies outside the mandate of the accreditation body")
        )
    return problems


def scope_problems(policy: Policy, scope: Scope) -> list[FieldError]:
    """Return what in a scope the policy does not offer, by grant and dimension."""
    terms = policy.applies_to.scope
    problems = [] if scope.grants else [FieldError("grants", "ask for at least one field of study")]
    for number, grant in enumerate(scope.grants):
        stated: dict[str, tuple[Dimension | None, list[str | int]]] = {
            "fields": (terms.fields_of_study, [str(f) for f in grant.fields]),
            "levels": (terms.eqf_levels, [level.value for level in grant.levels]),
            "credential_types": (terms.credential_types, [t.value for t in grant.credential_types]),
            "countries": (terms.jurisdictions, list(grant.countries)),
            "modes": (terms.delivery_modes, [m.value for m in grant.modes]),
        }
        for name, (dimension, values) in stated.items():
            path = f"grants.{number}.{name}"
            if dimension is not None and dimension.required and not values:
                problems.append(FieldError(path, "this policy needs an answer here"))
            outside = [v for v in values if dimension and dimension.allowed and v not in dimension.allowed]
            if outside:
                problems.append(
                    FieldError(path, f"this policy does not offer {', '.join(map(str, outside))}")
                )
    return problems
