"""What the keys of a policy file are called where two versions are compared; the rest is shown by its key."""
# ruff: noqa: E501 - a name and its translation stay on one line each, to be read side by side

from collections.abc import Mapping
from typing import Final

from registry.domain.trust_list import Text

_NAMES = """
acknowledge_days | days to acknowledge | dni na potwierdzenie
admissibility_days | days to judge admissibility | dni na ocenę dopuszczalności
allowed | values open for choice | dopuszczone wartości
amount | amount | kwota
annual_report | annual report | sprawozdanie roczne
anonymous_allowed | anonymous complaints allowed | skargi anonimowe dopuszczone
applicant_kinds | kinds of applicants | rodzaje wnioskodawców
applicant_objection_days | days for the applicant's objection | dni na sprzeciw wnioskodawcy
applies_to | who it applies to | kogo dotyczy
because | reason given | podane uzasadnienie
cases_in_progress | open cases | sprawy w toku
change_reporting | changes to report | zgłaszanie zmian
check | automatic check | sprawdzenie automatyczne
committee | committee | komisja
conditional_months | months with conditions | miesiące przy uznaniu z warunkami
conditional_seats | seats needed in some cases | miejsca wymagane w niektórych sprawach
conditions | conditions | warunki
confirm_by_committee_days | days for the committee to confirm | dni na potwierdzenie przez komisję
credential_types | credential types | rodzaje poświadczeń
days | days | dni
decide_days | days to decide | dni na rozstrzygnięcie
declaration | declaration of interests | oświadczenie o braku konfliktu
default | when no rule holds | gdy żadna reguła nie zachodzi
default_days | usual days | zwykła liczba dni
delivery_modes | modes of delivery | formy prowadzenia
derived_from | texts drawn on | wykorzystane teksty
detect | automatic hints | wskazówki automatyczne
disclaimer | what recognition is not | czym uznanie nie jest
due | due | termin
due_days | days to pay | dni na zapłatę
due_days_after_year_end | days after the end of the year | dni po końcu roku
effect_during_appeal | what holds during an appeal | co obowiązuje w toku odwołania
effect | effect | skutek
effect_on_issued_credentials | effect on credentials already issued | skutek dla wydanych już poświadczeń
effective_from | in effect from | obowiązuje od
effective_to | in effect until | obowiązuje do
eqf_levels | EQF levels | poziomy ERK
every_months | months between checks | miesiące między kontrolami
evidence | evidence | dowody
exclude | left out | wyłączone
exclude_case_roles | who does not sit on it | kto nie zasiada
existing_recognitions | recognitions that stand | istniejące uznania
expires_months | months until it lapses | miesiące do wygaśnięcia
extension_while_renewal_pending_days | days of prolonged standing while renewal is pending | dni przedłużenia na czas rozpatrywania odnowienia
fields | fields | pola
fields_of_study | fields of study | dziedziny kształcenia
first_recognition_months | months of a first recognition | miesiące pierwszego uznania
formal_warning | formal warning | formalne ostrzeżenie
full_months | months of a full recognition | miesiące pełnego uznania
grace_days | days of grace | dni na dostosowanie
grounds | grounds | podstawy
group | group | grupa
hearing_days | days to be heard | dni na wysłuchanie
include | included | objęte
inheritable | may be taken over from an earlier review | można przejąć z wcześniejszej oceny
issuer_reply_days | days for the issuer's reply | dni na odpowiedź wydawcy
jurisdictions | countries | kraje
keep_years | years kept | lata przechowywania
kind | kind | rodzaj
knock_out | knock-out | kryterium wykluczające
label | name | nazwa
languages | languages | języki
lookback_months | months looked back | badany okres w miesiącach
majority | majority | większość
max | most | najwięcej
max_age_days | greatest age in days | największy wiek w dniach
max_conditions | most conditions | największa liczba warunków
max_days | most days | najwięcej dni
max_workload_ects | greatest workload in ECTS | największy nakład pracy w ECTS
meaning | meaning | znaczenie
min | least | najmniej
min_count | least number | najmniejsza liczba
min_members | least members | najmniejsza liczba członków
minor | minor changes | zmiany drobne
monitoring | monitoring | monitorowanie
needs_representation | heard first | wymaga wysłuchania
not_applicable_when | not applicable when | nie dotyczy, gdy
note | note | uwaga
notify_days | days to tell | dni na zgłoszenie
on_fail | when it fails | przy niespełnieniu
on_missed | when a condition is missed | przy niespełnieniu warunku
on_overdue | when overdue | po przekroczeniu terminu
order | order | kolejność
outcome | outcome | rozstrzygnięcie
outcomes | outcomes | rozstrzygnięcia
owner | whose time it is | czyj to czas
panel | panel | zespół oceniający
params | parameters | parametry
people | people needed | liczba osób
percent | percent | procent
points | points | punkty
procedures | procedures | postępowania
provided_by | provided by | dostarcza
public | public | publiczne
questions | questions | pytania
quorum | quorum | kworum
rank | rank | miejsce na skali
recognition_status | status it leads to | status, do którego prowadzi
reduce_scope | reduction of scope | ograniczenie zakresu
refunds | refunds | zwroty
renewal_window_months | months of the renewal window | miesiące okna odnowienia
report | report | raport
required | required | wymagane
requirement | requirement | wymaganie
requires | what the rating requires | czego wymaga ocena
resolve_days | days to resolve | dni na rozpatrzenie
retention_years_after_end | years kept after the end | lata przechowywania po zakończeniu
review_by | reviewed by | ocenia
rules | rules | reguły
scale | rating scale | skala ocen
scope | scope | zakres
seats | seats | miejsca
signals | signals | sygnały
size | size | liczebność
small_applicant_amount | amount for small applicants | kwota dla małych wnioskodawców
source_refs | sources | źródła
standing | standing | stopień spełnienia
status | status | status
steps | steps | kroki
stops_body_clock | stops the body's clock | zatrzymuje czas jednostki
substantive | substantive changes | zmiany istotne
summary | summary | streszczenie
supersedes | takes the place of | zastępuje
surveillance | surveillance | nadzór
suspend | suspension | zawieszenie
suspend_after_overdue_days | days overdue before suspension | dni opóźnienia do zawieszenia
text | text | treść
title | title | tytuł
training_valid_months | months a training counts | miesiące ważności szkolenia
transition | transition | przepisy przejściowe
urgent | urgent | pilne
urgent_hours | hours to tell when urgent | godziny na zgłoszenie pilne
valid_days | days it holds | dni ważności
value | value | wartość
values | ratings | oceny
verified_by | verified by | sprawdza
version | version | wersja
visibility | who sees it | kto widzi
void | void from the start | unieważnienie od początku
waiver_needs_people | people for a waiver | liczba osób do zwolnienia
weight | weight | waga
what | what is published | co się publikuje
when | when | kiedy
who | who | kto
window_days | days to appeal | dni na odwołanie
withdraw | withdrawal | cofnięcie
"""

KEYS: Final[Mapping[str, Text]] = {
    key: Text.of(en=en, pl=pl)
    for key, en, pl in (
        tuple(part.strip() for part in line.split("|")) for line in _NAMES.split("\n") if line
    )
}
"""Key of the file to its name in both languages."""
