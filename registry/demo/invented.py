"""Everything invented that the demo shows: bodies, people, institutions. No real institution has a case or a status here.

Names say plainly that they are made up: the land is Przykładowo (Exampleland), and every body and scheme is called DEMO.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from registry.domain.roles import PanelSeat, Role
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


REGISTRY_OPERATOR: Mapping[str, Any] = {
    "operator_name": "DEMO Registry of Exampleland",
    "operator_territory": "PL",
    "operator_email": "registry@demo-registry.example",
    "operator_street": "ul. Zmyślona 2",
    "operator_locality": "Przykładowo",
    "operator_postal_code": "00-000",
}
"""Who runs the demo registry, as settings say it; certificates of its authorities name them, too."""


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
    DemoPerson("appeals-1", "Alina Odwoławcza", Role.APPEALS_MEMBER),
    DemoPerson("appeals-2", "Artur Odwoławczy", Role.APPEALS_MEMBER),
    DemoPerson("appeals-3", "Ada Rozpatrująca", Role.APPEALS_MEMBER, "en"),
    DemoPerson("complaints", "Sabina Skargowa", Role.COMPLAINTS_OFFICER),
    DemoPerson("registrar-1", "Gabriela Podpisująca", Role.REGISTRAR),
    DemoPerson("registrar-2", "Gustaw Druga-Ręka", Role.REGISTRAR),
    DemoPerson("editor", "Eryk Redagujący", Role.POLICY_EDITOR),
    DemoPerson("approver", "Ewa Zatwierdzająca", Role.POLICY_APPROVER),
    DemoPerson("administrator", "Adam Porządkowy", Role.ADMINISTRATOR),
    DemoPerson("auditor", "Aurelia Czytająca", Role.AUDITOR, "en"),
)
EXPERTS: tuple[tuple[tuple[PanelSeat, ...], dict[str, str]], ...] = (
    (
        (PanelSeat.CHAIR, PanelSeat.SUBJECT),
        {"en": "Chaired eleven invented reviews.", "pl": "Przewodniczyła jedenastu zmyślonym ocenom."},
    ),
    (
        (PanelSeat.LEARNER,),
        {
            "en": "Learner, third year of an invented course.",
            "pl": "Uczy się na trzecim roku zmyślonego kursu.",
        },
    ),
    (
        (PanelSeat.SUBJECT, PanelSeat.CREDENTIAL_TECHNOLOGY, PanelSeat.EMPLOYER),
        {"en": "Teaches an invented subject.", "pl": "Wykłada zmyślony przedmiot."},
    ),
    (
        (PanelSeat.CREDENTIAL_TECHNOLOGY, PanelSeat.SUBJECT, PanelSeat.EMPLOYER),
        {"en": "Builds invented credential systems.", "pl": "Buduje zmyślone systemy poświadczeń."},
    ),
    (
        (PanelSeat.EMPLOYER, PanelSeat.SUBJECT, PanelSeat.CREDENTIAL_TECHNOLOGY),
        {"en": "Hires people for an invented company.", "pl": "Zatrudnia ludzi w zmyślonej firmie."},
    ),
)
"""What the reviewers bring, in their order."""
FIELDS = ("01", "02", "03", "04", "05", "06", "07", "08", "09", "10")
"""Fields that the experts know: all broad ones (ISCED-F)."""
OPERATORS = (
    DemoPerson("operator-1", "Otylia Obsługująca", Role.OPERATOR),
    DemoPerson("operator-2", "Oskar Obsługujący", Role.OPERATOR, "en"),
)
MAIL_DOMAIN = "demo.example"
DEQAR = ("DEMO", "99999")
"""Agency and activity of the body in DEQAR, invented like the body: nobody could submit its reports."""
PROGRAMMED = "music"
"""The institution with a program of its own, which writes its drafts."""


def institution(
    english: str,
    polish: str,
    town: str,
    kind: str = "higher_education_institution",
    site: str = "",
    erasmus: str = "",
) -> NewInstitution:
    """Return an invented institution; `erasmus` is an Erasmus code that nobody has."""
    return NewInstitution(
        names={"en": english, "pl": polish},
        legal_name=polish,
        country="PL",
        locality=town,
        street="ul. Wymyślona 7",
        postal_code="00-000",
        kind=kind,
        website=f"https://{site}.example" if site else "",
        identifiers=(("erasmus_code", erasmus),) if erasmus else (),
    )


INSTITUTIONS: dict[str, NewInstitution] = {
    "first": institution(
        "Invented University of Exampleland",
        "Zmyślony Uniwersytet w Przykładowie",
        "Przykładowo",
        site="zmyslony",
        erasmus="PL PRZYKLA99",
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
    "harbour": institution("Invented Harbour Academy", "Zmyślona Akademia Portowa", "Keja", "other_provider"),
    "lakes": institution(
        "Imaginary Lakeside Teacher College",
        "Wyimaginowane Kolegium Nauczycielskie nad Jeziorem",
        "Jeziorno",
        site="jeziorne",
    ),
    "twin": institution(
        "Fictional University of Northby and Southby",
        "Fikcyjny Uniwersytet w Północnie i Południcach",
        "Północno",
        site="dwumiejski",
    ),
    "north": institution(
        "Fictional University of Northby", "Fikcyjny Uniwersytet w Północnie", "Północno", site="polnocny"
    ),
    "south": institution(
        "Fictional University of Southby",
        "Fikcyjny Uniwersytet w Południcach",
        "Południce",
        site="poludniowy",
    ),
    "lantern": institution(
        "Invented Lantern School", "Zmyślona Szkoła Latarników", "Blask", "other_provider"
    ),
    "weaving": institution(
        "Made-up School of Weaving", "Wymyślona Szkoła Tkactwa", "Krosno Zmyślone", "vocational_provider"
    ),
    "signals": institution(
        "Nonesuch Institute of Telegraphy",
        "Nieistniejący Instytut Telegrafii",
        "Drutowo",
        "other_provider",
        site="telegraf",
    ),
    "rapid": institution("Pretend Rapid Courses", "Udawane Kursy Błyskawiczne", "Prędko", "other_provider"),
    "quiet": institution("Quiet Invented Academy", "Cicha Zmyślona Akademia", "Ciszewo", "other_provider"),
    "notes": institution(
        "Phantom School of Bookkeeping", "Widmowa Szkoła Rachunkowości", "Liczydło", "other_provider"
    ),
    "second-look": institution(
        "Storybook School of Mediation", "Bajkowa Szkoła Mediacji", "Zgoda", "other_provider"
    ),
    "bridge": institution(
        "Notional Bridge Builders' College", "Umowna Szkoła Mostowców", "Przęsło", "vocational_provider"
    ),
    "glass": institution(
        "Unreal Glassworks School", "Nierealna Szkoła Hutnicza", "Szkliwo", "vocational_provider"
    ),
    "bees": institution(
        "Fabled Institute of Beekeeping", "Baśniowy Instytut Pszczelarstwa", "Barć", "other_provider"
    ),
    "clay": institution(
        "Mythical Pottery School", "Mityczna Szkoła Garncarska", "Glinianki", "vocational_provider"
    ),
    "rail": institution(
        "Hypothetical Railway Academy", "Hipotetyczna Akademia Kolejowa", "Zwrotnica", "vocational_provider"
    ),
    "puppet": institution(
        "Make-believe Puppetry School", "Udawana Szkoła Lalkarska", "Kukiełkowo", "other_provider"
    ),
    "garden": institution(
        "Fairy-tale School of Gardening", "Bajeczna Szkoła Ogrodnicza", "Grządki", "vocational_provider"
    ),
    "kite": institution(
        "Invented Kite Makers' Guild", "Zmyślony Cech Latawców", "Wietrzno", "professional_body"
    ),
    "mill": institution(
        "Imaginary Milling Institute", "Wyimaginowany Instytut Młynarski", "Wiatraki", "vocational_provider"
    ),
    "salt": institution("Fictional Salt Works Academy", "Fikcyjna Akademia Solna", "Solanka", "employer"),
    "cedar": institution(
        "Phantom School of Carpentry", "Widmowa Szkoła Stolarstwa", "Heblowo", "vocational_provider"
    ),
    "amber": institution(
        "Nowhere Amber Institute", "Instytut Bursztynu Donikąd", "Bursztynek", "other_provider"
    ),
    "brick": institution(
        "Made-up Masonry School", "Wymyślona Szkoła Murarska", "Ceglewo", "vocational_provider"
    ),
}
