"""An edition store with plainly invented issuers in every standing, for tests of public pages."""

from datetime import timedelta
from pathlib import Path

from registry.domain.trust_list import Entry, Text, canonical_json, entry_to_wire
from registry.editions import (
    EditionChange,
    EditionStore,
    PlainFile,
    PublishedDocument,
    SchemeRecord,
    issuer_record,
)
from registry.policy_files import available
from registry.signing.certificates import to_pem

from vectors import sample

OTHER_SLUG = "invented-council-practical-skills"
NAMES = {
    1: ("Invented College of Weights", "Zmyślona Uczelnia Miar w Łodzi"),
    2: ("Academy of Improbable Machines", "Akademia Nieprawdopodobnych Maszyn"),
    3: ("School of Quiet Harbours", "Szkoła Cichych Przystani"),
}
FILES = (
    ("native_json", "list.jws", "application/jose", 30),
    ("lote_anchors", "lote-anchors.json", "application/jose", 1),
    ("lote_register", "lote-register.json", "application/jose", 30),
    ("csv", "list.csv", "text/csv; charset=utf-8", 30),
    ("ndjson", "list.ndjson", "application/x-ndjson", 30),
)


def scheme_wire(slug: str, en: str, pl: str) -> dict[str, object]:
    """Return a scheme as public pages read it."""
    scheme = sample.SCHEME
    return {
        "id": scheme.id,
        "slug": slug,
        "name": Text.of(en=en, pl=pl).as_dict(),
        "operator_name": scheme.operator_name.as_dict(),
        "operator_legal_name": scheme.operator_legal_name,
        "operator_website": scheme.operator_website,
        "territory": scheme.territory,
        "policy_id": scheme.policy_id,
        "certificates": to_pem(sample.signer().certificates[0]),
    }


def publish_sample(directory: Path) -> None:
    """Publish one edition: two schemes, twenty-five issuers, five lists each."""
    main = sample.SCHEME.slug
    records = [_record(entry, main) for entry in sample.sample_entries()]
    second = sample.entry(2, [sample.grant(40)], [sample.did(2)])
    records.append(_record(second, OTHER_SLUG, id="00000000-0000-4000-8000-000000000102"))
    documents = tuple(document(slug, *file) for slug in (main, OTHER_SLUG) for file in FILES)
    schemes = (
        SchemeRecord(main, scheme_wire(main, sample.SCHEME.name["en"], sample.SCHEME.name["pl"])),
        SchemeRecord(
            OTHER_SLUG,
            scheme_wire(
                OTHER_SLUG,
                "DEMO Issuers recognized for practical skills",
                "DEMO Wydawcy uznani w dziedzinie umiejętności praktycznych",
            ),
        ),
    )
    with EditionStore(directory, sample.SCHEME.base_url) as store:
        store.apply(
            EditionChange(
                1,
                sample.ISSUED_AT,
                documents,
                issuers_put=tuple(records),
                schemes=schemes,
                files=(_granted(1), _withdrawn(6)),
            )
        )


def _granted(number: int) -> PlainFile:
    """Return a decision that departed from what the policy proposed, with two ratings."""
    policy = available()[sample.SCHEME.policy_id, "1.0.0"]
    rated = zip(policy.policy.criteria[:2], ("met", "mystery"), strict=True)
    return _decision(
        f"decision-{number}",
        number,
        procedure="initial",
        outcome="recognize",
        proposed_outcome=policy.policy.decision.rules[0].outcome.value,
        rule=policy.policy.decision.rules[0].id,
        deviates=True,
        policy={"id": policy.policy.id, "version": "1.0.0", "sha256": policy.sha256},
        ratings=[
            {
                "criterion": criterion.id,
                "title": criterion.title.as_dict(),
                "rating": rating,
                "label": {"en": "Fully there", "pl": "W całości"} if rating == "met" else {},
            }
            for criterion, rating in rated
        ],
    )


def _withdrawn(number: int) -> PlainFile:
    """Return the decision of a hearing, under a policy version that this installation does not hold."""
    return _decision(
        f"decision-{number + 50}",
        number,
        procedure="extraordinary",
        outcome="withdraw",
        proposed_outcome="withdraw",
        rule="serious_breach",
        deviates=False,
        policy={"id": sample.SCHEME.policy_id, "version": "0.1.0", "sha256": "ab" * 32},
        ratings=[],
    )


def _decision(decision_id: str, number: int, **more: object) -> PlainFile:
    wire = {
        "id": decision_id,
        "scheme": sample.SCHEME.slug,
        "issuer": f"00000000-0000-4000-8000-{number:012d}",
        "votes": {"in_favour": 4, "against": 1, "abstained": 0},
        "decided_at": "2026-02-01T11:00:00Z",
        "released_at": "2026-02-01T12:00:00Z",
        **more,
    }
    return PlainFile(f"/decisions/{decision_id}.json", "application/json", canonical_json(wire))


def _record(entry: Entry, scheme: str, **changes: object):  # type: ignore[no-untyped-def]  # IssuerRecord
    wire = entry_to_wire(entry, sample.ISSUED_AT) | changes
    number = int(entry.id[-4:])
    if number in NAMES:
        en, pl = NAMES[number]
        wire["names"], wire["legal_name"] = {"en": en, "pl": pl}, pl
    if number == 4:
        wire["website"] = "https://www.xn--w-uga1v8h.example/courses"  # żółw
    former = ("weights-and-measures",) if number == 1 else ()
    return issuer_record(wire, scheme=scheme, institution_id=entry.slug, former_slugs=former)


def document(
    slug: str, format_id: str, file: str, media_type: str, days: int, *, shard: int = 1
) -> PublishedDocument:
    """Return a document whose body says nothing; `days` is its life."""
    return PublishedDocument(
        path=f"/lists/{slug}/{shard}/{file}",
        permanent_path=f"/lists/{slug}/{shard}/1/{file}",
        scheme=slug,
        format_id=format_id,
        shard=str(shard),
        sequence=1,
        media_type=media_type,
        body=f"{slug} {file} ".encode() * 900,
        issued_at=sample.ISSUED_AT,
        next_update=sample.ISSUED_AT + timedelta(days=days),
    )
