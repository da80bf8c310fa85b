"""The pool of experts that a body's panels are drawn from: who is in it, what they bring, whether they can be seated.

A body that keeps a pool seats nobody from outside it. A body without a single expert has not set one up yet: its reviewers
are seated by their role alone.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from registry.domain import identifiers, isced
from registry.domain.periods import plus_months
from registry.domain.roles import PANEL, RATERS, CaseRole, PanelSeat, Role
from registry.domain.scope import parse_scope
from registry.domain.scope_wire import parse_language
from registry.domain.text import clean, fold
from registry.errors import Conflict, FieldError, InvalidInput, NotAllowed, NotFound
from registry.models.account import Account
from registry.models.application import Application
from registry.models.body import Body
from registry.models.institution import Institution
from registry.models.people import Expert, ExpertPeriod, ExpertTie
from registry.services import access, accounts, bodies
from registry.services.case_file import policy_for
from registry.services.recording import audit

MANAGERS = (Role.ADMINISTRATOR, Role.CASE_OFFICER)
"""Who keeps a body's pool."""
MOST_PROFILE = 600
"""Characters of a public profile in one language."""
MOST_PERIODS = 50


@dataclass(frozen=True, slots=True)
class ExpertDetails:
    """What an expert brings. `profile` is public, per language; `employer_id` is `scheme:value` or empty.

    `periods` are first and last days of availability; none: always. `trained_on` is the day of the last training.
    """

    profile: Mapping[str, str] = field(default_factory=dict)
    fields: tuple[str, ...] = ()
    seats: tuple[PanelSeat, ...] = ()
    languages: tuple[str, ...] = ()
    employer_name: str = ""
    employer_id: str = ""
    trained_on: date | None = None
    periods: tuple[tuple[date, date], ...] = ()


def enlist(
    session: Session,
    body_id: uuid.UUID,
    account_id: uuid.UUID,
    details: ExpertDetails,
    *,
    actor: uuid.UUID | None,
    at: datetime,
) -> Expert:
    """Put somebody who reviews for the body already into its pool; None is the operator at the command line.

    Raises:
        NotAllowed: the actor does not keep this pool, or the person is no reviewer of the body.
        Conflict: the person is in the pool already.
        InvalidInput: a detail is wrong.
    """
    if actor is not None:
        require_manager(session, body_id, actor, at)
    account = access.account(session, account_id)
    if not access.holds(session, account_id, Role.REVIEWER, at=at, body=body_id):
        raise NotAllowed("this person is no reviewer of the body")
    row = new_expert(body_id, account.name, account.email, account.language, actor, at)
    row.account_id = account_id
    return add(session, row, details, at)


def new_expert(
    body_id: uuid.UUID, name: str, email: str, language: str, actor: uuid.UUID | None, at: datetime
) -> Expert:
    """Return an expert about whom nothing but name and address is known."""
    return Expert(
        body_id=body_id,
        name=clean(name)[:200],
        email=accounts.fold_email(email),
        language=language if language in accounts.LANGUAGES else "en",
        profile={},
        fields=[],
        seats=[],
        languages=[],
        employer_name="",
        employer_id="",
        added_by=actor,
        added_at=at,
    )


def add(session: Session, row: Expert, details: ExpertDetails, at: datetime) -> Expert:
    """Enter an expert with details.

    Raises:
        Conflict: the pool has this address or person already.
    """
    _put(row, _checked(details))
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError as error:
        raise Conflict("this person is in the pool already") from error
    audit(session, "expert.added", actor=row.added_by or "operator", at=at, of=("expert", row.id))
    return row


