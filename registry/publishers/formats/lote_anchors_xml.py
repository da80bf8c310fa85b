"""ETSI TS 119 602 v1.1.1, current anchors in the XML binding: explicit mode, enveloped XAdES baseline B, ES256.

The same content as the JSON list of anchors, member by member: no status, no history, certificates alone. Media type
`application/xml`. Read by xmlsec1, signxml and what reads the official schema.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from registry.domain.trust_list import Entry, Header, SchemeInfo
from registry.publishers.base import Document, Loss, Reach, need_signer
from registry.publishers.lote_common import scheme_information
from registry.publishers.lote_services import anchors_entity
from registry.publishers.xml_binding import LOTE_XML, assemble_xml, entity_element, scheme_element
from registry.signing.signers import Signer

LIST_TYPE = "anchors"
MEDIA_TYPE = "application/xml"
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
    Loss("that a place has no locality", "the schema requires one; a hyphen stands there"),
)
_NAMES = {"en": " - current anchors", "pl": " - bieżące kotwice zaufania"}


class LoteAnchorsXml:
    """Certificates of the issuers recognized now."""

    format_id = "lote_anchors_xml"
    standard = "ETSI TS 119 602 v1.1.1"
    file_name = "lote-anchors.xml"
    media_type = MEDIA_TYPE
    lifetime = timedelta(hours=24)
    signed = True
    reach = Reach.SCHEME
    list_type = LIST_TYPE
    LOSSES = LOSSES

    def entry(self, entry: Entry, scheme: SchemeInfo, at: datetime) -> bytes | None:
        """Return the canonical TrustedEntity of a recognized issuer that has a usable certificate, else None."""
        entity = anchors_entity(entry, scheme, at)
        return entity_element(LOTE_XML, entity) if entity else None

    def assemble(self, header: Header, fragments: Iterable[bytes], signer: Signer | None) -> Document:
        """Return the signed list."""
        written = scheme_element(LOTE_XML, scheme_information(header, LIST_TYPE, self.file_name, _NAMES))
        body = assemble_xml(LOTE_XML, written, fragments, header, need_signer(signer, self.format_id))
        return Document(self.file_name, body, self.media_type)
