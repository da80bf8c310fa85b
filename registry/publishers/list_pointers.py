"""Lists that point to lists (ETSI TS 119 602 and TS 119 612, 6.3.13 and 5.3.13), by the data model of the former."""

from collections.abc import Mapping, Sequence

from registry.domain.trust_list import Header
from registry.publishers.base import ListPointer, list_url
from registry.publishers.lote_common import Wire, operator_names, scheme_information, uris
from registry.publishers.lote_keys import encode_certificate
from registry.signing.signers import Signer

LIST_OF_LISTS = "list-of-lists"
"""Last part of the type of a list of lists."""


def list_pointer(pointer: ListPointer) -> Wire:
    """Return a pointer to another list: its address, who signs it, and what it is."""
    scheme = pointer.scheme
    return {
        "LoTELocation": pointer.url,
        # One identity for each certificate: the one that signs now, then the announced one.
        "ServiceDigitalIdentities": [
            {"X509Certificates": [encode_certificate(der)]} for der in pointer.certificates
        ],
        "LoTEQualifiers": [
            {
                "LoTEType": pointer.list_type,
                "SchemeOperatorName": operator_names(scheme),
                "SchemeTypeCommunityRules": uris(scheme.uri("rules")),
                "SchemeTerritory": scheme.territory,
                "MimeType": pointer.media_type,
            }
        ],
    }


def own_pointer(
    header: Header, signer: Signer, *, format_id: str, file_name: str, media_type: str, list_type: str
) -> ListPointer:
    """Return the pointer to the list itself; it names the certificate that signs now, since no other is known."""
    return ListPointer(
        scheme=header.scheme,
        shard=header.shard,
        shards=header.shards,
        format_id=format_id,
        url=list_url(header, file_name),
        media_type=media_type,
        list_type=header.scheme.uri("list-type", list_type),
        certificates=signer.certificates[:1],
    )


def chosen_pointers(own: ListPointer, pointers: Sequence[ListPointer], formats: Sequence[str]) -> list[Wire]:
    """Return the pointers of a list of lists: to itself, then to the lists in some formats, by format.

    The list itself may be among `pointers`, and then names its announced certificate too.
    """
    itself = next((pointer for pointer in pointers if pointer.url == own.url), own)
    others = (pointer for kind in formats for pointer in pointers if pointer.format_id == kind)
    return [list_pointer(pointer) for pointer in (itself, *others)]


def lists_information(
    header: Header, file_name: str, pivots: Sequence[str], names: Mapping[str, str]
) -> Wire:
    """Return the scheme information of a list of lists; `pivots` are addresses of earlier issues, newest first.

    As in the list of the European Commission, they stand beside the page of the scheme: a reader who knows an old key
    goes back along them, and each one announces the key of the next.
    """
    information = scheme_information(header, LIST_OF_LISTS, file_name, names)
    page = header.scheme.uri()
    information["SchemeInformationURI"] = uris(page, ("pl", page), *(("en", pivot) for pivot in pivots))
    return information
