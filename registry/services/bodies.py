"""Accreditation bodies, their schemes, and the policies they adopt."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.countries import COUNTRIES
from registry.domain.roles import Role
from registry.domain.trust_list import PostalAddress, SchemeInfo, Text
from registry.domain.web_names import parse_website
from registry.errors import Conflict, FieldError, InvalidInput, NotAllowed, NotFound
from registry.models.body import AdoptedPolicy, Body, Scheme
from registry.policy_files import LoadedPolicy, load_policy
from registry.publishers.traits import REGISTRY
from registry.services.accounts import roles_of
from registry.services.outbox import LISTS
from registry.services.recording import audit, enqueue


@dataclass(frozen=True, slots=True)
class NewBody:
    """What a body is entered with. `mandate` is a scope in wire form; None bounds nothing."""

    slug: str
    legal_name: str
    names: dict[str, str]
    address: PostalAddress
    email: str
    website: str
    mandate: dict[str, Any] | None = None
    mandate_until: date | None = None


_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_LONGEST_SLUG = 60


def create_body(session: Session, new: NewBody, *, actor: str, at: datetime) -> Body:
    """Enter an accreditation body; the operator does this.

    Raises:
        InvalidInput: a part is empty or cannot be read; names each.
        Conflict: there is a body of this slug.
    """
    _check_body(new)
    if session.scalar(select(Body.id).where(Body.slug == new.slug)):
        raise Conflict(f"there is a body {new.slug} already")
    body = Body(
        slug=new.slug,
        legal_name=new.legal_name,
        names=new.names,
        street=new.address.street,
        locality=new.address.locality,
        postal_code=new.address.postal_code,
        country=new.address.country,
        email=new.email,
        website=new.website,
        mandate=new.mandate or {},
        mandate_until=new.mandate_until,
        created_at=at,
    )
    session.add(body)
    session.flush()
    audit(session, "body.created", actor=actor, at=at, of=("body", body.id))
    return body


def _check_body(new: NewBody) -> None:
    given = {
        "legal_name": new.legal_name,
        "street": new.address.street,
        "locality": new.address.locality,
        "postal_code": new.address.postal_code,
        **{f"names.{language}": new.names.get(language, "") for language in ("en", "pl")},
    }
    problems = [FieldError(field, "fill this in") for field, text in given.items() if not text.strip()]
    if problem := _slug_problem(new.slug):
        problems.append(FieldError("slug", problem))
    if new.address.country not in COUNTRIES:
        problems.append(FieldError("country", "write two capital letters of ISO 3166-1, such as PL"))
    if not _MAIL.fullmatch(new.email):
        problems.append(FieldError("email", "write an e-mail address such as name@example.org"))
    if not new.website.startswith("https://") or _website_problem(new.website):
        problems.append(FieldError("website", "write an address that starts with https://"))
    if problems:
        raise InvalidInput("the body could not be entered", problems)


def _website_problem(text: str) -> bool:
    try:
        parse_website(text)
    except InvalidInput:
        return True
    return False


def _slug_problem(slug: str) -> str | None:
    if slug == REGISTRY:
        return f"{REGISTRY} is the slug of the registry's own documents; choose another"
    if _SLUG.fullmatch(slug) and len(slug) <= _LONGEST_SLUG:
        return None
    return f"a slug has small letters, digits and single hyphens, at most {_LONGEST_SLUG} of them"


def create_scheme(
    session: Session,
    body: Body,
    *,
    slug: str,
    policy_id: str,
    names: dict[str, str],
    actor: str,
    at: datetime,
) -> Scheme:
    """Open a scheme: the body will apply this policy, over its versions, and publish lists under this slug.

    Raises:
        InvalidInput: the slug does not fit into an address.
        Conflict: there is a scheme of this slug, or of this body under this policy.
    """
    if problem := _slug_problem(slug):
        raise InvalidInput(problem, [FieldError("slug", problem)])
    if session.scalar(select(Scheme.id).where(Scheme.slug == slug)):
        raise Conflict(f"there is a scheme {slug} already")
    if session.scalar(select(Scheme.id).where(Scheme.body_id == body.id, Scheme.policy_id == policy_id)):
        raise Conflict(f"{body.slug} has a scheme under {policy_id} already")
    scheme = Scheme(slug=slug, body_id=body.id, policy_id=policy_id, names=names, created_at=at, body=body)
    session.add(scheme)
    session.flush()
    audit(session, "scheme.created", actor=actor, at=at, of=("scheme", scheme.id))
    enqueue(session, LISTS, {"scheme": slug, "shard": 1}, at=at)
    return scheme


def adopt_policy(
    session: Session,
    body_id: uuid.UUID,
    loaded: LoadedPolicy,
    *,
    proposed_by: str,
    approved_by: str,
    at: datetime,
) -> AdoptedPolicy:
    """Adopt a policy version, byte for byte; what was adopted can never change. Both people are accounts, by their id.

    Raises:
        NotAllowed: editor and approver are one person, or lack the role for it at this body.
        Conflict: this version was adopted with other bytes, here or by another body, or one that is not lower was adopted.
    """
    if proposed_by.strip().casefold() == approved_by.strip().casefold():
        raise NotAllowed("the person who edited a policy cannot approve it")
    _require_role(session, proposed_by, Role.POLICY_EDITOR, body_id, at)
    _require_role(session, approved_by, Role.POLICY_APPROVER, body_id, at)
    policy = loaded.policy
    _require_same_bytes(session, loaded)
    found = adopted(session, body_id, policy.id, policy.version)
    if found is not None:
        return found
    _require_higher(session, body_id, policy.id, policy.version)
    row = AdoptedPolicy(
        body_id=body_id,
        policy_id=policy.id,
        version=policy.version,
        sha256=loaded.sha256,
        source=loaded.source,
        proposed_by=proposed_by,
        approved_by=approved_by,
        adopted_at=at,
    )
    session.add(row)
    session.flush()
    audit(session, "policy.adopted", actor=approved_by, at=at, of=("adopted_policy", row.id))
    return row


def _require_role(session: Session, person: str, role: Role, body_id: uuid.UUID, at: datetime) -> None:
    try:
        grants = roles_of(session, uuid.UUID(person), at=at)
    except ValueError:
        grants = ()
    held = any(grant.role is role and grant.body_id == body_id for grant in grants)
    if not held:
        raise NotAllowed(f"only the {role.value.replace('_', ' ')} may do this")


def _require_same_bytes(session: Session, loaded: LoadedPolicy) -> None:
    """One id and version mean one text, whichever body adopts it."""
    policy = loaded.policy
    query = select(AdoptedPolicy.id).where(
        AdoptedPolicy.policy_id == policy.id,
        AdoptedPolicy.version == policy.version,
        AdoptedPolicy.sha256 != loaded.sha256,
    )
    if session.scalar(query.limit(1)) is not None:
        raise Conflict(f"{policy.id} {policy.version} was adopted with other content; make a new version")


def _require_higher(session: Session, body_id: uuid.UUID, policy_id: str, version: str) -> None:
    query = select(AdoptedPolicy.version).where(
        AdoptedPolicy.body_id == body_id, AdoptedPolicy.policy_id == policy_id
    )
    newest = max(session.scalars(query), key=version_key, default=None)
    if newest is not None and version_key(version) <= version_key(newest):
        raise Conflict(f"{newest} is adopted already; a new version has a higher number")


def version_key(version: str) -> tuple[int, ...]:
    """Return a version as numbers, so that 1.10.0 comes after 1.9.0."""
    return tuple(int(part) for part in version.split("."))


def adopted(session: Session, body_id: uuid.UUID, policy_id: str, version: str) -> AdoptedPolicy | None:
    """Return a policy version as the body adopted it, or None."""
    return session.scalars(
        select(AdoptedPolicy).where(
            AdoptedPolicy.body_id == body_id,
            AdoptedPolicy.policy_id == policy_id,
            AdoptedPolicy.version == version,
        )
    ).one_or_none()


def adopted_by(session: Session, body_id: uuid.UUID) -> Sequence[AdoptedPolicy]:
    """Return everything that a body has adopted, in order of adoption."""
    query = select(AdoptedPolicy).where(AdoptedPolicy.body_id == body_id)
    return session.scalars(query.order_by(AdoptedPolicy.adopted_at, AdoptedPolicy.version)).all()


def body_by_slug(session: Session, slug: str) -> Body:
    """Return a body or raise `NotFound`."""
    body = session.scalars(select(Body).where(Body.slug == slug)).one_or_none()
    if body is None:
        raise NotFound(f"no body {slug}")
    return body


def current_policy(session: Session, scheme: Scheme, *, at: datetime | None = None) -> AdoptedPolicy:
    """Return the version that new applications of a scheme come under: the highest adopted that is in effect at `at`.

    Without `at`, and where none is in effect yet, the one adopted last.
    """
    query = select(AdoptedPolicy).where(
        AdoptedPolicy.body_id == scheme.body_id, AdoptedPolicy.policy_id == scheme.policy_id
    )
    rows = sorted(session.scalars(query), key=lambda row: (row.adopted_at, version_key(row.version)))
    if not rows:
        raise NotFound(f"{scheme.slug} has adopted no policy yet")
    in_effect = [row for row in rows if at and policy_of(row).policy.identity.effective_from <= at.date()]
    return (in_effect or rows)[-1]


_LOADED: dict[str, LoadedPolicy] = {}


def policy_of(row: AdoptedPolicy) -> LoadedPolicy:
    """Return the policy of an adopted row, read from the very bytes that were adopted."""
    if row.sha256 not in _LOADED:
        _LOADED[row.sha256] = load_policy(row.source)
    return _LOADED[row.sha256]


def scheme_by_slug(session: Session, slug: str) -> Scheme:
    """Return a scheme or raise `NotFound`."""
    scheme = session.scalars(select(Scheme).where(Scheme.slug == slug)).one_or_none()
    if scheme is None:
        raise NotFound(f"no scheme {slug}")
    return scheme


def scheme_info(scheme: Scheme, base_url: str) -> SchemeInfo:
    """Return what publishers see of a scheme."""
    body = scheme.body
    return SchemeInfo(
        id=str(scheme.id),
        slug=scheme.slug,
        name=Text.of(**scheme.names),
        operator_name=Text.of(**body.names),
        operator_legal_name=body.legal_name,
        operator_address=PostalAddress(body.street, body.locality, body.postal_code, body.country),
        operator_email=body.email,
        operator_website=body.website,
        territory=body.country,
        policy_id=scheme.policy_id,
        base_url=base_url,
    )
