"""Issuing identities and claims: proven by their keys, confirmed by two people who have no side, never twice."""

import uuid
from datetime import timedelta
from pathlib import Path

import pytest

from registry.demo import detours_standing
from registry.demo.walk import sign
from registry.domain.roles import Role
from registry.domain.trust_list import IdentityKind
from registry.errors import Conflict, InvalidInput, NotAllowed, RegistryError, TransitionRefused
from registry.models.application import Application
from registry.models.institution import Institution
from registry.models.issuer import Environment, IdentityClaim, Issuer
from registry.services import accounts, applications, bodies, identities, institutions
from registry.services.identities import NewIdentity
from registry.services.institutions import NewInstitution

from support.world import World, certificate, did_key, list_issuers


@pytest.fixture
def draft(world: World) -> Application:
    """An empty draft."""
    return start(world, world.institution())


def start(world: World, owner: Institution) -> Application:
    return applications.start(
        world.session, owner.id, world.schemes["quality"], actor=world.owners[owner.id], at=world.clock()
    )


def owner_of(world: World, draft: Application) -> uuid.UUID:
    return world.owners[draft.institution_id]


def name(world: World, draft: Application, new: NewIdentity) -> IdentityClaim:
    return identities.add(world.session, draft.id, new, actor=owner_of(world, draft), at=world.clock())


def prove(world: World, claim: IdentityClaim, proof: str, who: uuid.UUID) -> None:
    identities.prove(world.session, claim.id, proof, actor=who, at=world.clock())


def test_every_kind_of_key_is_proven_by_its_own_signature(
    world: World, draft: Application, tmp_path: Path
) -> None:
    for key in (did_key(), certificate(draft.institution, tmp_path)):
        claim = name(world, draft, key.new)
        assert key.private is not None
        prove(world, claim, sign(key.private, claim.challenge), owner_of(world, draft))
        assert [proof.method for proof in claim.proofs] == ["signature"]
        with pytest.raises(Conflict, match="stays on record"):
            identities.remove(world.session, claim.id, actor=owner_of(world, draft), at=world.clock())


def test_a_proof_by_another_key_over_another_challenge_or_too_late_is_refused(
    world: World, draft: Application
) -> None:
    key, other, who = did_key(), did_key(), owner_of(world, draft)
    claim, second = name(world, draft, key.new), name(world, draft, other.new)
    assert key.private is not None
    assert other.private is not None
    for proof in (sign(other.private, claim.challenge), sign(key.private, second.challenge)):
        with pytest.raises(InvalidInput, match="does not fit"):
            prove(world, claim, proof, who)
    old = claim.challenge
    world.clock.skip(days=31)
    with pytest.raises(InvalidInput, match="too old"):
        prove(world, claim, sign(key.private, old), who)
    identities.renew_challenge(world.session, claim.id, actor=who, at=world.clock())
    with pytest.raises(InvalidInput, match="does not fit"):
        prove(world, claim, sign(key.private, old), who)
    prove(world, claim, sign(key.private, claim.challenge), who)
    identities.remove(world.session, second.id, actor=who, at=world.clock())
    assert draft.identity_claims == [claim]


def test_only_the_applicant_names_and_proves_its_keys(world: World, draft: Application) -> None:
    key = did_key()
    claim = name(world, draft, key.new)
    assert key.private is not None
    stranger = world.owners[world.institution().id]
    for who in (stranger, world.people["verifier-1"], world.people["operator"]):
        with pytest.raises(RegistryError):
            prove(world, claim, sign(key.private, claim.challenge), who)
    assert claim.proofs == []


def test_an_identity_that_another_institution_has_proven_is_refused(world: World, draft: Application) -> None:
    key, later = did_key(), start(world, world.institution())
    mine, theirs = name(world, draft, key.new), name(world, later, key.new)
    assert key.private is not None
    prove(world, mine, sign(key.private, mine.challenge), owner_of(world, draft))
    with pytest.raises(Conflict, match="another institution has proven"):
        prove(world, theirs, sign(key.private, theirs.challenge), owner_of(world, later))
    with pytest.raises(Conflict, match="another institution has proven"):
        name(world, start(world, world.institution()), key.new)


