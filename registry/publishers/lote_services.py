"""The services of an issuer in a register, by the data model of ETSI TS 119 602, whatever the binding.

First the recognition itself with the issuer's DIDs and bare keys, then one service for each certified key, then
one for each other key that is over. Clients exist that take every certificate of a service type as an anchor
without looking at its status; so only services that are recognized now carry certificates and key values, all
others are named by key identifier and other ids alone.
"""

from collections.abc import Sequence
from datetime import datetime

from registry.domain.latest import latest
from registry.domain.trust_list import Entry, IdentityKind, ListedIdentity, SchemeInfo, wire_instant
from registry.publishers.lote_common import (
    Wire,
    entity_information,
    recognition_extension,
    service_information,
    service_type,
    status_uri,
    texts,
)
from registry.publishers.lote_keys import (
    KeyGroup,
    encode_certificate,
    encode_key_identifier,
    key_groups,
    usable_certificates,
)
from registry.publishers.lote_states import State, key_states, recognition_states


@latest
def anchors_entity(entry: Entry, scheme: SchemeInfo, at: datetime) -> Wire | None:
    """Return a recognized issuer that has a usable certificate, as a list of anchors has it, else None.

    Kept for the next format that asks about the same issuer, so nobody changes it.
    """
    certificates = usable_certificates(entry, at) if entry.status(at).is_recognized else ()
    if not certificates:
        return None
    identity: Wire = {"X509Certificates": [encode_certificate(der) for der in certificates]}
    information = service_information(entry, scheme, identity)
    information["ServiceInformationExtensions"] = [recognition_extension(entry, scheme, at)]
    return {
        "TrustedEntityInformation": entity_information(entry, scheme),
        "TrustedEntityServices": [{"ServiceInformation": information}],
    }


@latest
def register_entity(entry: Entry, scheme: SchemeInfo, at: datetime) -> Wire:
    """Return an issuer with its services as a register has them, whatever its status.

    Kept for the next format that asks about the same issuer, so nobody changes it.
    """
    states = recognition_states(entry.events, at)
    groups = key_groups(entry, at)
    own = [group for group in groups if group.key_identifier is None and not group.ended]
    services = [_recognition_service(entry, scheme, at, states, own)]
    services += [_key_service(entry, scheme, states, g) for g in groups if g.key_identifier or g.ended]
    return {
        "TrustedEntityInformation": entity_information(entry, scheme),
        "TrustedEntityServices": services,
    }


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
