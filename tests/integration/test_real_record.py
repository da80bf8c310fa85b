"""A real imported record goes the whole way, from claim to an entry that verifiers accept; in a test registry only."""

from pathlib import Path

import openvc.trustlist as openvc
import pytest
from cryptography import x509
from openvc.trustlist import TrustListError
from sqlalchemy import select

from registry.demo import real
from registry.models.institution import Institution
from registry.models.issuer import Issuer
from registry.publishers.verify import VerificationFailed, parse_trust, verify_document
from registry.services import imports, publication

from support.world import Registry, certificate

JAGIELLONIAN = "https://ror.org/03bqmcz70"


def import_one(registry: Registry, folder: Path, ror: str, old: str = "", new: str = "") -> None:
    """Import one record of the carried ROR file, with `old` replaced by `new`."""
    lines = (real.DATA / "ror_v2_education.jsonl").read_text().splitlines()
    path = folder / "one.jsonl"
    path.write_text(next(line for line in lines if ror in line).replace(old or new, new) + "\n")
    imports.import_file(
        registry.database, path, "ror", holds="institutions", actor="operator", clock=registry.clock
    )


def document(registry: Registry, name: str) -> bytes:
    found = registry.publishing.store.document(f"/lists/agency-quality/1/{name}")
    assert found is not None
    return found.body


def consume(registry: Registry, body: bytes) -> openvc.TrustList:
    pinned = x509.load_pem_x509_certificate(registry.publishing.keys.certificates("agency-quality").encode())
    return openvc.consume_lote(body.decode(), expected_signer_certs=[pinned], now=registry.clock.moment)


def test_a_real_record_goes_from_claim_to_a_verified_list_entry(registry: Registry, tmp_path: Path) -> None:
    import_one(registry, tmp_path, JAGIELLONIAN)
    with registry.world() as world:
        made = world.session.scalars(select(Institution)).one()
        assert not made.owned
        assert not world.session.scalars(select(Issuer)).all()
        who = world.person("applicant")
        world.claim(made, who)
        key = certificate(made, tmp_path, world.clock())
        assert key.private is not None
        world.walk.whole(world.story(made, keys=(key,)))
        leaf = x509.load_pem_x509_certificate(key.new.text.encode())
    publication.publish(registry.publishing, at=registry.clock())

    trust = parse_trust(registry.publishing.keys.certificates("agency-quality").encode())
    for name in ("list.jws", "lote-anchors.json", "lote-register.json"):
        verified = verify_document(document(registry, name), trust, registry.clock.moment, None)
        assert verified.facts.sequence == 1
    for name in ("lote-anchors.json", "lote-register.json"):
        (provider,) = consume(registry, document(registry, name)).providers
        assert [service.certificate for service in provider.services] == [leaf]
    for name in ("list.csv", "list.ndjson"):
        shown = document(registry, name).decode()
        assert JAGIELLONIAN in shown
        assert "Uniwersytet Jagielloński" in shown
    body = document(registry, "lote-anchors.json")
    broken = body[:-8] + b"AAAAAAAA"
    with pytest.raises(VerificationFailed):
        verify_document(broken, trust, registry.clock.moment, None)
    with pytest.raises(TrustListError):
        consume(registry, broken)


def test_what_is_published_follows_a_changed_record_of_a_listed_institution(
    registry: Registry, tmp_path: Path
) -> None:
    import_one(registry, tmp_path, JAGIELLONIAN)
    with registry.world() as world:
        made = world.session.scalars(select(Institution)).one()
        who = world.person("applicant")
        world.claim(made, who)
        world.walk.whole(world.story(made))
    publication.publish(registry.publishing, at=registry.clock())
    import_one(registry, tmp_path, JAGIELLONIAN, "Uniwersytet Jagielloński", "Uniwersytet Przemianowany")
    publication.publish(registry.publishing, at=registry.clock(), at_once=True)
    assert "Uniwersytet Przemianowany" in document(registry, "list.ndjson").decode()