def test_test_identities_are_never_named(world: World, draft: Application) -> None:
    with pytest.raises(InvalidInput, match="never listed"):
        name(world, draft, NewIdentity(IdentityKind.DID, did_key().new.text, Environment.TEST))


def test_a_platform_key_counts_only_by_the_word_of_the_platforms_custodian(
    world: World, draft: Application
) -> None:
    platform, session = world.institution(kind="platform"), world.session
    shared, who = did_key().new.text, owner_of(world, draft)
    with pytest.raises(InvalidInput) as caught:
        name(world, draft, NewIdentity(IdentityKind.PLATFORM, shared, platform_id=draft.institution_id))
    assert set(caught.value.by_field()) == {"platform_id", "profile_id"}
    new = NewIdentity(IdentityKind.PLATFORM, shared, platform_id=platform.id, profile_id="p/1")
    claim = name(world, draft, new)
    with pytest.raises(NotAllowed, match="not proven by a signature"):
        prove(world, claim, "x", who)
    elsewhere = world.institution(kind="platform")
    for other in (who, world.owners[elsewhere.id], world.people["operator"], world.people["verifier-1"]):
        with pytest.raises(NotAllowed):
            identities.confirm_profile(session, claim.id, actor=other, at=world.clock())
    custodian = world.owners[platform.id]
    accounts.record_grant(
        session, who, Role.KEY_CUSTODIAN, institution_id=platform.id, actor=None, at=world.clock()
    )
    with pytest.raises(NotAllowed, match="you act for the institution too"):
        identities.confirm_profile(session, claim.id, actor=who, at=world.clock())
    identities.confirm_profile(session, claim.id, actor=custodian, at=world.clock())
    with pytest.raises(Conflict, match="confirmed this profile already"):
        identities.confirm_profile(session, claim.id, actor=custodian, at=world.clock())
    with pytest.raises(InvalidInput, match="cannot be named"):
        name(
            world,
            start(world, platform),
            NewIdentity(IdentityKind.PLATFORM, shared, platform_id=platform.id, profile_id="own"),
        )


def test_a_domain_is_proven_by_its_challenge_in_time(world: World, draft: Application) -> None:
    claim = name(world, draft, NewIdentity(IdentityKind.DOMAIN, "badges.example.org"))
    who, session = owner_of(world, draft), world.session
    with pytest.raises(InvalidInput, match="not found at the domain"):
        identities.record_domain_proof(session, claim.id, "something else", actor=who, at=world.clock())
    late = world.clock() + timedelta(days=31)
    with pytest.raises(InvalidInput, match="too old"):
        identities.record_domain_proof(session, claim.id, claim.challenge, actor=who, at=late)
    identities.record_domain_proof(session, claim.id, claim.challenge, actor=who, at=world.clock())


def test_a_new_key_of_a_listed_issuer_needs_two_verifiers_without_a_side(world: World) -> None:
    session = world.session
    issuer = session.get_one(Issuer, list_issuers(world, 1)[0])
    who, key = world.owners[issuer.institution_id], did_key()
    claim = identities.add_to_issuer(session, issuer.id, key.new, actor=who, at=world.clock())
    one, two = world.cast.verifiers
    confirm = lambda person: identities.confirm(session, claim.id, actor=person, at=world.clock())  # noqa: E731
    with pytest.raises(TransitionRefused, match="not proven yet"):
        confirm(one)
    assert key.private is not None
    prove(world, claim, sign(key.private, claim.challenge), who)
    for person in (who, world.people["registrar-1"], world.people["administrator"]):
        with pytest.raises(NotAllowed):
            confirm(person)
    insider = world.person("insider", Role.IDENTITY_VERIFIER, body=world.body.id)
    accounts.record_grant(
        session, insider, Role.CONTRIBUTOR, institution_id=issuer.institution_id, actor=None, at=world.clock()
    )
    with pytest.raises(NotAllowed, match="you have acted for this institution"):
        confirm(insider)
    confirm(one)
    with pytest.raises(NotAllowed, match="a second verifier has to look too"):
        confirm(one)
    assert len(issuer.identities) == 1
    confirm(two)
    assert [event.claim.value for event in issuer.identities][1:] == [key.new.text]
    detours_standing.compromised_key(world.walk, claim.id, world.clock())
    with pytest.raises(InvalidInput, match="compromised and is never listed again"):
        identities.add_to_issuer(session, issuer.id, key.new, actor=who, at=world.clock())


