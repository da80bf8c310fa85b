"""Reading trusted lists in XML: ETSI TS 119 612 v2.x, and the XML binding of TS 119 602, which differs in names alone.

For lists of ours (`parse_tl_xml`, strict) and for lists of others (`read_xml_list`, which notes what it cannot read entity
by entity). The tree comes from `parse_xml`, or from `verify_xades` once the signature holds.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from lxml import etree

from registry.errors import InvalidInput
from registry.publishers.facts import ListFacts, parse_instant
from registry.publishers.list_contents import (
    ListContents,
    ListedAddress,
    ListedEntity,
    ListedPointer,
    ListedService,
    ServiceIdentity,
    ServiceState,
    Unreadable,
    contents_facts,
    decode_bytes,
    lenient_instant,
)
from registry.publishers.xml_parts import Part

_Read = TypeVar("_Read")


@dataclass(frozen=True, slots=True)
class Binding:
    """The names in which the two standards differ: the root, the beginnings of names, and containers."""

    namespace: str
    root: str
    list: str
    entity: str
    information: str
    entities: str
    trusted_entity: str
    entity_information: str
    services: str
    service: str
    other_id: str


TS_119_612 = Binding(
    namespace="http://uri.etsi.org/02231/v2#",
    root="TrustServiceStatusList",
    list="TSL",
    entity="TSP",
    information="SchemeInformation",
    entities="TrustServiceProviderList",
    trusted_entity="TrustServiceProvider",
    entity_information="TSPInformation",
    services="TSPServices",
    service="TSPService",
    other_id="Other",
)
TS_119_602 = Binding(
    namespace="http://uri.etsi.org/019602/v1#",
    root="ListOfTrustedEntities",
    list="LoTE",
    entity="TE",
    information="ListAndSchemeInformation",
    entities="TrustedEntitiesList",
    trusted_entity="TrustedEntity",
    entity_information="TrustedEntityInformation",
    services="TrustedEntityServices",
    service="TrustedEntityService",
    other_id="OtherId",
)
_BINDINGS: Mapping[str, Binding] = {f"{{{b.namespace}}}{b.root}": b for b in (TS_119_612, TS_119_602)}


def binding_of(root: etree._Element) -> Binding:
    """Return which standard a document follows.

    Raises:
        InvalidInput: none of the two.
    """
    binding = _BINDINGS.get(str(root.tag))
    if binding is None:
        raise InvalidInput(f"the root {str(root.tag)[:100]} is not that of a trusted list")
    return binding


def parse_tl_xml(root: etree._Element, format_id: str) -> ListFacts:
    """Check the structure of one of our lists strictly; return what it says of itself.

    Raises:
        InvalidInput: with the first problem and its place.
    """
    contents = read_xml_list(root)
    problem = next(contents.unreadable(), None)
    if problem is not None:
        raise InvalidInput(f"entry {problem.place} ({problem.name}): {problem.reason}")
    for extension in root.iter(f"{{{binding_of(root).namespace}}}Extension"):
        # TS 119 612, 5.5.9 and TS 119 602, 6.6.9: an unknown critical extension makes the whole list unusable.
        if extension.get("Critical") not in ("false", "0"):
            raise InvalidInput("an extension is critical or does not say that it is not")
    return contents_facts(contents, format_id)


def read_xml_list(root: etree._Element) -> ListContents:
    """Return what a list says; what cannot be read in one entity or pointer stands there as `Unreadable`.

    Raises:
        InvalidInput: it is no trusted list, or the scheme information cannot be read.
    """
    binding = binding_of(root)
    reader, top = _Reader(binding), Part(root, binding.namespace)
    scheme = top.one(binding.information)
    moment = scheme.one("NextUpdate").maybe("dateTime")
    return ListContents(
        version=scheme.whole(f"{binding.list}VersionIdentifier"),
        sequence=scheme.whole(f"{binding.list}SequenceNumber"),
        list_type=scheme.text(f"{binding.list}Type"),
        operator_names=scheme.needed_texts("SchemeOperatorName", "Name"),
        scheme_names=scheme.needed_texts("SchemeName", "Name"),
        territory=scheme.maybe_text("SchemeTerritory"),
        issued_at=parse_instant(scheme.text("ListIssueDateTime"), "ListIssueDateTime"),
        next_update=None if moment is None else parse_instant(moment.content, "NextUpdate"),
        distribution_points=tuple(uri for _, uri in scheme.texts("DistributionPoints", "URI")),
        entities=_each(top.all(binding.entities, binding.trusted_entity), reader.entity),
        pointers=_each(
            scheme.all(f"PointersToOther{binding.list}", f"Other{binding.list}Pointer"), reader.pointer
        ),
    )


def _each(parts: Sequence[Part], read: Callable[[int, Part], _Read]) -> tuple[_Read | Unreadable, ...]:
    found: list[_Read | Unreadable] = []
    for place, part in enumerate(parts, 1):
        try:
            found.append(read(place, part))
        except InvalidInput as error:
            found.append(Unreadable(place, _first_name(part), str(error)))
    return tuple(found)


def _first_name(part: Part) -> str:
    """Return what an entity that cannot be read seems to be called, for the report."""
    named = next(part.element.iter(f"{{{part.namespace}}}Name", f"{{{part.namespace}}}TSLLocation"), None)
    return str(named.text or "").strip()[:200] if named is not None else ""


class _Reader:
    """Reads entities and pointers of one binding."""

    def __init__(self, binding: Binding) -> None:
        self.binding = binding

    def entity(self, place: int, part: Part) -> ListedEntity:
        """TS 119 612, 5.4; TS 119 602, 6.5."""
        prefix, information = self.binding.entity, part.one(self.binding.entity_information)
        address = information.one(f"{prefix}Address")
        pages = (
            *address.texts("ElectronicAddress", "URI"),
            *information.texts(f"{prefix}InformationURI", "URI"),
        )
        services = part.one(self.binding.services).all(self.binding.service)
        if not services:
            raise InvalidInput("it has no service")
        return ListedEntity(
            place=place,
            names=information.needed_texts(f"{prefix}Name", "Name"),
            trade_names=tuple(name for _, name in information.texts(f"{prefix}TradeName", "Name")),
            address=_address(address),
            websites=tuple(uri for _, uri in pages if uri.startswith(("https://", "http://"))),
            services=tuple(self.service(service) for service in services),
        )

    def service(self, part: Part) -> ListedService:
        """TS 119 612, 5.5 and 5.6; TS 119 602, 6.6 and 6.7."""
        past = part.all("ServiceHistory", "ServiceHistoryInstance")
        now = self.state(part.one("ServiceInformation"))
        return ListedService(now, tuple(self.state(state) for state in past))

    def state(self, part: Part) -> ServiceState:
        """Return one state of a service, now or before."""
        since = part.maybe_text("StatusStartingTime")
        return ServiceState(
            service_type=part.maybe_text("ServiceTypeIdentifier"),
            names=part.needed_texts("ServiceName", "Name"),
            identity=self.identity(part.one("ServiceDigitalIdentity")),
            status=part.maybe_text("ServiceStatus") or None,
            since=lenient_instant(since, "StatusStartingTime") if since else None,
        )

    def identity(self, part: Part) -> ServiceIdentity:
        """TS 119 612, 5.5.3; TS 119 602, 6.6.3."""
        found: dict[str, list[str]] = {}
        for said in part.all("DigitalId", "*"):
            found.setdefault(said.local_name, []).append(said.whole_content)
        return ServiceIdentity(
            certificates=tuple(decode_bytes(t, "X509Certificate") for t in found.get("X509Certificate", ())),
            key_identifiers=tuple(decode_bytes(t, "X509SKI") for t in found.get("X509SKI", ())),
            subject_names=tuple(found.get("X509SubjectName", ())),
            other_ids=tuple(text for text in found.get(self.binding.other_id, ()) if text),
        )

    def pointer(self, place: int, part: Part) -> ListedPointer:
        """TS 119 612, 5.3.13; TS 119 602, 6.3.13."""
        said = {one.local_name: one for one in part.all("AdditionalInformation", "OtherInformation", "*")}
        texts = {name: one.content for name, one in said.items() if not len(one.element)}
        operator = said.get("SchemeOperatorName")
        signers = part.all("ServiceDigitalIdentities", "ServiceDigitalIdentity")
        return ListedPointer(
            place=place,
            location=part.text(f"{self.binding.list}Location"),
            list_type=texts.get(f"{self.binding.list}Type", ""),
            operator_names=() if operator is None else operator.texts("Name"),
            territory=texts.get("SchemeTerritory", ""),
            media_type=texts.get("MimeType", ""),
            certificates=tuple(der for one in signers for der in self.identity(one).certificates),
        )


def _address(part: Part) -> ListedAddress:
    postal = part.one("PostalAddresses").all("PostalAddress")
    if not postal:
        raise InvalidInput("it has no postal address")
    # Any will do, but English is understood by most.
    chosen = next((one for one in postal if one.language == "en"), postal[0])
    parts = ("StreetAddress", "Locality", "PostalCode", "CountryName")
    return ListedAddress(*(chosen.maybe_text(name) for name in parts))
