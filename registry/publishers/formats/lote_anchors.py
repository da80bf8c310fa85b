"""ETSI TS 119 602 v1.1.1, list of current anchors: explicit mode, compact JAdES baseline B, ES256.

The shape of the EU wallet lists (annexes D to F): no status, no history, certificates alone; to be listed
is to be recognized. Made for the many clients that never look at a status: it holds only what may be
trusted when it is issued. Media type `application/jose`. Read by openvc, @owf/eudi-lote with jose, and the
EUDI wallet libraries.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from registry.domain.trust_list import Entry, Header, SchemeInfo, canonical_json
from registry.errors import InvalidInput
from registry.publishers.base import JOSE, Document, Loss, Reach, need_signer
from registry.publishers.facts import ListFacts
from registry.publishers.lote_checks import check_lote, lote_facts, services
from registry.publishers.lote_common import assemble_lote, scheme_information
from registry.publishers.lote_services import anchors_entity
from registry.signing.signers import Signer

LIST_TYPE = "anchors"
LOSSES: tuple[Loss, ...] = (
    Loss(
        "issuers without an X.509 certificate",
        "an anchor is a certificate; DIDs and bare keys are in the register",
    ),
    Loss(
        "issuers not recognized at the moment of issue", "to be listed is to be recognized; see the register"
    ),
    Loss("status, its start and history", "the profile forbids them; see the register"),
    Loss("ended and compromised keys", "an anchor can be used now; see the register"),
    Loss("conditions", "the data model has no place for them; active with conditions counts as recognized"),
)
_NAMES = {"en": " - current anchors", "pl": " - bieżące kotwice zaufania"}


class LoteAnchors:
    """Certificates of the issuers recognized now."""

    format_id = "lote_anchors"
    standard = "ETSI TS 119 602 v1.1.1"
    file_name = "lote-anchors.json"
    media_type = JOSE
    lifetime = timedelta(hours=24)
    signed = True
    reach = Reach.SCHEME
    list_type = LIST_TYPE
    LOSSES = LOSSES

    def entry(self, entry: Entry, scheme: SchemeInfo, at: datetime) -> bytes | None:
        """Return the entity of a recognized issuer that has a usable certificate, else None."""
        entity = anchors_entity(entry, scheme, at)
        return canonical_json(entity) if entity else None

    def assemble(self, header: Header, fragments: Iterable[bytes], signer: Signer | None) -> Document:
        """Return the signed list."""
        information = scheme_information(header, LIST_TYPE, self.file_name, _NAMES)
        body = assemble_lote(information, fragments, header, need_signer(signer, self.format_id))
        return Document(self.file_name, body, self.media_type)


def parse_lote_anchors(payload: Any) -> ListFacts:
    """Check the structure of a payload strictly; return what it says of itself.

    Raises:
        InvalidInput: with the first problem and its place.
    """
    check_lote(payload)
    for where, service in services(payload):
        if "ServiceHistory" in service or _FORBIDDEN & service["ServiceInformation"].keys():
            raise InvalidInput(f"{where}: a list of anchors has neither status nor history")
        if not service["ServiceInformation"]["ServiceDigitalIdentity"].get("X509Certificates"):
            raise InvalidInput(f"{where}: an anchor without a certificate")
    return lote_facts(payload, LoteAnchors.format_id)


_FORBIDDEN = frozenset({"ServiceStatus", "StatusStartingTime"})