def edit(
    session: Session,
    expert_id: uuid.UUID,
    details: ExpertDetails,
    *,
    version: int,
    actor: uuid.UUID,
    at: datetime,
) -> Expert:
    """Change what is known of an expert. Experts change what they know best; seats, fields and training stay the body's.

    Raises:
        NotFound: no such expert, or not for this person.
        Conflict: somebody else changed it meanwhile.
        InvalidInput: a detail is wrong.
    """
    row = visible(session, expert_id, actor=actor, at=at)
    if row.version != version:
        raise Conflict("somebody else changed this entry meanwhile; look at it again before you act")
    checked = _checked(details)
    if not is_manager(session, row.body_id, actor, at):
        checked = ExpertDetails(
            profile=checked.profile,
            languages=checked.languages,
            employer_name=checked.employer_name,
            employer_id=checked.employer_id,
            periods=checked.periods,
            fields=tuple(row.fields),
            seats=tuple(PanelSeat(seat) for seat in row.seats),
            trained_on=row.trained_on,
        )
    row.periods.clear()
    session.flush()
    _put(row, checked)
    session.flush()
    audit(session, "expert.changed", actor=actor, at=at, of=("expert", row.id))
    return row


def _put(row: Expert, details: ExpertDetails) -> None:
    row.profile = dict(details.profile)
    row.fields = list(details.fields)
    row.seats = [seat.value for seat in details.seats]
    row.languages = list(details.languages)
    row.employer_name, row.employer_id = details.employer_name, details.employer_id
    row.trained_on = details.trained_on
    row.periods = [ExpertPeriod(starts=starts, ends=ends) for starts, ends in details.periods]


def _checked(details: ExpertDetails) -> ExpertDetails:
    """Return details in canonical form, or raise `InvalidInput` with every field that is wrong."""
    problems: list[FieldError] = []
    codes = _codes(details.fields, isced.parse_field, "fields", problems)
    languages = _codes(details.languages, parse_language, "languages", problems)
    employer = _codes(
        (details.employer_id,) if details.employer_id.strip() else (), parse_employer, "employer_id", problems
    )
    profile = {lang: clean(text) for lang, text in details.profile.items() if clean(text)}
    if any(len(text) > MOST_PROFILE or lang not in accounts.LANGUAGES for lang, text in profile.items()):
        problems.append(FieldError("profile", f"a profile has at most {MOST_PROFILE} characters"))
    if len(details.periods) > MOST_PERIODS or any(starts > ends for starts, ends in details.periods):
        problems.append(FieldError("periods", "a period ends on or after the day it starts"))
    if len({starts for starts, _ends in details.periods}) < len(details.periods):
        problems.append(FieldError("periods", "two periods start on one day"))
    if problems:
        raise InvalidInput("the entry cannot be saved: check the fields named", problems)
    return ExpertDetails(
        profile=profile,
        fields=codes,
        seats=tuple(dict.fromkeys(details.seats)),
        languages=languages,
        employer_name=clean(details.employer_name)[:200],
        employer_id=employer[0] if employer else "",
        trained_on=details.trained_on,
        periods=tuple(sorted(details.periods)),
    )


