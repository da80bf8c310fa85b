"""Who runs a registry, as signed documents of the whole registry name it."""

from dataclasses import dataclass

from registry.domain.trust_list import PostalAddress, SchemeInfo, Text


@dataclass(frozen=True, slots=True)
class Operator:
    """The operator of a registry. `territory` is ISO 3166-1 alpha-2; `website` may be empty: the registry's own address."""

    name: str = "The operator of this registry"
    territory: str = "ZZ"
    email: str = "registry@localhost"
    website: str = ""
    street: str = ""
    locality: str = ""
    postal_code: str = ""


def operator_scheme(operator: Operator, slug: str, base_url: str) -> SchemeInfo:
    """Return what publishers see of the whole registry: a scheme whose entries are the lists of all schemes."""
    names = {"en": f"{operator.name}: all lists", "pl": f"{operator.name}: wszystkie listy"}
    return SchemeInfo(
        id=f"{base_url}/schemes/{slug}",
        slug=slug,
        name=Text.of(**names),
        operator_name=Text.of(en=operator.name, pl=operator.name),
        operator_legal_name=operator.name,
        operator_address=PostalAddress(
            operator.street, operator.locality, operator.postal_code, operator.territory
        ),
        operator_email=operator.email,
        operator_website=operator.website or base_url,
        territory=operator.territory,
        policy_id="all",
        base_url=base_url,
    )