def test_a_claim_is_confirmed_by_two_people_without_a_side(world: World) -> None:
    session, who, rival = world.session, world.person("applicant"), world.people["verifier-2"]
    new = NewInstitution({"en": "School"}, "School", "PL", "N", "ul. Z 1", "00-000", "other_provider")
    made = institutions.register(session, new, actor=who, at=world.clock())
    claim = institutions.claim(session, made.id, statement="So.", actor=who, at=world.clock())
    judge = lambda person, basis="Seen.": institutions.judge_claim(  # noqa: E731
        session, claim.id, confirmed=True, basis=basis, actor=person, at=world.clock()
    )
    with pytest.raises(Conflict, match="claimed this institution already"):
        institutions.claim(session, made.id, statement="So.", actor=who, at=world.clock())
    with pytest.raises(NotAllowed, match="nobody confirms their own claim"):
        judge(who)
    for word in ("officer", "chair", "registrar-1", "administrator", "auditor"):
        with pytest.raises(NotAllowed, match="identity verifier or the operator"):
            judge(world.people[word])
    one = world.people["verifier-1"]
    with pytest.raises(InvalidInput, match="say what you saw"):
        judge(one, " ")
    judge(one)
    with pytest.raises(NotAllowed, match="somebody else has to confirm it too"):
        judge(one)
    assert not made.owned
    institutions.claim(session, made.id, statement="Me too.", actor=rival, at=world.clock())
    with pytest.raises(NotAllowed, match="other people look at its claims"):
        judge(rival)
    judge(world.people["operator"])
    assert made.owned
    with pytest.raises(Conflict, match="settled already"):
        judge(world.person("third", Role.IDENTITY_VERIFIER, body=world.body.id))


def test_a_refused_claim_gives_nothing(world: World) -> None:
    session, who = world.session, world.person("applicant")
    new = NewInstitution({"en": "School"}, "School", "PL", "N", "ul. Z 1", "00-000", "other_provider")
    made = institutions.register(session, new, actor=who, at=world.clock())
    claim = institutions.claim(session, made.id, statement="So.", actor=who, at=world.clock())
    for confirmed, person in zip((True, False), world.cast.verifiers, strict=True):
        institutions.judge_claim(
            session, claim.id, confirmed=confirmed, basis="Seen.", actor=person, at=world.clock()
        )
    assert not made.owned
    with pytest.raises(NotAllowed):
        applications.start(session, made.id, world.schemes["quality"], actor=who, at=world.clock())


def test_a_policy_is_adopted_by_two_people_and_never_changes(world: World) -> None:
    scheme = world.schemes["quality"]
    adopted = bodies.current_policy(world.session, world.session.get_one(bodies.Scheme, scheme))
    loaded = bodies.policy_of(adopted)
    with pytest.raises(NotAllowed, match="cannot approve it"):
        bodies.adopt_policy(
            world.session, world.body.id, loaded, proposed_by="a", approved_by=" A ", at=world.clock()
        )
    editor, approver = str(world.people["editor"]), str(world.people["approver"])
    with pytest.raises(NotAllowed, match="only the policy approver"):
        bodies.adopt_policy(
            world.session, world.body.id, loaded, proposed_by=editor, approved_by="b", at=world.clock()
        )
    changed = bodies.load_policy(loaded.source + b"# a remark\n")
    with pytest.raises(Conflict, match="make a new version"):
        bodies.adopt_policy(
            world.session, world.body.id, changed, proposed_by=editor, approved_by=approver, at=world.clock()
        )
