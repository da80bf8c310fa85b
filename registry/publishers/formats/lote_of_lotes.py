"""ETSI TS 119 602 v1.1.1, list of lists of trusted entities: explicit mode, compact JAdES baseline B, ES256.

Pointers (6.3.13) to every LoTE of the registry, anchors before registers, each with the certificate that signs it now
and the announced one. Signed by the operator of the registry. Media type `application/jose`. Read by openvc and jose.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from registry.domain.trust_list import Header
from registry.errors import InvalidInput
from registry.publishers.base import JOSE, Document, ListPointer, Loss
from registry.publishers.facts import ListFacts
from registry.publishers.list_pointers import LIST_OF_LISTS, chosen_pointers, lists_information, own_pointer
from registry.publishers.lote_checks import check_lote, lote_facts
from registry.publishers.lote_common import assemble_lote
from registry.signing.signers import Signer

POINTED: tuple[str, ...] = ("lote_anchors", "lote_register")
"""Formats that a list of this standard points to; clients follow a few pointers only, so anchors come first."""
LOSSES: tuple[Loss, ...] = (
    Loss("lists in other formats", "a list of this standard points to lists of this standard"),
    Loss(
        "the XML twins of the lists",
        "their content is the same; clients that follow pointers expect JSON, and stop at others",
    ),
    Loss(
        "which certificate signs now and which comes next",
        "they stand in this order, and both count; the standard has no word for it",
    ),
    Loss("numbers and times of the lists", "each list says them itself"),
)
_NAMES = {"en": " - list of lists of trusted entities", "pl": " - lista list zaufanych podmiotów"}


class LoteOfLotes:
    """The lists of trusted entities of all schemes and shards."""

    format_id = "lote_of_lotes"
    standard = "ETSI TS 119 602 v1.1.1"
    file_name = "lotes.json"
    media_type = JOSE
    lifetime = timedelta(days=28)
    signed = True
    points_to = POINTED
    list_type = LIST_OF_LISTS
    LOSSES = LOSSES

    def assemble(
        self, header: Header, pointers: Sequence[ListPointer], pivots: Sequence[str], signer: Signer
    ) -> Document:
        """Return the signed list of lists."""
        own = own_pointer(
            header,
            signer,
            format_id=self.format_id,
            file_name=self.file_name,
            media_type=JOSE,
            list_type=LIST_OF_LISTS,
        )
        information = lists_information(header, self.file_name, pivots, _NAMES)
        information["PointersToOtherLoTE"] = chosen_pointers(own, pointers, POINTED)
        body = assemble_lote(information, (), header, signer)
        return Document(self.file_name, body, self.media_type)


def parse_lote_of_lotes(payload: Any) -> ListFacts:
    """Check the structure of a payload strictly; return what it says of itself; `entries` are its pointers.

    Raises:
        InvalidInput: with the first problem and its place.
    """
    check_lote(payload)
    pointers = payload["LoTE"]["ListAndSchemeInformation"].get("PointersToOtherLoTE", ())
    if not pointers or "TrustedEntitiesList" in payload["LoTE"]:
        raise InvalidInput("a list of lists has pointers to lists, and no entities of its own")
    return replace(lote_facts(payload, LoteOfLotes.format_id), entries=len(pointers))
