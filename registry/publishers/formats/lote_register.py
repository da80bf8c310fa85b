"""ETSI TS 119 602 v1.1.1, full register with status and history: explicit mode, compact JAdES B, ES256.

Every issuer ever listed, as services: first the recognition itself with the issuer's DIDs and bare keys,
then one service for each certified key, then one for each other key that is over. Clients exist that take
every certificate of a service type as an anchor without looking at its status; so only services that are
recognized now carry certificates and key values, all others are named by key identifier and other ids
alone. No service ever vanishes (6.3.12: 65535). Media type `application/jose`. Read by openvc and
@owf/eudi-lote with jose.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from registry.domain.trust_list import (
    Entry,
    Header,
    IdentityKind,
    ListedIdentity,
    SchemeInfo,
    canonical_json,
    wire_instant,
)
from registry.errors import InvalidInput
from registry.publishers.base import JOSE, Document, Loss, need_signer
from registry.publishers.facts import ListFacts
from registry.publishers.lote_checks import check_lote, lote_facts, services
from registry.publishers.lote_common import (
    NEVER_REMOVED,
    Wire,
    assemble_lote,
    entity_information,
    recognition_extension,
    scheme_information,
    service_information,
    service_type,
    status_uri,
    texts,
)
from registry.publishers.lote_keys import KeyGroup, encode_certificate, encode_key_identifier, key_groups
from registry.publishers.lote_states import State, key_states, recognition_states
from registry.signing.signers import Signer

LIST_TYPE = "register"
LOSSES: tuple[Loss, ...] = (
    Loss(
        "the two time axes",
        "history is what lists said when; corrections appear as changes, see the native list",
    ),
    Loss(
        "reasons of a status and its effect on awards",
        "a status is a URI; see the native list or the statement",
    ),
    Loss(
        "certificates of services not recognized now", "left out for clients that ignore status; named by SKI"
    ),
    Loss(
        "Ed25519 keys as key values",
        "the official schema knows EC, RSA and oct; named by RFC 9278 thumbprint",
    ),
    Loss(
        "identities whose window has not begun",
        "a service has a status from its start on; see the native list",
    ),
    Loss("texts of conditions", "the data model has no place for them; the status says that there are some"),
)
_NAMES = {"en": " - register", "pl": " - rejestr"}


class LoteRegister:
    """All issuers with status and history."""

    format_id = "lote_register"
    file_name = "lote-register.json"
    media_type = JOSE
    lifetime = timedelta(days=28)
    signed = True
    LOSSES = LOSSES

    def entry(self, entry: Entry, scheme: SchemeInfo, at: datetime) -> bytes | None:
        """Return the entity of an issuer, whatever its status."""
        states = recognition_states(entry.events, at)
        groups = key_groups(entry, at)
        own = [group for group in groups if group.key_identifier is None and not group.ended]
        services = [_recognition_service(entry, scheme, at, states, own)]
        services += [_key_service(entry, scheme, states, g) for g in groups if g.key_identifier or g.ended]
        return canonical_json(
            {
                "TrustedEntityInformation": entity_information(entry, scheme),
                "TrustedEntityServices": services,
            }
        )

    def assemble(self, header: Header, fragments: Iterable[bytes], signer: Signer | None) -> Document:
        """Return the signed list."""
        information = scheme_information(header, LIST_TYPE, self.file_name, _NAMES)
        information["HistoricalInformationPeriod"] = NEVER_REMOVED
        body = assemble_lote(information, fragments, header, need_signer(signer, self.format_id))
        return Document(self.file_name, body, self.media_type)


def _recognition_service(
    entry: Entry, scheme: SchemeInfo, at: datetime, states: Sequence[State], groups: Sequence[KeyGroup]
) -> Wire:
    identity: Wire = {"OtherIds": [_recognition_id(entry), *(group.other_id for group in groups)]}
    jwks = [jwk for group in groups for jwk in group.jwks]
    if jwks and states[-1].recognized:
        identity["PublicKeyValues"] = jwks
    past: Wire = {"OtherIds": identity["OtherIds"]}
    service = _service(entry, scheme, identity, past, states)
    extensions = [recognition_extension(entry, scheme, at), _identities_extension(entry, scheme)]
    service["ServiceInformation"]["ServiceInformationExtensions"] = extensions  # type: ignore[index]
    return service


def _key_service(entry: Entry, scheme: SchemeInfo, states: Sequence[State], group: KeyGroup) -> Wire:
    said = key_states(states, group.window)
    named: Wire = {"OtherIds": [_recognition_id(entry), *([group.other_id] if group.other_id else [])]}
    if group.key_identifier:
        named["X509SKIs"] = [encode_key_identifier(group.key_identifier)]
    identity = dict(named)
    if said[-1].recognized and group.certificates:
        identity["X509Certificates"] = [encode_certificate(der) for der in group.certificates]
    return _service(entry, scheme, identity, named, said)


def _service(entry: Entry, scheme: SchemeInfo, identity: Wire, past: Wire, states: Sequence[State]) -> Wire:
    """Return one service; `past` is how history names it: never by a certificate."""
    information = service_information(entry, scheme, identity)
    information["ServiceStatus"] = _status(scheme, states[-1])
    information["StatusStartingTime"] = wire_instant(states[-1].start)
    service: Wire = {"ServiceInformation": information}
    if len(states) > 1:
        # 6.7: newest first.
        service["ServiceHistory"] = [
            _past_state(entry, scheme, past, state) for state in reversed(states[:-1])
        ]
    return service


def _past_state(entry: Entry, scheme: SchemeInfo, identity: Wire, state: State) -> Wire:
    return {
        "ServiceTypeIdentifier": service_type(scheme),
        "ServiceName": texts(entry.names),
        "ServiceDigitalIdentity": identity,
        "ServiceStatus": _status(scheme, state),
        "StatusStartingTime": wire_instant(state.start),
    }


def _status(scheme: SchemeInfo, state: State) -> str:
    return status_uri(scheme, state.word, key_ended=state.key_ended)


def _recognition_id(entry: Entry) -> str:
    return f"urn:uuid:{entry.id}"


def _identities_extension(entry: Entry, scheme: SchemeInfo) -> Wire:
    return {
        "Critical": False,
        "ExtensionUri": scheme.uri("extension", "identities"),
        "Identities": [_window(identity) for identity in entry.identities],
    }


def _window(identity: ListedIdentity) -> dict[str, str]:
    instants = {
        "valid_from": identity.valid_from,
        "valid_to": identity.valid_to,
        "compromised_from": identity.compromised_from,
    }
    wire = {"kind": identity.kind.value, "value": identity.value}
    if identity.kind is IdentityKind.PLATFORM and identity.profile_id:
        wire["profile_id"] = identity.profile_id
    return wire | {name: wire_instant(instant) for name, instant in instants.items() if instant}


def parse_lote_register(payload: Any) -> ListFacts:
    """Check the structure of a payload strictly; return what it says of itself.

    Raises:
        InvalidInput: with the first problem and its place.
    """
    check_lote(payload)
    for where, service in services(payload):
        information = service["ServiceInformation"]
        if not {"ServiceStatus", "StatusStartingTime"} <= information.keys():
            raise InvalidInput(f"{where}: a service of a register has a status and its start")
        recognized = information["ServiceStatus"].endswith(_RECOGNIZED)
        if not recognized and _ANCHORING & information["ServiceDigitalIdentity"].keys():
            raise InvalidInput(f"{where}: a service that is not recognized carries a certificate or a key")
    return lote_facts(payload, LoteRegister.format_id)


_RECOGNIZED = ("/status/active", "/status/active-with-conditions")
_ANCHORING = frozenset({"X509Certificates", "PublicKeyValues"})
