"""ETSI TS 119 602 v1.1.1, full register with status and history: explicit mode, compact JAdES B, ES256.

Every issuer ever listed, as services: the recognition itself, then each key. Only services that are recognized
now carry certificates and key values. No service ever vanishes (6.3.12: 65535). Media type `application/jose`.
Read by openvc and @owf/eudi-lote with jose.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from registry.domain.trust_list import Entry, Header, SchemeInfo, canonical_json
from registry.errors import InvalidInput
from registry.publishers.base import JOSE, Document, Loss, Reach, need_signer
from registry.publishers.facts import ListFacts
from registry.publishers.lote_checks import check_lote, lote_facts, services
from registry.publishers.lote_common import NEVER_REMOVED, assemble_lote, scheme_information
from registry.publishers.lote_services import register_entity
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
    standard = "ETSI TS 119 602 v1.1.1"
    file_name = "lote-register.json"
    media_type = JOSE
    lifetime = timedelta(days=28)
    signed = True
    reach = Reach.SCHEME
    list_type = LIST_TYPE
    LOSSES = LOSSES

    def entry(self, entry: Entry, scheme: SchemeInfo, at: datetime) -> bytes | None:
        """Return the entity of an issuer, whatever its status."""
        return canonical_json(register_entity(entry, scheme, at))

    def assemble(self, header: Header, fragments: Iterable[bytes], signer: Signer | None) -> Document:
        """Return the signed list."""
        information = scheme_information(header, LIST_TYPE, self.file_name, _NAMES)
        information["HistoricalInformationPeriod"] = NEVER_REMOVED
        body = assemble_lote(information, fragments, header, need_signer(signer, self.format_id))
        return Document(self.file_name, body, self.media_type)


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
