"""ETSI TS 119 602 v1.1.1, full register in the XML binding: explicit mode, enveloped XAdES baseline B, ES256.

The same content as the JSON register, member by member; media type `application/xml`. Read by xmlsec1, signxml and
what reads the official schema.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from registry.domain.trust_list import Entry, Header, SchemeInfo
from registry.publishers.base import Document, Loss, Reach, need_signer
from registry.publishers.lote_common import NEVER_REMOVED, scheme_information
from registry.publishers.lote_services import register_entity
from registry.publishers.xml_binding import LOTE_XML, assemble_xml, entity_element, scheme_element
from registry.signing.signers import Signer

LIST_TYPE = "register"
MEDIA_TYPE = "application/xml"
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
    Loss("Ed25519 keys as key values", "as in the JSON binding; named by RFC 9278 thumbprint"),
    Loss(
        "identities whose window has not begun",
        "a service has a status from its start on; see the native list",
    ),
    Loss("texts of conditions", "the data model has no place for them; the status says that there are some"),
    Loss("that a place has no locality", "the schema requires one; a hyphen stands there"),
)
_NAMES = {"en": " - register", "pl": " - rejestr"}


class LoteRegisterXml:
    """All issuers with status and history."""

    format_id = "lote_register_xml"
    standard = "ETSI TS 119 602 v1.1.1"
    file_name = "lote-register.xml"
    media_type = MEDIA_TYPE
    lifetime = timedelta(days=28)
    signed = True
    reach = Reach.SCHEME
    list_type = LIST_TYPE
    LOSSES = LOSSES

    def entry(self, entry: Entry, scheme: SchemeInfo, at: datetime) -> bytes | None:
        """Return the canonical TrustedEntity of an issuer, whatever its status."""
        return entity_element(LOTE_XML, register_entity(entry, scheme, at))

    def assemble(self, header: Header, fragments: Iterable[bytes], signer: Signer | None) -> Document:
        """Return the signed list."""
        information = scheme_information(header, LIST_TYPE, self.file_name, _NAMES)
        information["HistoricalInformationPeriod"] = NEVER_REMOVED
        written = scheme_element(LOTE_XML, information)
        body = assemble_xml(LOTE_XML, written, fragments, header, need_signer(signer, self.format_id))
        return Document(self.file_name, body, self.media_type)
