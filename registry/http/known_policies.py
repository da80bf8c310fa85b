"""The policy versions that everybody may read: the files of this installation, and what bodies have adopted beside them.

Files need no database, so that they can be read while it is down.
"""

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from registry import policy_files
from registry.errors import NotFound
from registry.http.transaction import database, now, settings
from registry.models.body import AdoptedPolicy
from registry.policy_files import LoadedPolicy
from registry.services.bodies import policy_of, version_key

_UNRELEASED = frozenset({"draft", "consultation"})


def known() -> dict[tuple[str, str], LoadedPolicy]:
    """Return every readable version by (id, version): adopted ones, and files whose status is past consultation."""
    files = policy_files.available(settings().policies)
    released = {key: one for key, one in files.items() if one.policy.identity.status not in _UNRELEASED}
    return {**released, **_adopted_beside(released)}


def _adopted_beside(files: dict[tuple[str, str], LoadedPolicy]) -> dict[tuple[str, str], LoadedPolicy]:
    columns = (AdoptedPolicy.id, AdoptedPolicy.policy_id, AdoptedPolicy.version)
    try:
        with database().reading() as session:
            rows = session.execute(select(*columns)).all()
            missing = {row.id for row in rows if (row.policy_id, row.version) not in files}
            found = session.scalars(select(AdoptedPolicy).where(AdoptedPolicy.id.in_(missing)))
            return {(row.policy_id, row.version): policy_of(row) for row in (found if missing else ())}
    except OperationalError:
        return {}


def newest() -> dict[str, LoadedPolicy]:
    """Return of every policy the highest version that is in effect today, else the highest there is, by id."""
    today = now().date()
    ordered = sorted(
        known().items(),
        key=lambda item: (item[1].policy.identity.effective_from <= today, version_key(item[0][1])),
    )
    return {policy_id: one for (policy_id, _), one in sorted(ordered, key=lambda item: item[0][0])}


def versions(policy_id: str) -> list[LoadedPolicy]:
    """Return the versions of a policy, the highest first."""
    found = [one for (name, _), one in known().items() if name == policy_id]
    return sorted(found, key=lambda one: version_key(one.policy.version), reverse=True)


def named(policy_id: str, version: str | None) -> LoadedPolicy:
    """Return a version of a policy; the newest in effect when none is named.

    Raises:
        NotFound: no such policy or version.
    """
    found = known().get((policy_id, version)) if version else newest().get(policy_id)
    if found is None:
        raise NotFound("There is no such policy.")
    return found