def _codes(texts: Collection[str], parse: object, name: str, problems: list[FieldError]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for text in texts:
        try:
            found[parse(text)] = None  # type: ignore[operator]
        except InvalidInput as error:
            problems.append(FieldError(name, str(error)))
    return tuple(found)


def parse_employer(text: str) -> str:
    """Return an employer's identifier as `scheme:value`; the text says the scheme, such as `ror:https://ror.org/03bqmcz70`.

    Raises:
        InvalidInput: no scheme, an unknown one, or a value that is not written like it.
    """
    scheme, colon, value = text.strip().partition(":")
    if not colon:
        raise InvalidInput("write the scheme, a colon, and the identifier, such as nip:6750002236")
    return str(identifiers.parse_identifier(identifiers.parse_scheme(scheme), value))


def leave(session: Session, expert_id: uuid.UUID, *, actor: uuid.UUID, at: datetime) -> Expert:
    """Take an expert out of the pool; parts that they play already go on."""
    row = visible(session, expert_id, actor=actor, at=at)
    if row.left_at is None:
        row.left_at = at
        audit(session, "expert.left", actor=actor, at=at, of=("expert", row.id))
    return row


def come_back(session: Session, expert_id: uuid.UUID, *, actor: uuid.UUID, at: datetime) -> Expert:
    """Take an expert who had left into the pool again."""
    row = visible(session, expert_id, actor=actor, at=at)
    require_manager(session, row.body_id, actor, at)
    row.left_at = None
    audit(session, "expert.came_back", actor=actor, at=at, of=("expert", row.id))
    return row


def note_tie(
    session: Session,
    expert_id: uuid.UUID,
    institution_id: uuid.UUID,
    reason: str,
    *,
    actor: uuid.UUID,
    at: datetime,
) -> ExpertTie:
    """Note a conflict with an institution that is known beforehand.

    Raises:
        InvalidInput: no reason.
        Conflict: it is noted already.
    """
    row = visible(session, expert_id, actor=actor, at=at)
    if session.get(Institution, institution_id) is None:
        raise NotFound(f"no institution {institution_id}")
    if not clean(reason):
        raise InvalidInput("say what the tie is", [FieldError("reason", "say what the tie is")])
    if institution_id in open_ties(row):
        raise Conflict("this conflict is noted already")
    tie = ExpertTie(institution_id=institution_id, reason=clean(reason)[:2_000], noted_by=actor, noted_at=at)
    row.ties.append(tie)
    session.flush()
    audit(session, "expert.tie_noted", actor=actor, at=at, of=("expert", row.id))
    return tie


def end_tie(session: Session, tie_id: uuid.UUID, *, actor: uuid.UUID, at: datetime) -> ExpertTie:
    """Note that a known conflict has ended; only who keeps the pool may, since the expert gains by it.

    Raises:
        NotFound: no such conflict, or not for this person.
        NotAllowed: the actor does not keep the pool.
    """
    tie = session.get(ExpertTie, tie_id)
    if tie is None:
        raise NotFound(f"no tie {tie_id}")
    row = visible(session, tie.expert_id, actor=actor, at=at)
    require_manager(session, row.body_id, actor, at)
    if row.account_id == actor:
        raise NotAllowed("somebody else ends your known conflict")
    tie.ended_at, tie.ended_by = at, actor
    audit(session, "expert.tie_ended", actor=actor, at=at, of=("expert", row.id))
    return tie


def open_ties(row: Expert) -> set[uuid.UUID]:
    """Return the institutions with which an expert has a known conflict."""
    return {tie.institution_id for tie in row.ties if tie.ended_at is None}


def is_manager(session: Session, body_id: uuid.UUID, actor: uuid.UUID, at: datetime) -> bool:
    """Whether a person keeps a body's pool."""
    return access.holds(session, actor, *MANAGERS, at=at, body=body_id)


def require_manager(session: Session, body_id: uuid.UUID, actor: uuid.UUID, at: datetime) -> None:
    """Raise `NotAllowed` unless a person keeps a body's pool."""
    access.require(session, actor, *MANAGERS, at=at, body=body_id)


def visible(session: Session, expert_id: uuid.UUID, *, actor: uuid.UUID, at: datetime) -> Expert:
    """Return an entry of the pool to the expert and to whoever keeps the pool; for others it is not there."""
    row = session.get(Expert, expert_id)
    if row is None or not (row.account_id == actor or is_manager(session, row.body_id, actor, at)):
        raise NotFound(f"no expert {expert_id}")
    return row


def mine(session: Session, actor: uuid.UUID) -> Sequence[Expert]:
    """Return a person's own entries, one per body that has them in its pool."""
    return session.scalars(select(Expert).where(Expert.account_id == actor).order_by(Expert.added_at)).all()


@dataclass(frozen=True, slots=True)
class PoolFilter:
    """What somebody looks for in a pool; everything empty: everybody."""

    text: str = ""
    field: str = ""
    seat: PanelSeat | None = None
    on: date | None = None
    trained_months: int | None = None
    """Only who was trained within so many months before `on`."""


def pool(session: Session, body_id: uuid.UUID, wanted: PoolFilter | None = None) -> list[Expert]:
    """Return the experts of a body by name that fit what is looked for; those who left come last."""
    query = select(Expert).where(Expert.body_id == body_id).order_by(Expert.name)
    found = [row for row in session.scalars(query) if wanted is None or _fits(row, wanted)]
    return sorted(found, key=lambda row: row.left_at is not None)


def _fits(row: Expert, wanted: PoolFilter) -> bool:
    day = wanted.on
    return (
        (not wanted.text or fold(wanted.text) in fold(f"{row.name} {row.email} {row.employer_name}"))
        and (not wanted.field or _knows(row, [wanted.field]))
        and (wanted.seat is None or wanted.seat.value in row.seats)
        and (day is None or is_available(row, day))
        and (day is None or wanted.trained_months is None or is_trained(row, wanted.trained_months, day))
    )


def is_available(row: Expert, day: date) -> bool:
    """Whether an expert can be asked on a day."""
    return not row.periods or any(period.starts <= day <= period.ends for period in row.periods)


def trained_until(row: Expert, months: int) -> date | None:
    """Return the last day on which an expert's training holds, or None without one."""
    if row.trained_on is None:
        return None
    return plus_months(datetime.combine(row.trained_on, datetime.min.time()), months).date()


def is_trained(row: Expert, months: int, day: date) -> bool:
    """Whether an expert's training holds on a day."""
    until = trained_until(row, months)
    return row.trained_on is not None and until is not None and row.trained_on <= day <= until


def shortest_training(session: Session, body: Body) -> int | None:
    """Return for how many months training holds under the strictest policy of a body, or None without a policy."""
    months = []
    for scheme in body.schemes:
        with suppress(NotFound):
            months.append(
                bodies.policy_of(bodies.current_policy(session, scheme)).policy.panel.training_valid_months
            )
    return min(months, default=None)


def _knows(row: Expert, fields: Collection[str]) -> bool:
    return any(isced.contains(a, b) or isced.contains(b, a) for a in row.fields for b in fields)


def keeps_pool(session: Session, body_id: uuid.UUID) -> bool:
    """Whether a body keeps a pool."""
    return session.scalar(select(Expert.id).where(Expert.body_id == body_id).limit(1)) is not None


def reasons_against(
    session: Session,
    application: Application,
    account: Account,
    role: CaseRole,
    seats: Collection[PanelSeat],
    at: datetime,
) -> list[str]:
    """Return why somebody cannot take a part in a case now, as sentences; empty when they can.

    A known conflict with the applicant keeps an expert from every part. The panel comes from the pool: its people are
    available, and those who rate are trained and can fill their seats.
    """
    body = application.scheme.body
    row = session.scalars(
        select(Expert).where(Expert.body_id == body.id, Expert.account_id == account.id)
    ).one_or_none()
    if row is not None and application.institution_id in open_ties(row):
        return ["the person has a known conflict with the applicant"]
    if role not in PANEL:
        return []
    if row is None:
        return ["the person is not in the expert pool of the body"] if keeps_pool(session, body.id) else []
    day = at.astimezone(ZoneInfo(body.time_zone)).date()
    reasons = ["the person has left the expert pool"] if row.left_at is not None else []
    reasons += [] if is_available(row, day) else ["the person is not available on this day"]
    return reasons + (_rater_reasons(row, application, seats, day) if role in RATERS else [])


def _rater_reasons(
    row: Expert, application: Application, seats: Collection[PanelSeat], day: date
) -> list[str]:
    months = policy_for(application).panel.training_valid_months
    reasons = []
    if row.trained_on is None:
        reasons.append("the person has no training on record")
    elif not is_trained(row, months, day):
        reasons.append(f"the person's training ran out on {trained_until(row, months)}")
    missing = sorted(seat.value.replace("_", " ") for seat in seats if seat.value not in row.seats)
    if missing:
        reasons.append(f"the person does not fill the seat: {', '.join(missing)}")
    asked = {code for grant in parse_scope(application.scope).grants for code in grant.fields}
    if PanelSeat.SUBJECT in seats and asked and not _knows(row, asked):
        reasons.append("the person knows none of the fields that are asked for")
    return reasons


def profile_of(session: Session, body: Body, account_id: uuid.UUID) -> Mapping[str, str]:
    """Return somebody's short public profile by language; empty without one."""
    row = session.scalars(
        select(Expert).where(Expert.body_id == body.id, Expert.account_id == account_id)
    ).one_or_none()
    return row.profile if row else {}
