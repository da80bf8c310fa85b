"""Strict checks of our own LoTE lists: ETSI's JSON schema, and what the schema leaves open."""

import functools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from registry.errors import InvalidInput
from registry.publishers.facts import ListFacts, parse_instant

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

SCHEMAS = Path(__file__).parent / "schemas" / "ts119602"
EXPLICIT = (
    "LoTEType",
    "SchemeOperatorAddress",
    "SchemeName",
    "SchemeInformationURI",
    "StatusDeterminationApproach",
    "SchemeTypeCommunityRules",
    "SchemeTerritory",
    "PolicyOrLegalNotice",
    "DistributionPoints",
)
"""Members of the explicit mode (6.3) that the schema does not require."""
IDENTITY_MEMBERS = frozenset(
    {"X509Certificates", "X509SubjectNames", "PublicKeyValues", "X509SKIs", "OtherIds"}
)
"""Members of ServiceDigitalIdentity; the schema fails to close this object."""


@functools.cache
def _validator() -> "Validator":
    from jsonschema import Draft7Validator
    from referencing import Registry, Resource
    from referencing.jsonschema import DRAFT7

    schema = json.loads((SCHEMAS / "1960201_json_schema.json").read_bytes())
    jwk: Resource[Any] = Resource.from_contents(json.loads((SCHEMAS / "rfc7517.json").read_bytes()), DRAFT7)
    registry: Registry[Any] = Registry().with_resources([("rfcs/rfc7517.json", jwk)])
    return Draft7Validator(schema, registry=registry, format_checker=Draft7Validator.FORMAT_CHECKER)


def check_lote(payload: Any) -> None:
    """Check a payload against the schema and the rules beyond it.

    Raises:
        InvalidInput: with the first problem and its place.
    """
    problem = next(iter(_validator().iter_errors(payload)), None)
    if problem is not None:
        raise InvalidInput(f"{problem.json_path}: {problem.message[:200]}")
    information = payload["LoTE"]["ListAndSchemeInformation"]
    missing = [member for member in EXPLICIT if member not in information]
    if missing:
        raise InvalidInput(f"ListAndSchemeInformation lacks {', '.join(missing)}")
    for where, service in services(payload):
        _check_service(where, service["ServiceInformation"])


def _check_service(where: str, information: Mapping[str, Any]) -> None:
    unknown = information["ServiceDigitalIdentity"].keys() - IDENTITY_MEMBERS
    if unknown:
        raise InvalidInput(f"{where}: ServiceDigitalIdentity has the unknown member {min(unknown)!r}")
    for extension in information.get("ServiceInformationExtensions", ()):
        # 6.6.9: an unknown critical extension makes the whole list unusable.
        if not isinstance(extension, dict) or extension.get("Critical") is not False:
            raise InvalidInput(f"{where}: an extension is critical or does not say that it is not")


def services(payload: Any) -> Iterator[tuple[str, Any]]:
    """Yield the place and the object of every service of a list."""
    for number, entity in enumerate(payload["LoTE"].get("TrustedEntitiesList", ())):
        for position, service in enumerate(entity["TrustedEntityServices"]):
            yield f"TrustedEntitiesList.{number}.TrustedEntityServices.{position}", service


def lote_facts(payload: Any, format_id: str) -> ListFacts:
    """Return what a checked list says of itself.

    Raises:
        InvalidInput: an instant is of another form.
    """
    information = payload["LoTE"]["ListAndSchemeInformation"]
    return ListFacts(
        format_id=format_id,
        # A shard has its own address, so type and address together name the list.
        list_id=f"{information['LoTEType']} {information['DistributionPoints'][0]}",
        scheme=information["SchemeName"][0]["value"],
        operators=tuple(name["value"] for name in information["SchemeOperatorName"]),
        territory=information["SchemeTerritory"],
        sequence=information["LoTESequenceNumber"],
        issued_at=parse_instant(information["ListIssueDateTime"], "ListIssueDateTime"),
        next_update=parse_instant(information["NextUpdate"], "NextUpdate"),
        entries=len(payload["LoTE"].get("TrustedEntitiesList", ())),
    )


def list_type(payload: Any) -> str | None:
    """Return the last part of LoTEType, or None where this is no LoTE."""
    try:
        return str(payload["LoTE"]["ListAndSchemeInformation"]["LoTEType"]).rpartition("/list-type/")[2]
    except (KeyError, TypeError, IndexError):
        return None
