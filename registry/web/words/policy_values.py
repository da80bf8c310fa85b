"""What the closed words of a policy file are called where two versions are compared; enumerations have their own labels."""

from collections.abc import Mapping
from typing import Final

from registry.domain.trust_list import Text

_NAMES = """
access | access | dostęp
active | active | aktywne
active_with_conditions | active with conditions | aktywne z warunkami
adapted_from | adapted from | na podstawie
adopted | adopted | przyjęta
appeals | appeals panel | komisja odwoławcza
applicant | the applicant | wnioskodawca
at_once | at once | niezwłocznie
automatic | automatic | automatycznie
automatic_check | automatic check | sprawdzenie automatyczne
before_assignment | before a part is given | przed powierzeniem funkcji
before_decision | before the decision | przed rozstrzygnięciem
before_panel | before the panel is proposed | przed zaproponowaniem zespołu
before_site_visit | before a visit | przed wizytą
block | stops the application | zatrzymuje wniosek
body | the accreditation body | jednostka akredytująca
body_exceeds_time_limit | the body exceeds its time | jednostka przekroczyła termin
calendar_days | calendar days | dni kalendarzowe
case_officer | case officer | osoba prowadząca sprawę
case_role_history | earlier parts in cases | wcześniejsze funkcje w sprawach
certificate | certificate | certyfikat
committee | committee | komisja
complaints | complaints officer | osoba rozpatrująca skargi
conditions | conditions | warunki
consortium | consortium | konsorcjum
consultation | in consultation | w konsultacjach
core | core | podstawowe
data | data | dane
decision | the decision | decyzja
decision_date | the day of the decision | dzień decyzji
decision_summary | summary of the decision | streszczenie decyzji
declaration | declaration | oświadczenie
deqar | DEQAR | DEQAR
did | DID | DID
disclose | has to be disclosed | wymaga ujawnienia
document | document | dokument
domain | domain | domena
draft | draft | projekt
effective_date | the day it takes effect | dzień, od którego obowiązuje
email_domain_match | same domain of e-mail addresses | ta sama domena adresów
employer | employer | pracodawca
employer_identifier_in_hierarchy | employer belongs to the institution | pracodawca należy do instytucji
end_of_recognition | the end of the recognition | koniec uznania
end_of_warning | the end of the warning | koniec ostrzeżenia
escalate | is passed on | przekazanie wyżej
euid | EUID | EUID
exclude | excludes from the case | wyklucza ze sprawy
flag | is pointed out | zwraca uwagę
full_report_with_redactions | full report, redacted | cały raport po anonimizacji
higher_education_institution | higher education institution | uczelnia
horizontal | horizontal | horyzontalne
identifiers | identifiers and keys | identyfikatory i klucze
identity_verifier | identity verifier | osoba weryfikująca tożsamość
ineligible | not eligible | niedopuszczenie wniosku
informed_by | informed by | z wykorzystaniem
interview | interview | rozmowa
issuer_identity | name and country of the issuer | nazwa i państwo wydawcy
keep_version | keep their version | zachowują swoją wersję
lapse | the case lapses | sprawa pozostaje bez rozpoznania
lei | LEI | LEI
machine | the registry itself | sam rejestr
manual | by a person | przez osobę
may_migrate | may move to the new version | mogą przejść na nową wersję
must_migrate | move to the new version | przechodzą na nową wersję
national | national register | rejestr krajowy
never | never | nigdy
none | none | brak
normalized_name | name | nazwa
not_kept | not kept | nie przechowuje się
nothing | nothing | nic
on_anniversary | every year | co roku
on_change | when something changes | gdy coś się zmieni
on_site | on site | na miejscu
on_submission | when the application is submitted | przy złożeniu wniosku
other_provider | other provider | inny podmiot
panel | panel | zespół oceniający
platform | platform | platforma
policy_hash | hash of the policy file | skrót pliku polityki
policy_id_and_version | policy and its version | polityka i jej wersja
previous_end | the end before | poprzedni koniec
proceed | the case goes on | sprawa toczy się dalej
professional_body | professional body | organizacja zawodowa
public | public | publiczne
public_body | public body | instytucja publiczna
public_url | public address | adres publiczny
reassess_at_next_monitoring | looked at again at the next monitoring | ponowna ocena przy najbliższym monitorowaniu
reassess_within_grace | looked at again within the days allowed | ponowna ocena w wyznaczonym terminie
recognition_ends_early | the recognition ends early | uznanie kończy się wcześniej
refuse_renewal | no renewal | brak odnowienia
register_entry | entry in the register | wpis w rejestrze
register_extract | extract of a register | odpis z rejestru
remind | a reminder | przypomnienie
remote | remote | zdalnie
remote_or_on_site | remote or on site | zdalnie lub na miejscu
report | report | raport
retired | retired | wycofana
return_to_applicant | goes back to the applicant | wraca do wnioskodawcy
ror | ROR | ROR
sample_credentials | sample credentials | przykładowe poświadczenia
scope | scope | zakres
scope_overlap_same_region | same field in the same region | ta sama dziedzina w tym samym regionie
second_opinion | a second opinion | druga opinia
simple | simple majority | zwykła większość
site_visit | visit | wizyta
status | status | status
status_and_reason | status and its reason | status i przyczyna
status_history_with_reasons | history of the status with reasons | historia statusu z uzasadnieniem
summary_only | summary only | tylko streszczenie
superseded | superseded | zastąpiona
supplementary | supplementary | uzupełniające
suspended | suspended | zawieszone
two_thirds | two thirds | dwie trzecie
unanimous | unanimous | jednomyślnie
unchanged | unchanged | bez zmian
until_expiry | stand until they expire | obowiązują do wygaśnięcia
validity | period of validity | okres ważności
vat | VAT number | numer VAT
vendor_match | same platform vendor | ten sam dostawca platformy
vocational_provider | vocational provider | instytucja kształcenia zawodowego
warning_text | text of the warning | treść ostrzeżenia
when_final | when final | gdy ostateczne
withdrawn | withdrawn | cofnięte
withdrawn_before_completeness_check | withdrawn before the check of completeness | wycofany przed sprawdzeniem kompletności
withdrawn_before_panel | withdrawn before the panel | wycofany przed powołaniem zespołu
work_based_or_employer | work-based learning or an employer | uczenie się w pracy albo pracodawca
working_days | working days | dni robocze
yearly | yearly | co roku
yearly_figures_without_names | yearly figures without names | roczne zestawienia bez nazw
"""

VALUES: Final[Mapping[str, Text]] = {
    key: Text.of(en=en, pl=pl)
    for key, en, pl in (
        tuple(part.strip() for part in line.split("|")) for line in _NAMES.split("\n") if line
    )
}
"""Word of the file to what it is called in both languages."""
