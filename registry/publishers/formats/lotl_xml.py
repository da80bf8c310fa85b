"""ETSI TS 119 612 v2.4.1, list of trusted lists: XML, enveloped XAdES baseline B, ES256, signed by the operator.

Pointers (5.3.13) to every trusted list of the registry, each with the certificate that signs it now and the announced
one. When the operator's own key changes, the last issue under the old key becomes a pivot: it announced the new
certificate in the pointer to itself, and later issues name it under SchemeInformationURI. Of our own type, no list of the
European Commission. Media type `application/vnd.etsi.tsl+xml`. Read by xmlsec1, signxml, pyHanko and openvc.
"""

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from registry.domain.trust_list import Header
from registry.publishers.base import Document, ListPointer, Loss
from registry.publishers.list_pointers import LIST_OF_LISTS, chosen_pointers, lists_information, own_pointer
from registry.publishers.lote_common import NEVER_REMOVED
from registry.publishers.xml_binding import TSL_XML, assemble_xml, scheme_element, tsl_pointers
from registry.signing.signers import Signer

TSL_VERSION = 6
"""TSLVersionIdentifier (5.3.1)."""
MEDIA_TYPE = "application/vnd.etsi.tsl+xml"
DIGEST_NAME = "lotl.sha2"
POINTED: tuple[str, ...] = ("tl_xml",)
"""Formats that a list of this standard points to."""
LOSSES: tuple[Loss, ...] = (
    Loss("lists in other formats", "a list of this standard points to lists of this standard"),
    Loss(
        "which certificate signs now and which comes next",
        "they stand in this order, and both count; the standard has no word for it",
    ),
    Loss("numbers and times of the lists", "each list says them itself"),
)
_NAMES = {"en": " - list of trusted lists", "pl": " - lista list zaufania"}


class LotlXml:
    """The trusted lists of all schemes and shards."""

    format_id = "lotl_xml"
    standard = "ETSI TS 119 612 v2.4.1"
    file_name = "lotl.xml"
    media_type = MEDIA_TYPE
    lifetime = timedelta(days=28)
    signed = True
    points_to = POINTED
    list_type = LIST_OF_LISTS
    LOSSES = LOSSES

    def assemble(
        self, header: Header, pointers: Sequence[ListPointer], pivots: Sequence[str], signer: Signer
    ) -> Document:
        """Return the signed list of lists with its digest file."""
        information = lists_information(header, self.file_name, pivots, _NAMES)
        information["LoTEVersionIdentifier"] = TSL_VERSION
        information["HistoricalInformationPeriod"] = NEVER_REMOVED
        own = own_pointer(
            header,
            signer,
            format_id=self.format_id,
            file_name=self.file_name,
            media_type=MEDIA_TYPE,
            list_type=LIST_OF_LISTS,
        )
        written = scheme_element(TSL_XML, information, tsl_pointers(chosen_pointers(own, pointers, POINTED)))
        body = assemble_xml(TSL_XML, written, (), header, signer)
        # 6.1: the binary SHA-256 of the list.
        digest = Document(DIGEST_NAME, hashlib.sha256(body).digest(), "application/octet-stream")
        return Document(self.file_name, body, self.media_type, (digest,))
