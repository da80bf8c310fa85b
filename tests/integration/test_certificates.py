"""Certificates for issuers who only have a key: asked for, proven, confirmed by two, issued and listed by the worker."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from registry.demo import detours_standing as detours
from registry.demo.walk import Key, sign
from registry.domain.trust_list import IdentityKind
from registry.errors import Conflict, InvalidInput
from registry.jobs.certificates import issue_certificates
from registry.models.certificates import IssuedCertificate
from registry.models.issuer import IdentityChange, IdentityClaim, Issuer
from registry.models.publication import AuditEvent
from registry.services import authorities, certificate_issuing, identities
from registry.services.identities import NewIdentity
from registry.services.trust_lists import build_entries, load_issuers
from registry.signing.authority import ISSUER_LIFE
from registry.signing.certificates import load_certificate
from registry.signing.keys import AuthorityLine, KeyStore, Signer

from support.requests import request
from support.world import Registry, World, key_store, list_issuers

OPERATOR = "Invented Operator"


@pytest.fixture
def keys(tmp_path: Path) -> KeyStore:
    return key_store(tmp_path)


@pytest.fixture
def authority(world: World, keys: KeyStore) -> Signer:
    """The authority for issuers."""
    for line in AuthorityLine:
        make(world, keys, line)
    found = keys.authority(AuthorityLine.ISSUERS)
    assert found is not None
    return found


@pytest.fixture
def issuer(world: World) -> Issuer:
    """A recognized issuer."""
    return world.session.get_one(Issuer, list_issuers(world, 1)[0])


def make(world: World, keys: KeyStore, line: AuthorityLine) -> None:
    authorities.make(
        world.session, keys, line, operator=OPERATOR, country="PL", actor="operator", at=world.clock()
    )


def ask(
    world: World, issuer: Issuer, key: ec.EllipticCurvePrivateKey, **subject: tuple[str, ...]
) -> IdentityClaim:
    subject = {"organization": (issuer.institution.name,), **subject}
    new = NewIdentity(IdentityKind.JWK, request(key, **subject).decode())
    who = world.owners[issuer.institution_id]
    return identities.add_to_issuer(world.session, issuer.id, new, actor=who, at=world.clock())


def prove(world: World, claim: IdentityClaim, key: ec.EllipticCurvePrivateKey) -> None:
    proof, who = sign(key, claim.challenge), world.owners[claim.institution_id]
    identities.prove(world.session, claim.id, proof, actor=who, at=world.clock())


def confirm(world: World, claim: IdentityClaim) -> None:
    for verifier in world.cast.verifiers:
        identities.confirm(world.session, claim.id, actor=verifier, at=world.clock())


def asked(world: World, issuer: Issuer, key: ec.EllipticCurvePrivateKey) -> IdentityClaim:
    """A key with a request, proven and confirmed."""
    claim = ask(world, issuer, key)
    prove(world, claim, key)
    confirm(world, claim)
    return claim


def issue(world: World, authority: Signer) -> int:
    done = certificate_issuing.issue_waiting(world.session, authority, at=world.clock())
    world.session.expire_all()
    return done


def certificates(issuer: Issuer) -> Sequence[IdentityClaim]:
    return [e.claim for e in issuer.identities if e.claim.certificate and e.change is IdentityChange.LISTED]


def spki(public: object) -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return public.public_bytes(serialization.Encoding.DER, form)  # type: ignore[attr-defined, no-any-return]


def test_a_certificate_is_issued_and_listed_once_the_key_is(
    world: World, issuer: Issuer, authority: Signer
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    claim = ask(world, issuer, key)
    assert claim.certificate_request is not None
    assert issue(world, authority) == 0
    prove(world, claim, key)
    assert issue(world, authority) == 0
    identities.confirm(world.session, claim.id, actor=world.cast.verifiers[0], at=world.clock())
    assert issue(world, authority) == 0
    identities.confirm(world.session, claim.id, actor=world.cast.verifiers[1], at=world.clock())
    assert issue(world, authority) == 1
    assert issue(world, authority) == 0
    (made,) = certificates(issuer)
    leaf = load_certificate(made.certificate or b"")
    leaf.verify_directly_issued_by(load_certificate(authority.certificates[0]))
    assert spki(leaf.public_key()) == spki(key.public_key())
    assert (
        leaf.subject.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)[0].value
        == issuer.institution.name
    )
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc < ISSUER_LIFE
    assert {w.account_id for w in made.confirmations} == set(world.cast.verifiers)
    assert [proof.method for proof in made.proofs] == ["certificate_request"]
    assert certificate_issuing.chain_of(world.session, made) == (made.certificate, authority.certificates[0])
    entry = build_entries(world.session, load_issuers(world.session, [issuer.id]))[0]
    assert {i.kind for i in entry.identities} == {IdentityKind.DID, IdentityKind.JWK, IdentityKind.X509}


def test_every_step_leaves_an_audit_event(world: World, issuer: Issuer, authority: Signer) -> None:
    asked(world, issuer, ec.generate_private_key(ec.SECP256R1()))
    issue(world, authority)
    rows = world.session.scalars(select(AuditEvent).order_by(AuditEvent.number)).all()
    acts = [row.act for row in rows]
    assert acts.count("authority.made") == 2
    named, issued = (
        next(r for r in rows if r.act == act) for act in ("identity.named", "certificate.issued")
    )
    assert len(named.detail["request"]) == 64
    assert issued.detail["authority"] == authority.key_id
    assert issued.object_id == str(certificates(issuer)[0].id)


def test_a_certificate_never_outlives_the_recognition(
    world: World, issuer: Issuer, authority: Signer
) -> None:
    end = issuer.events[-1].valid_until
    assert end is not None
    world.clock.skip(days=(end - world.clock()).days - 100)
    asked(world, issuer, ec.generate_private_key(ec.SECP256R1()))
    assert issue(world, authority) == 1
    assert load_certificate(certificates(issuer)[0].certificate or b"").not_valid_after_utc == end


def test_without_a_recognition_nothing_is_issued(world: World, issuer: Issuer, authority: Signer) -> None:
    asked(world, issuer, ec.generate_private_key(ec.SECP256R1()))
    detours.urgently_suspended(world.walk, issuer.id)
    world.session.expire_all()
    assert issue(world, authority) == 0
    assert len(certificate_issuing.waiting(world.session)) == 1


def test_a_key_named_in_an_application_is_certified_after_the_recognition(
    world: World, authority: Signer
) -> None:
    owner, key = world.institution(), ec.generate_private_key(ec.SECP256R1())
    new = NewIdentity(IdentityKind.JWK, request(key, organization=(owner.name,)).decode())
    application, _story = world.granted(institution=owner, keys=(Key(new, key),))
    assert issue(world, authority) == 1
    issuer = world.session.scalars(select(Issuer).where(Issuer.institution_id == owner.id)).one()
    assert len(certificates(issuer)) == 1
    assert application.identity_claims[0].certificate_request is not None


def test_a_certificate_is_renewed_without_listing_the_key_twice(
    world: World, issuer: Issuer, authority: Signer
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    for _ in range(2):
        asked(world, issuer, key)
        assert issue(world, authority) == 1
        world.clock.skip(days=300)
    assert len(certificates(issuer)) == 2
    kinds = [e.claim.kind for e in issuer.identities]
    assert kinds.count(IdentityKind.JWK) == 1


@pytest.mark.parametrize("reported", ["key", "certificate"])
def test_a_compromise_takes_the_key_and_its_certificates(
    world: World, issuer: Issuer, authority: Signer, reported: str
) -> None:
    claim = asked(world, issuer, ec.generate_private_key(ec.SECP256R1()))
    issue(world, authority)
    (made,) = certificates(issuer)
    target = claim if reported == "key" else made
    detours.compromised_key(world.walk, target.id, world.clock())
    fallen = {e.claim_id for e in issuer.identities if e.change is IdentityChange.COMPROMISED}
    assert fallen == {claim.id, made.id}


def test_an_ended_key_takes_its_certificate_and_an_ended_certificate_leaves_the_key(
    world: World, issuer: Issuer, authority: Signer
) -> None:
    first, second = (asked(world, issuer, ec.generate_private_key(ec.SECP256R1())) for _ in range(2))
    assert issue(world, authority) == 2
    made = {world.session.get_one(IssuedCertificate, c.id).key_claim_id: c.id for c in certificates(issuer)}
    detours.ended_key(world.walk, first.id)
    detours.ended_key(world.walk, made[second.id])
    ended = {e.claim_id for e in issuer.identities if e.change is IdentityChange.ENDED}
    assert ended == {first.id, made[first.id], made[second.id]}


def test_a_key_that_ended_meanwhile_gets_no_certificate(
    world: World, issuer: Issuer, authority: Signer
) -> None:
    claim = asked(world, issuer, ec.generate_private_key(ec.SECP256R1()))
    detours.ended_key(world.walk, claim.id)
    assert issue(world, authority) == 0


def test_a_request_for_somebody_else_is_refused(world: World, issuer: Issuer, authority: Signer) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    for subject in ({"organization": ("Another School",)}, {"country": ("DE",)}):
        with pytest.raises(InvalidInput, match="has to be") as error:
            ask(world, issuer, key, **subject)
        assert set(error.value.by_field()) == {"request"}


def test_a_registry_without_authority_takes_no_request(world: World, issuer: Issuer) -> None:
    with pytest.raises(InvalidInput, match="issues no certificates"):
        ask(world, issuer, ec.generate_private_key(ec.SECP256R1()))


def test_a_request_goes_with_the_key_that_is_taken_out_again(
    world: World, issuer: Issuer, authority: Signer
) -> None:
    claim = ask(world, issuer, ec.generate_private_key(ec.SECP256R1()))
    identities.remove(world.session, claim.id, actor=world.owners[issuer.institution_id], at=world.clock())
    assert certificate_issuing.waiting(world.session) == []


def test_what_was_issued_stays_on_record(world: World, issuer: Issuer, authority: Signer) -> None:
    asked(world, issuer, ec.generate_private_key(ec.SECP256R1()))
    issue(world, authority)
    for table in ("issued_certificate", "authority_certificate"):
        with pytest.raises(DatabaseError), world.session.begin_nested():
            world.session.execute(text(f"UPDATE {table} SET key_id = 'other'"))


def test_an_authority_is_announced_before_it_issues(world: World, keys: KeyStore, authority: Signer) -> None:
    make(world, keys, AuthorityLine.ISSUERS)
    still = keys.authority(AuthorityLine.ISSUERS)
    assert still is not None
    assert still.certificates == authority.certificates
    with pytest.raises(Conflict, match="announced already"):
        make(world, keys, AuthorityLine.ISSUERS)
    authorities.rotate(world.session, keys, AuthorityLine.ISSUERS, actor="operator", at=world.clock())
    found = keys.authority(AuthorityLine.ISSUERS)
    assert found is not None
    assert found.key_id == "authority-issuers-2"
    newest = authorities.certificates(world.session, AuthorityLine.ISSUERS)[0]
    assert newest == found.certificates[0]


def test_the_worker_issues_what_waits_and_publishes_it(registry: Registry) -> None:
    keys, key = registry.publishing.keys, ec.generate_private_key(ec.SECP256R1())
    with registry.world() as world:
        issuer = world.session.get_one(Issuer, list_issuers(world, 1)[0])
        for line in AuthorityLine:
            make(world, keys, line)
        asked(world, issuer, key)
        issuer_id = issuer.id
    assert issue_certificates(registry.database, keys, registry.clock() + timedelta(seconds=1)) == 1
    assert issue_certificates(registry.database, keys, registry.clock() + timedelta(seconds=2)) == 0
    with registry.world() as world:
        assert len(certificates(world.session.get_one(Issuer, issuer_id))) == 1
