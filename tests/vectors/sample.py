"""A plainly invented scheme with issuers in every standing: the input of the vectors and of the format tests.

Everything follows from small numbers, so it is the same on every machine and on every day.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from cryptography.hazmat.primitives.asymmetric import ec

from registry.domain.recognition import Effect, Reason, Status, StatusEvent
from registry.domain.scope import CredentialType, Grant, Level, LevelMark, Scope
from registry.domain.trust_list import (
    Entry,
    Header,
    IdentityKind,
    ListedCondition,
    ListedIdentity,
    PostalAddress,
    SchemeInfo,
    Text,
    TrustList,
)
from registry.publishers.base import ListPointer, Publisher
from registry.signing.certificates import CertificateSubject, describe_certificate, scheme_certificate
from registry.signing.signers import EcSigner

ISSUED_AT = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
GRANTED_AT = datetime(2026, 2, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
OPERATOR = "Invented Board for Short Courses"

SCHEME = SchemeInfo(
    id="7a1f1c1e-0d5c-4f2b-9b0a-000000000001",
    slug="invented-board-short-courses",
    name=Text.of(
        en="DEMO Recognized issuers of micro-credentials", pl="DEMO Uznani wydawcy mikropoświadczeń"
    ),
    operator_name=Text.of(en=OPERATOR, pl="Zmyślona Rada Krótkich Kursów"),
    operator_legal_name=OPERATOR,
    operator_address=PostalAddress("ul. Zmyślona 1", "Niebywałowo", "00-000", "PL"),
    operator_email="lists@board.example",
    operator_website="https://board.example/",
    territory="PL",
    policy_id="eu-microcredential-recommendation-2022",
    base_url="https://registry.example",
)


def private_key(number: int) -> ec.EllipticCurvePrivateKey:
    """Return a P-256 key that is public knowledge, for tests alone."""
    return ec.derive_private_key(0x1000 + number, ec.SECP256R1())


def signer(number: int = 1, *, operator: str = OPERATOR) -> EcSigner:
    """Return a deterministic list signer with its certificate."""
    key = private_key(number)
    subject = CertificateSubject("PL", operator, f"DEMO list signer {number}")
    certificate = scheme_certificate(
        subject,
        key,
        datetime(2026, 1, 1, tzinfo=UTC),
        datetime(2029, 1, 1, tzinfo=UTC),
        serial_number=1000 + number,
        deterministic=True,
    )
    return EcSigner(f"list-{number}", key, (certificate,), deterministic=True)


def issuer_certificate(number: int) -> bytes:
    """Return the DER certificate of an invented issuer."""
    return scheme_certificate(
        CertificateSubject("PL", f"Invented College {number}", f"DEMO issuer key {number}"),
        private_key(100 + number),
        datetime(2026, 1, 1, tzinfo=UTC),
        datetime(2028, 1, 1, tzinfo=UTC),
        serial_number=2000 + number,
        deterministic=True,
    )


def x509(number: int, *, valid_from: datetime = GRANTED_AT, **window: datetime | None) -> ListedIdentity:
    """Return a certificate as a listed identity; its window ends with the certificate, unless `window` says when."""
    der = issuer_certificate(number)
    facts = describe_certificate(der)
    return ListedIdentity(
        IdentityKind.X509,
        facts.sha256,
        valid_from,
        certificate=der,
        **{"valid_to": facts.not_after, **window},
    )


def did(number: int, **window: datetime | None) -> ListedIdentity:
    """Return a did:web as a listed identity."""
    value = f"did:web:college-{number}.example"
    return ListedIdentity(IdentityKind.DID, value, GRANTED_AT, **window)


EC_JWK = ListedIdentity(
    IdentityKind.JWK,
    "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U",
    GRANTED_AT,
    jwk=(
        ("crv", "P-256"),
        ("kty", "EC"),
        ("x", "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4"),
        ("y", "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"),
    ),
)
ED25519_JWK = ListedIdentity(
    IdentityKind.JWK,
    "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
    GRANTED_AT,
    jwk=(("crv", "Ed25519"), ("kty", "OKP"), ("x", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")),
)
PLATFORM = ListedIdentity(
    IdentityKind.PLATFORM,
    "did:key:z6MkneMkZqwqRiU5mJzSG3kDwzt9P8C59N4NGTfBLfSGE7c7",
    GRANTED_AT,
    profile_id="https://platform.example/profiles/17",
)
DOMAIN = ListedIdentity(IdentityKind.DOMAIN, "college-18.example", GRANTED_AT)
SCOPE = Scope(
    (
        Grant(
            fields=frozenset({"061"}),
            levels=frozenset({Level(5), Level(6, LevelMark.FRAMEWORK_REFERENCED)}),
            credential_types=frozenset({CredentialType.MICRO_CREDENTIAL}),
            countries=frozenset({"PL"}),
            max_ects=Decimal(15),
        ),
    )
)


def event(number: int, status: Status, reason: Reason, at: datetime, **more: object) -> StatusEvent:
    """Return an event that was recorded when it took effect, unless `more` says otherwise."""
    values: dict[str, object] = {"recorded_at": at, "decision_id": f"decision-{number}", **more}
    return StatusEvent(number=number, effective_from=at, status=status, reason=reason, **values)  # type: ignore[arg-type]


def grant(
    number: int, status: Status = Status.ACTIVE, at: datetime = GRANTED_AT, **more: object
) -> StatusEvent:
    """Return the first grant."""
    more = {"scope": SCOPE, "valid_until": datetime(2031, 2, 1, tzinfo=UTC), **more}
    return event(number, status, Reason.GRANTED, at, **more)


def entry(
    number: int,
    events: Sequence[StatusEvent],
    identities: Sequence[ListedIdentity],
    conditions: Sequence[ListedCondition] = (),
) -> Entry:
    """Return an invented college."""
    name = f"Invented College {number}"
    return Entry(
        id=f"00000000-0000-4000-8000-{number:012d}",
        slug=f"invented-college-{number}",
        names=Text.of(en=name, pl=f"Zmyślona Uczelnia {number}"),
        legal_name=f"Zmyślona Uczelnia {number}",
        identifiers=(("schac", f"college-{number}.example"), ("vat", "PL1234563218")),
        address=PostalAddress(f"ul. Niebyła {number}", "Niebywałowo", "00-000", "PL"),
        website=f"https://college-{number}.example/" if number % 2 else None,
        identities=tuple(identities),
        events=tuple(events),
        policy_id=SCHEME.policy_id,
        policy_version="1.0.0",
        policy_sha256="ab" * 32,
        decision_id=events[-1].decision_id,
        decided_at=events[-1].recorded_at,
        conditions=tuple(conditions),
    )


def _ended(number: int, status: Status, reason: Reason, **more: object) -> tuple[StatusEvent, StatusEvent]:
    return grant(number), event(number + 50, status, reason, GRANTED_AT + 100 * DAY, **more)


def sample_entries() -> tuple[Entry, ...]:
    """Return one issuer, or a few, for every standing and every kind of key."""
    until = GRANTED_AT + 90 * DAY
    condition = ListedCondition(Text.of(en="Publish fees.", pl="Opublikować opłaty."), ISSUED_AT + 60 * DAY)
    withdrawn = _ended(6, Status.WITHDRAWN, Reason.SERIOUS_BREACH)
    lifted = event(120, Status.ACTIVE, Reason.SUSPENSION_LIFTED, GRANTED_AT + 120 * DAY)
    corrected = event(121, Status.ACTIVE, Reason.CORRECTION, GRANTED_AT, recorded_at=until, supersedes=71)
    return (
        entry(1, [grant(1)], [x509(1)]),
        entry(2, [grant(2)], [did(2), x509(2)]),
        entry(3, [grant(3, Status.ACTIVE_WITH_CONDITIONS)], [x509(3)], [condition]),
        entry(4, _ended(4, Status.SUSPENDED, Reason.FRAUD_SUSPECTED), [did(4), x509(4)]),
        entry(5, [*_ended(5, Status.SUSPENDED, Reason.FRAUD_SUSPECTED), lifted], [x509(5)]),
        entry(6, withdrawn, [x509(6)]),
        entry(7, _ended(7, Status.WITHDRAWN, Reason.ISSUER_CLOSED), [did(7)]),
        entry(8, [grant(8, valid_until=until)], [x509(8)]),
        entry(9, _ended(9, Status.RELINQUISHED, Reason.ISSUER_REQUEST), [x509(9), did(9)]),
        entry(10, _ended(10, Status.SUPERSEDED, Reason.MERGED), [x509(10)]),
        entry(
            11,
            _ended(11, Status.VOID, Reason.FALSE_EVIDENCE, effect=Effect.NEVER_COVERED),
            [x509(11), EC_JWK],
        ),
        entry(12, [grant(12, at=ISSUED_AT + 30 * DAY, recorded_at=ISSUED_AT - DAY)], [x509(12), did(12)]),
        entry(13, [grant(13)], [x509(13, valid_to=until), x509(30, valid_from=until - 30 * DAY)]),
        entry(14, [grant(14)], [x509(14, compromised_from=until), x509(31, valid_from=until)]),
        entry(15, [grant(15)], [EC_JWK, did(15)]),
        entry(16, [grant(16)], [ED25519_JWK]),
        entry(17, [grant(17)], [PLATFORM]),
        entry(18, [grant(18)], [DOMAIN, did(18, valid_to=until), did(118)]),
        entry(19, [grant(19)], [x509(19), x509(32)]),
        entry(20, [grant(20)], [x509(20, valid_from=ISSUED_AT + DAY), did(20)]),
        entry(21, [*_ended(21, Status.SUSPENDED, Reason.CONDITION_MISSED), corrected], [x509(21)]),
        entry(22, [grant(22, scope=Scope((*SCOPE.grants, *_OTHER.grants)))], [x509(22)]),
        entry(23, [grant(23)], [did(23)]),
        entry(24, [grant(24)], [x509(24)]),
        entry(25, [grant(25)], [x509(25)]),
    )


_OTHER = Scope(
    (
        Grant(
            fields=frozenset({"04", "0311"}),
            levels=frozenset(),
            credential_types=frozenset(
                {CredentialType.MICRO_CREDENTIAL, CredentialType.BADGE_WITH_ASSESSMENT}
            ),
            countries=frozenset({"PL", "CZ"}),
        ),
    )
)


def sample_list(entries: Sequence[Entry] | None = None, at: datetime = ISSUED_AT) -> TrustList:
    """Return the trust list value of the sample, or of other entries."""
    chosen = sample_entries() if entries is None else entries
    return TrustList(SCHEME, 1, 1, at, tuple(sorted(chosen, key=lambda item: item.id)))


def header(sequence: int = 7, at: datetime = ISSUED_AT, lifetime: timedelta = timedelta(hours=24)) -> Header:
    """Return the header of a list of the sample scheme."""
    return Header(SCHEME, 1, 1, sequence, at, at + lifetime)


REGISTRY = replace(
    SCHEME,
    id="7a1f1c1e-0d5c-4f2b-9b0a-000000000009",
    slug="registry",
    name=Text.of(en="DEMO Lists of this registry", pl="DEMO Listy tego rejestru"),
    operator_name=Text.of(en="Invented Registry Office", pl="Zmyślone Biuro Rejestru"),
    operator_legal_name="Invented Registry Office",
    operator_email="lists@registry.example",
    operator_website="https://registry.example/",
)
"""The operator of the registry, as it stands in lists of lists."""
_LIST_TYPES = {"tl_xml": "issuers", "lote_anchors": "anchors", "lote_register": "register"}
PIVOTS = (f"{REGISTRY.base_url}/lists/registry/1/3/lotl.xml",)


def registry_signer() -> EcSigner:
    """Return the signer of the lists of lists."""
    return signer(90, operator=REGISTRY.operator_legal_name)


def registry_header(lifetime: timedelta = timedelta(days=28)) -> Header:
    """Return the header of a list of lists."""
    return replace(header(lifetime=lifetime), scheme=REGISTRY)


def pointers(publishers: Iterable[Publisher]) -> tuple[ListPointer, ...]:
    """Return pointers to two shards of the sample scheme in some formats; the next certificate is announced."""
    certificates = (*signer(1).certificates, *signer(2).certificates)
    return tuple(
        ListPointer(
            scheme=SCHEME,
            shard=shard,
            shards=2,
            format_id=publisher.format_id,
            url=f"{SCHEME.base_url}/lists/{SCHEME.slug}/{shard}/{publisher.file_name}",
            media_type=publisher.media_type,
            list_type=SCHEME.uri("list-type", _LIST_TYPES.get(publisher.format_id, publisher.format_id)),
            certificates=certificates,
        )
        for publisher in publishers
        for shard in (1, 2)
    )
