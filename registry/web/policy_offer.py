"""A newer version of the policy that an applicant's case may move to, for the pages of a draft and of a returned case."""

from collections.abc import Mapping
from typing import Any

from registry.http.acting import Acting
from registry.models.application import Application
from registry.services import policy_transition
from registry.services.bodies import policy_of


def offered(act: Acting, application: Application) -> Mapping[str, Any] | None:
    """Return the newer version that is offered, with its policy, or None."""
    found = policy_transition.offered_version(act.session, application, at=act.at)
    return None if found is None else {"version": found.version, "policy": policy_of(found).policy}
