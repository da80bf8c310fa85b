"""Accounts, roles, sessions and tokens on a real database."""

import uuid
from datetime import datetime, timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.roles import Role
from registry.errors import Conflict, InvalidInput, NotAllowed, NotFound
from registry.models.account import Account, RoleGrant, WebSession
from registry.models.body import Body
from registry.models.publication import AuditEvent
from registry.services import accounts, bearers, sessions, sign_in
from registry.services.sign_in import TooManyAttempts

PASSWORD = "violin under the bridge"
ADDRESS = "192.0.2.1"


def person(session: Session, at: datetime, name: str = "ada") -> Account:
    return accounts.create_account(
        session, name=name.title(), email=f"{name}@example.org", password=PASSWORD, language="en", at=at
    )


def body(session: Session, at: datetime, slug: str = "agency") -> uuid.UUID:
    row = Body(
        slug=slug, legal_name="Agency", names={"en": "Agency"}, street="1 Street", locality="Town",
        postal_code="00-001", country="PL", email="office@example.org", website="https://example.org",
        mandate=[], mandate_until=None, created_at=at,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id


def try_to_sign_in(session: Session, email: str, password: str, at: datetime, address: str = ADDRESS) -> bool:
    attempt = sign_in.open_sign_in(session, email, address=address, at=at)
    if attempt.matches(password):
        sign_in.finish_sign_in(session, attempt, password)
        return True
    return False


def test_an_address_is_folded_and_has_one_account(session: Session, at: datetime) -> None:
    person(session, at)
    with pytest.raises(Conflict, match="already"):
        accounts.create_account(
            session, name="Other", email=" ADA@Example.ORG ", password=PASSWORD, language="pl", at=at
        )


def test_every_field_that_is_wrong_is_named(session: Session, at: datetime) -> None:
    with pytest.raises(InvalidInput) as caught:
        accounts.create_account(session, name=" ", email="nobody", password="short", language="de", at=at)
    assert set(caught.value.by_field()) == {"name", "email", "password", "language"}


def test_the_right_password_signs_in_and_a_wrong_one_or_an_unknown_address_does_not(
    session: Session, at: datetime
) -> None:
    person(session, at)
    assert try_to_sign_in(session, "Ada@example.org", PASSWORD, at)
    assert not try_to_sign_in(session, "ada@example.org", "something else", at)
    assert not try_to_sign_in(session, "nobody@example.org", PASSWORD, at)


def test_signing_in_renews_a_hash_with_old_parameters(session: Session, at: datetime) -> None:
    ada = person(session, at)
    ada.password_hash = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    assert try_to_sign_in(session, ada.email, PASSWORD, at)
    assert "m=19456,t=2" in ada.password_hash


def test_tries_on_one_account_are_limited_whatever_the_network_address(
    session: Session, at: datetime
) -> None:
    person(session, at)
    for n in range(sign_in.ATTEMPTS_PER_ACCOUNT):
        assert not try_to_sign_in(session, "ada@example.org", "wrong", at, address=f"192.0.2.{n}")
    with pytest.raises(TooManyAttempts):
        try_to_sign_in(session, "ada@example.org", PASSWORD, at, address="198.51.100.7")
    assert try_to_sign_in(session, "ada@example.org", PASSWORD, at + sign_in.ATTEMPT_WINDOW, address=ADDRESS)


def test_tries_from_one_network_address_are_limited_whatever_the_account(
    session: Session, at: datetime
) -> None:
    for n in range(sign_in.ATTEMPTS_PER_ADDRESS):
        sign_in.open_sign_in(session, f"nobody{n}@example.org", address=ADDRESS, at=at)
    with pytest.raises(TooManyAttempts):
        sign_in.open_sign_in(session, "ada@example.org", address=ADDRESS, at=at)
    sign_in.open_sign_in(session, "ada@example.org", address="198.51.100.7", at=at)


def test_a_success_clears_the_count_of_the_account(session: Session, at: datetime) -> None:
    person(session, at)
    for second in range(3 * sign_in.ATTEMPTS_PER_ACCOUNT):
        when = at + timedelta(seconds=second)
        right = second % 5 == 4
        assert try_to_sign_in(session, "ada@example.org", PASSWORD if right else "wrong", when) is right


def test_a_closed_account_cannot_sign_in_and_its_sessions_and_tokens_end(
    session: Session, at: datetime
) -> None:
    ada = person(session, at)
    secret = sessions.new_secret()
    sessions.save_session(session, secret, {}, account_id=ada.id, at=at)
    token, _ = sessions.create_token(session, ada.id, name="test", at=at)
    accounts.disable_account(session, ada.id, actor=None, at=at)
    assert not try_to_sign_in(session, ada.email, PASSWORD, at)
    assert sessions.live_session(session, secret, at=at) is None
    assert bearers.account_of(session, token, at=at) is None
    assert accounts.roles_of(session, ada.id, at=at) == ()


def test_only_the_hash_of_a_session_id_is_kept(session: Session, at: datetime) -> None:
    secret = sessions.new_secret()
    sessions.save_session(session, secret, {"a": 1}, account_id=None, at=at)
    row = session.scalars(select(WebSession)).one()
    assert row.id_hash == sessions.digest(secret) != secret
    assert len(row.id_hash) == 64


def test_a_session_ends_after_an_idle_hour(session: Session, at: datetime) -> None:
    secret = sessions.new_secret()
    sessions.save_session(session, secret, {}, account_id=None, at=at)
    almost = at + sessions.IDLE - timedelta(seconds=1)
    assert sessions.live_session(session, secret, at=almost)
    assert sessions.live_session(session, secret, at=almost + sessions.IDLE - timedelta(seconds=1))
    assert sessions.live_session(session, secret, at=almost + 3 * sessions.IDLE) is None


def test_a_session_in_use_ends_after_twelve_hours(session: Session, at: datetime) -> None:
    secret = sessions.new_secret()
    sessions.save_session(session, secret, {}, account_id=None, at=at)
    for minutes in range(30, 12 * 60, 30):
        assert sessions.live_session(session, secret, at=at + timedelta(minutes=minutes))
    assert sessions.live_session(session, secret, at=at + sessions.ABSOLUTE) is None


def test_nobody_ends_the_sessions_or_tokens_of_others(session: Session, at: datetime) -> None:
    ada, eve = person(session, at), person(session, at, "eve")
    row = sessions.save_session(session, sessions.new_secret(), {}, account_id=ada.id, at=at)
    _, token = sessions.create_token(session, ada.id, name="test", at=at)
    with pytest.raises(NotFound):
        sessions.revoke_session(session, eve.id, row.id_hash, at=at)
    with pytest.raises(NotFound):
        sessions.revoke_token(session, eve.id, token.id, at=at)


def test_a_token_ends_on_its_day_or_when_it_is_revoked(session: Session, at: datetime) -> None:
    ada = person(session, at)
    secret, token = sessions.create_token(session, ada.id, name="test", at=at, life=timedelta(days=1))
    assert bearers.account_of(session, secret, at=at) is ada
    assert bearers.account_of(session, secret, at=at + timedelta(days=1)) is None
    sessions.revoke_token(session, ada.id, token.id, at=at)
    assert bearers.account_of(session, secret, at=at) is None


def test_changing_the_password_needs_the_old_one_and_ends_all_sessions(
    session: Session, at: datetime
) -> None:
    ada = person(session, at)
    secret = sessions.new_secret()
    sessions.save_session(session, secret, {}, account_id=ada.id, at=at)
    with pytest.raises(InvalidInput) as caught:
        accounts.change_password(session, ada.id, current="wrong", new="another long phrase", at=at)
    assert set(caught.value.by_field()) == {"current"}
    with pytest.raises(InvalidInput) as caught:
        accounts.change_password(session, ada.id, current=PASSWORD, new="short", at=at)
    assert set(caught.value.by_field()) == {"new"}
    accounts.change_password(session, ada.id, current=PASSWORD, new="another long phrase", at=at)
    assert sessions.live_session(session, secret, at=at) is None
    assert try_to_sign_in(session, ada.email, "another long phrase", at)


def test_a_role_is_held_where_it_belongs(session: Session, at: datetime) -> None:
    ada, agency = person(session, at), body(session, at)
    with pytest.raises(InvalidInput, match="one body"):
        accounts.grant_role(session, ada.id, Role.REGISTRAR, actor=None, at=at)
    with pytest.raises(InvalidInput, match="without a body"):
        accounts.grant_role(session, ada.id, Role.OPERATOR, body_id=agency, actor=None, at=at)
    with pytest.raises(InvalidInput, match="one institution"):
        accounts.grant_role(session, ada.id, Role.OWNER, body_id=agency, actor=None, at=at)
    accounts.grant_role(session, ada.id, Role.REGISTRAR, body_id=agency, actor=None, at=at)
    with pytest.raises(Conflict):
        accounts.grant_role(session, ada.id, Role.REGISTRAR, body_id=agency, actor=None, at=at)


def test_an_administrator_gives_the_roles_of_their_own_body_only(session: Session, at: datetime) -> None:
    ada, eve = person(session, at), person(session, at, "eve")
    own, other = body(session, at), body(session, at, "other")
    accounts.grant_role(session, ada.id, Role.ADMINISTRATOR, body_id=own, actor=None, at=at)
    accounts.grant_role(session, eve.id, Role.REVIEWER, body_id=own, actor=ada.id, at=at)
    with pytest.raises(NotAllowed):
        accounts.grant_role(session, eve.id, Role.REVIEWER, body_id=other, actor=ada.id, at=at)
    with pytest.raises(NotAllowed):
        accounts.grant_role(session, eve.id, Role.OPERATOR, actor=ada.id, at=at)
    with pytest.raises(NotAllowed):
        accounts.grant_role(session, eve.id, Role.REGISTRAR, body_id=own, actor=eve.id, at=at)


def test_a_role_given_to_oneself_cannot_be_used_within_the_hour(session: Session, at: datetime) -> None:
    ada, agency = person(session, at), body(session, at)
    accounts.grant_role(session, ada.id, Role.ADMINISTRATOR, body_id=agency, actor=None, at=at)
    accounts.grant_role(session, ada.id, Role.POLICY_EDITOR, body_id=agency, actor=ada.id, at=at)
    usable = {grant.role for grant in accounts.roles_of(session, ada.id, at=at + timedelta(minutes=59))}
    assert usable == {Role.ADMINISTRATOR}
    assert {g.role for g in accounts.roles_of(session, ada.id, at=at + timedelta(hours=1))} == {
        Role.ADMINISTRATOR,
        Role.POLICY_EDITOR,
    }


def test_a_revoked_role_stays_on_record_with_who_and_when(session: Session, at: datetime) -> None:
    ada, eve, agency = person(session, at), person(session, at, "eve"), body(session, at)
    accounts.grant_role(session, ada.id, Role.ADMINISTRATOR, body_id=agency, actor=None, at=at)
    given = accounts.grant_role(session, eve.id, Role.REVIEWER, body_id=agency, actor=ada.id, at=at)
    later = at + timedelta(days=3)
    accounts.revoke_role(session, given.id, actor=ada.id, at=later)
    kept = session.get_one(RoleGrant, given.id)
    assert (kept.granted_by, kept.granted_at, kept.revoked_by, kept.revoked_at) == (ada.id, at, ada.id, later)
    assert accounts.roles_of(session, eve.id, at=later) == ()
    acts = session.scalars(select(AuditEvent.act).order_by(AuditEvent.number)).all()
    assert acts == ["grant_role", "grant_role", "revoke_role"]
