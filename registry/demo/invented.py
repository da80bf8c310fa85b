"""Everything invented that the demo shows: bodies, people, institutions. No real institution has a case or a status here.

Names say plainly that they are made up: the land is Przykładowo (Exampleland), and every body and scheme is called DEMO.
"""

from dataclasses import dataclass

from registry.domain.roles import Role
from registry.domain.trust_list import PostalAddress
from registry.services.bodies import NewBody
from registry.services.institutions import NewInstitution

BODY = NewBody(
    slug="demo-agency",
    legal_name="DEMO Agencja Jakości w Przykładowie",
    names={"en": "DEMO Quality Agency of Exampleland", "pl": "DEMO Agencja Jakości w Przykładowie"},
    address=PostalAddress("ul. Zmyślona 1", "Przykładowo", "00-000", "PL"),
    email="office@demo-agency.example",
    website="https://demo-agency.example",
)


@dataclass(frozen=True, slots=True)
class DemoScheme:
    """A scheme of the demo body: slug, policy id, and names."""

    slug: str
    policy_id: str
    names: dict[str, str]


SCHEMES = (
    DemoScheme(
        "demo-quality",
        "esg-part1-microcredential-issuer",
        {
            "en": "DEMO Register of quality-assured issuers",
            "pl": "DEMO Rejestr wydawców o potwierdzonej jakości",
        },
    ),
    DemoScheme(
        "demo-european",
        "eu-microcredential-recommendation-2022",
        {
            "en": "DEMO Register under the European approach",
            "pl": "DEMO Rejestr według podejścia europejskiego",
        },
    ),
)
MAIN_SCHEME = SCHEMES[0].slug
"""The largest demo scheme."""


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A person of the demo body, with the role that the address is named after."""

    address: str
    name: str
    role: Role
    language: str = "pl"


STAFF = (
    DemoPerson("intake", "Iga Przyjmująca", Role.INTAKE_OFFICER),
    DemoPerson("case-officer", "Olaf Prowadzący", Role.CASE_OFFICER),
    DemoPerson("verifier-1", "Weronika Sprawdzająca", Role.IDENTITY_VERIFIER),
    DemoPerson("verifier-2", "Wit Potwierdzający", Role.IDENTITY_VERIFIER),
    DemoPerson("reviewer-1", "Prof. Renata Wzorcowa", Role.REVIEWER),
    DemoPerson("reviewer-2", "Robert Ucząca-Osoba", Role.REVIEWER),
    DemoPerson("reviewer-3", "Rita Przedmiotowa", Role.REVIEWER, "en"),
    DemoPerson("reviewer-4", "Roch Techniczny", Role.REVIEWER),
    DemoPerson("reviewer-5", "Róża Pracodawcza", Role.REVIEWER),
    DemoPerson("chair", "Celina Przewodnicząca", Role.COMMITTEE_CHAIR),
    DemoPerson("member-1", "Cezary Głosujący", Role.COMMITTEE_MEMBER),
    DemoPerson("member-2", "Cora Rozważna", Role.COMMITTEE_MEMBER, "en"),
    DemoPerson("member-3", "Czesław Bezstronny", Role.COMMITTEE_MEMBER),
    DemoPerson("member-4", "Cyntia Uważna", Role.COMMITTEE_MEMBER),
    DemoPerson("registrar-1", "Gabriela Podpisująca", Role.REGISTRAR),
    DemoPerson("registrar-2", "Gustaw Druga-Ręka", Role.REGISTRAR),
    DemoPerson("editor", "Eryk Redagujący", Role.POLICY_EDITOR),
    DemoPerson("approver", "Ewa Zatwierdzająca", Role.POLICY_APPROVER),
    DemoPerson("administrator", "Adam Porządkowy", Role.ADMINISTRATOR),
    DemoPerson("auditor", "Aurelia Czytająca", Role.AUDITOR, "en"),
)
OPERATORS = (
    DemoPerson("operator-1", "Otylia Obsługująca", Role.OPERATOR),
    DemoPerson("operator-2", "Oskar Obsługujący", Role.OPERATOR, "en"),
)
MAIL_DOMAIN = "demo.example"


def institution(
    english: str, polish: str, town: str, kind: str = "higher_education_institution", site: str = ""
) -> NewInstitution:
    """Return an invented institution."""
    return NewInstitution(
        names={"en": english, "pl": polish},
        legal_name=polish,
        country="PL",
        locality=town,
        street="ul. Wymyślona 7",
        postal_code="00-000",
        kind=kind,
        website=f"https://{site}.example" if site else "",
    )


INSTITUTIONS: dict[str, NewInstitution] = {
    "first": institution(
        "Invented University of Exampleland",
        "Zmyślony Uniwersytet w Przykładowie",
        "Przykładowo",
        site="zmyslony",
    ),
    "craft": institution(
        "Made-up Academy of Digital Crafts",
        "Wymyślona Akademia Rzemiosł Cyfrowych",
        "Nibylandia",
        site="rzemiosla",
    ),
    "coast": institution(
        "Imaginary Maritime College", "Wyimaginowana Wyższa Szkoła Morska", "Port Fikcyjny", site="morska"
    ),
    "health": institution(
        "Fictional School of Health Skills",
        "Fikcyjna Szkoła Umiejętności Zdrowotnych",
        "Bajkowo",
        site="zdrowotna",
    ),
    "chamber": institution(
        "Pretend Chamber of Trades", "Udawana Izba Rzemieślnicza", "Gdziekolwiek", "professional_body", "izba"
    ),
    "fields": institution(
        "Storybook Agricultural Institute", "Bajkowy Instytut Rolniczy", "Polana Zmyślona", site="rolniczy"
    ),
    "coders": institution(
        "Nonesuch Coding School",
        "Nieistniejąca Szkoła Kodowania",
        "Nibylandia",
        "other_provider",
        "kodowanie",
    ),
    "language": institution(
        "Phantom Language Centre", "Widmowe Centrum Językowe", "Mglisto", "other_provider", "jezykowe"
    ),
    "energy": institution(
        "Hypothetical Energy Training Company",
        "Hipotetyczna Spółka Szkoleń Energetycznych",
        "Teoretyczno",
        "employer",
        "energia",
    ),
    "museum": institution(
        "Unreal Museum School", "Nierealna Szkoła Muzealna", "Dawno-Temu", "public_body", "muzealna"
    ),
    "law": institution("Mythical Law Institute", "Mityczny Instytut Prawa", "Legenda", site="prawo"),
    "music": institution("Made-up Conservatory", "Zmyślone Konserwatorium", "Nutowo", site="konserwatorium"),
    "logistics": institution(
        "Fabled Logistics Academy", "Baśniowa Akademia Logistyki", "Magazynowo", site="logistyka"
    ),
    "design": institution(
        "Notional School of Design", "Umowna Szkoła Projektowania", "Szkicowo", site="projekt"
    ),
    "archive": institution(
        "Invented School of Archives", "Wymyślona Szkoła Archiwistyki", "Papierowo", site="archiwum"
    ),
    "forest": institution(
        "Fairy-tale Forestry College", "Bajeczna Szkoła Leśna", "Bór Zmyślony", site="lesna"
    ),
    "film": institution(
        "Make-believe Film School", "Udawana Szkoła Filmowa", "Klatkowo", "other_provider", "filmowa"
    ),
    "tourism": institution(
        "Nowhere Institute of Tourism",
        "Instytut Turystyki Donikąd",
        "Nigdzie",
        "vocational_provider",
        "turystyka",
    ),
    "platform": institution(
        "Invented Badge Platform", "Wymyślona Platforma Odznak", "Chmurowo", "platform", "platforma"
    ),
}
