"""Words of the life of a policy: drafts, comparison, transition; and what checking a policy file says."""
# ruff: noqa: E501 - a sentence and its translation stay on one line each, to be read side by side

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from registry.domain.policy_diff import Kind, Part
from registry.domain.policy_transition import CaseFate, IssuerFate
from registry.domain.policy_ways import Way
from registry.domain.trust_list import Text
from registry.models.policy_draft import DraftPart, DraftState

SPEAKERS: Final = (
    *("services/policy_drafts.py", "services/policy_life.py", "services/policy_transition.py"),
    *("policy_files/editing.py", "policy_files/writing.py", "web/policy_life.py", "web/policy_life_acts.py"),
)
POLISH: Final[Mapping[str, str]] = {
    # drafts
    r"there is no such draft": "nie ma takiego projektu",
    r"there is no such policy": "nie ma takiej polityki",
    r"there is no such body": "nie ma takiej jednostki",
    r"there is no such consultation": "nie ma takich konsultacji",
    r"there is no such comment": "nie ma takiej uwagi",
    r"there is no directory of policies": "nie ma katalogu polityk",
    r"there is nothing to look at again": "nie ma nic do ponownej oceny",
    r"somebody else saved this draft meanwhile; compare both texts and save again": "ktoś inny zapisał w tym czasie ten projekt; proszę porównać oba teksty i zapisać ponownie",
    r"write a version as three numbers, such as 1\.1\.0": "proszę podać wersję jako trzy liczby, na przykład 1.1.0",
    r"(\S+) is adopted already; a new version has a higher number": "wersja {0} jest już przyjęta; nowa wersja musi mieć wyższy numer",
    r"there is a draft of this version already; go on with that one": "projekt tej wersji już istnieje; proszę kontynuować tamten",
    r"this draft is one of (\S+); the id of a policy never changes": "to projekt polityki {0}; identyfikator polityki nigdy się nie zmienia",
    r"whoever has saved a version of a policy cannot adopt it": "kto zapisał wersję polityki, nie może jej przyjąć",
    r"this draft is not in consultation": "ten projekt nie jest w konsultacjach",
    r"this draft is in consultation; close the consultation first": "ten projekt jest w konsultacjach; najpierw trzeba je zakończyć",
    r"this draft has been adopted and never changes; begin a new version": "ten projekt został przyjęty i już się nie zmieni; proszę rozpocząć nową wersję",
    r"this draft has been given up; begin a new one": "ten projekt został porzucony; proszę rozpocząć nowy",
    r"the text has problems; solve them first": "tekst zawiera błędy; najpierw trzeba je usunąć",
    r"the file is larger than (\d+) bytes; a policy is not": "plik ma więcej niż {0} bajtów; polityka tyle nie zajmuje",
    r"the file is empty": "plik jest pusty",
    r"the file is not UTF-8 text": "plik nie jest tekstem w UTF-8",
    r"the file has to say the id of the policy": "plik musi podawać identyfikator polityki",
    r"the file has to say its version as three numbers": "plik musi podawać wersję jako trzy liczby",
    r"the file cannot be taken as a draft": "pliku nie można przyjąć jako projektu",
    r"the file says nothing at (\S+)": "plik nie zawiera wartości w miejscu {0}",
    r"the file has no part (\S+)": "plik nie ma części {0}",
    r"this part is no longer in the text; put it in anew": "tej części nie ma już w tekście; proszę wstawić ją na nowo",
    r"choose a file": "proszę wybrać plik",
    r"the file was changed outside; take it in first": "plik zmieniono poza rejestrem; najpierw trzeba go wczytać",
    r"this version was released with other content; make a new version": "tę wersję ogłoszono z inną treścią; trzeba utworzyć nową wersję",
    # consultation and adoption
    r"choose a last day after today, within a year": "proszę wybrać ostatni dzień po dniu dzisiejszym, w ciągu roku",
    r"this consultation has ended": "te konsultacje już się zakończyły",
    r"at most (\d+) comments of one person are taken": "od jednej osoby przyjmuje się najwyżej {0} uwag",
    r"write a comment": "proszę wpisać uwagę",
    r"at most (\d+) characters": "najwyżej {0} znaków",
    r"choose a criterion of this policy": "proszę wybrać kryterium tej polityki",
    r"the comment cannot be taken": "nie można przyjąć tej uwagi",
    r"comments of this consultation are not published": "uwag z tych konsultacji się nie publikuje",
    r"somebody else judges your own comment": "własną uwagę ocenia ktoś inny",
    r"the consultation still runs; it ends first": "konsultacje jeszcze trwają; najpierw muszą się zakończyć",
    r"this is not the text that you have read; look at it again": "to nie jest tekst, który został przeczytany; proszę obejrzeć go ponownie",
    r"(\S+) (\S+) was adopted with other content; make a new version": "{0} {1} przyjęto z inną treścią; trzeba utworzyć nową wersję",
    r"the person who edited a policy cannot approve it": "kto redagował politykę, nie może jej zatwierdzić",
    r"this case keeps its version of the policy": "ta sprawa zachowuje swoją wersję polityki",
    # what checking a policy file says
    r"not YAML: (.+)": "to nie jest YAML: {0}",
    r"anchors \(&\) and aliases \(\*\) are not allowed; write the value out": "kotwice (&) i odwołania (*) są niedozwolone; proszę wpisać wartość w całości",
    r"tags \(!\) are not allowed": "znaczniki (!) są niedozwolone",
    r"nested deeper than (\d+) levels": "zagnieżdżenie głębsze niż {0} poziomów",
    r"a key must be a plain word": "klucz musi być zwykłym słowem",
    r"a file holds one policy only; remove the second document": "plik zawiera tylko jedną politykę; proszę usunąć drugi dokument",
    r"the key `(.+)` is repeated; it stands on line (\d+) already": "klucz `{0}` powtarza się; jest już w wierszu {1}",
    r"(\S+) is not a number that can be kept": "{0} nie jest liczbą, którą można zapisać",
    r"a measure has `metric`, `op` and `value`; `ratings`, `groups` and `criteria` go with them": "miara ma klucze `metric`, `op` i `value`; `ratings`, `groups` i `criteria` tylko je uzupełniają",
    r"`(.+)` cannot be a key here": "`{0}` nie może tu być kluczem",
    r"unknown key `(.+)`; did you mean `(.+)`\?": "nieznany klucz `{0}`; może chodzi o `{1}`?",
    r"unknown key `(.+)`; known here: (.+)": "nieznany klucz `{0}`; znane w tym miejscu: {1}",
    r"missing key `(.+)`": "brakuje klucza `{0}`",
    r"(.+) is not possible here; did you mean `(.+)`\?": "{0:given} nie jest tu możliwe; może chodzi o `{1}`?",
    r"(.+) is not possible here; known here: (.+)": "{0:given} nie jest tu możliwe; możliwe: {1}",
    r"this must be `(.+)`, not (.+)": "tu musi być `{0}`, a jest {1:given}",
    r"this must be (.+), not (.+)": "tu musi być {0:given}, a jest {1:given}",
    r"the list must contain `(.+)`": "lista musi zawierać `{0}`",
    r"the list must contain an entry with `(.+)`": "lista musi zawierać pozycję z `{0}`",
    r"give exactly one of `all`, `any`, `not` or a measure \(`metric`, `op`, `value`\)": "proszę podać dokładnie jedno z: `all`, `any`, `not` albo miarę (`metric`, `op`, `value`)",
    r"(.+) does not have the form asked for here": "{0:given} nie ma wymaganej tu postaci",
    r"(.+) does not have the form (.+)": "{0:given} nie ma postaci {1}",
    r"(.+) is not a date \(write dates as 2026-12-31\)": "{0:given} nie jest datą (daty proszę zapisywać jako 2026-12-31)",
    r"(.+) is too small; at least (\S+)": "{0:given} to za mało; co najmniej {1}",
    r"(.+) is too small; more than (\S+)": "{0:given} to za mało; więcej niż {1}",
    r"(.+) is too large; at most (\S+)": "{0:given} to za dużo; najwyżej {1}",
    r"the list needs at least (\d+) entries": "lista musi mieć co najmniej {0} poz.",
    r"the list may have at most (\d+) entries": "lista może mieć najwyżej {0} poz.",
    r"this text is too short": "ten tekst jest za krótki",
    r"an entry of the list is repeated": "pozycja listy powtarza się",
    r"`(.+)` is used twice": "`{0}` występuje dwa razy",
    r"`(.+)` and `(.+)` have the same rank": "`{0}` i `{1}` mają to samo miejsce na skali",
    r"`(.+)` ranks above `(.+)` but stands lower": "`{0}` stoi na skali wyżej niż `{1}`, a oznacza niższy stopień spełnienia",
    r"`(.+)` ranks above `(.+)` but brings fewer points": "`{0}` stoi na skali wyżej niż `{1}`, a daje mniej punktów",
    r"the scale has no rating whose standing is (\w+)": "skala nie ma oceny o stopniu spełnienia {0}",
    r"a rating that does not apply brings no points; write null": "ocena „nie dotyczy” nie daje punktów; proszę wpisać null",
    r"there is no criteria group `(.+)`": "nie ma grupy kryteriów `{0}`",
    r"there is no rating scale `(.+)`": "nie ma skali ocen `{0}`",
    r"the scale `(.+)` has no rating for it": "skala `{0}` nie ma na to oceny",
    r"evidence of (\S+) is named (\S+)-a, -b, \.\.\.": "dowody kryterium {0} nazywają się {1}-a, -b, …",
    r"the group `(.+)` has no criteria": "grupa `{0}` nie ma kryteriów",
    r"a criterion rated by points needs a weight above 0": "kryterium oceniane punktami wymaga wagi większej od 0",
    r"the scale `(.+)` gives no points; write 0": "skala `{0}` nie daje punktów; proszę wpisać 0",
    r"parameters without a check": "parametry bez sprawdzenia",
    r"there is no automatic check `(.+)`; known: (.+)": "nie ma automatycznego sprawdzenia `{0}`; znane: {1}",
    r"the check `(.+)` takes no `(.+)`": "sprawdzenie `{0}` nie przyjmuje `{1}`",
    r"the check `(.+)` needs the parameter `(.+)`": "sprawdzenie `{0}` wymaga parametru `{1}`",
    r"`(.+)` is not among the outcomes of this policy": "`{0}` nie należy do rozstrzygnięć tej polityki",
    r"there is no criterion `([^`]+)`": "nie ma kryterium `{0}`",
    r"none of the criteria measured can be rated `(.+)`": "żadne z mierzonych kryteriów nie może mieć oceny `{0}`",
    r"`(.+)` needs `ratings`: which ratings are counted\?": "`{0}` wymaga `ratings`: które oceny są liczone?",
    r"`(.+)` takes no `ratings`": "`{0}` nie przyjmuje `ratings`",
    r"the smallest panel is larger than the largest": "najmniejszy zespół jest większy od największego",
    r"longer than (max_days|full_months)": "dłużej niż {0}",
    r"the policy ends before it begins": "polityka kończy się, zanim się zacznie",
    r"a small applicant never pays more than others": "mały wnioskodawca nigdy nie płaci więcej niż inni",
    r"there is no scale `(.+)` with a rating `(.+)`": "nie ma skali `{0}` z oceną `{1}`",
    r"there is no criterion `(.+)` with a rating `(.+)`": "nie ma kryterium `{0}` z oceną `{1}`",
    r"there is no rule `(.+)`": "nie ma reguły `{0}`",
    r"test `(.+)`: expected (\S+) by (\S+), but the rules give (\S+) by (\S+)": "test `{0}`: oczekiwano {1} według {2}, a reguły dają {3} według {4}",
    r"test `(.+)`: expected (\S+) by (.+), but the rules give (\S+) by (.+)": "test `{0}`: oczekiwano {1} według {2:given}, a reguły dają {3} według {4:given}",
    r"test `(.+)`: expected problems with (.+), but found (.+)": "test `{0}`: oczekiwano błędów {1}, a znaleziono {2}",
}
"""Sentences about policies; `{0:given}` puts what a checker calls a kind of value into Polish."""

GIVEN: Final[Mapping[str, str]] = {
    "a group of keys": "grupa kluczy",
    "a list": "lista",
    "text": "tekst",
    "a whole number": "liczba całkowita",
    "a number": "liczba",
    "true or false": "true albo false",
    "empty": "nic",
    "nothing": "nic",
    "the default": "ustalenie domyślne",
}
"""What a checker calls the kind of a value."""


def given(words: str) -> str:
    """Return how Polish names what a checker found or wanted; a value stands for itself."""
    return (
        " albo ".join(GIVEN.get(word, word) for word in words.split(" or "))
        if words not in GIVEN
        else GIVEN[words]
    )


LABELS: Final[Mapping[type[StrEnum], Mapping[str, Text]]] = {
    DraftState: {
        "draft": Text.of(en="Draft", pl="Projekt"),
        "consultation": Text.of(en="In consultation", pl="W konsultacjach"),
        "adopted": Text.of(en="Adopted", pl="Przyjęta"),
        "abandoned": Text.of(en="Given up", pl="Porzucony"),
    },
    DraftPart: {
        "editor": Text.of(en="Editor", pl="Osoba redagująca"),
        "approver": Text.of(en="Approver", pl="Osoba zatwierdzająca"),
    },
    Kind: {
        "added": Text.of(en="new", pl="nowe"),
        "removed": Text.of(en="removed", pl="usunięte"),
        "changed": Text.of(en="changed", pl="zmienione"),
    },
    Way: {
        "tightens": Text.of(en="tightens", pl="zaostrza"),
        "loosens": Text.of(en="loosens", pl="łagodzi"),
        "editorial": Text.of(en="editorial", pl="redakcyjne"),
        "neutral": Text.of(en="neither tightens nor loosens", pl="ani nie zaostrza, ani nie łagodzi"),
        "unclear": Text.of(en="has to be read", pl="wymaga przeczytania"),
    },
    Part: {
        "identity": Text.of(en="The policy itself", pl="Sama polityka"),
        "scope": Text.of(en="Who may apply, and for what", pl="Kto i o co może wnioskować"),
        "eligibility": Text.of(en="Eligibility", pl="Dopuszczalność"),
        "scales": Text.of(en="Rating scales", pl="Skale ocen"),
        "groups": Text.of(en="Groups of criteria", pl="Grupy kryteriów"),
        "criteria": Text.of(en="Criteria", pl="Kryteria"),
        "rules": Text.of(en="Rules that propose an outcome", pl="Reguły proponujące rozstrzygnięcie"),
        "decision": Text.of(en="Decision", pl="Decyzja"),
        "validity": Text.of(en="Validity", pl="Ważność"),
        "monitoring": Text.of(en="Monitoring", pl="Monitorowanie"),
        "conflicts": Text.of(en="Conflicts of interest", pl="Konflikty interesów"),
        "panel": Text.of(en="Panel", pl="Zespół oceniający"),
        "time_limits": Text.of(en="Time limits", pl="Terminy"),
        "appeals": Text.of(en="Appeals", pl="Odwołania"),
        "complaints": Text.of(en="Complaints", pl="Skargi"),
        "sanctions": Text.of(en="Sanctions", pl="Sankcje"),
        "fees": Text.of(en="Fees", pl="Opłaty"),
        "publication": Text.of(en="Publication", pl="Publikacja"),
        "tests": Text.of(en="Tests of the policy", pl="Testy polityki"),
    },
    CaseFate: {
        "keeps": Text.of(en="keeps its version", pl="zachowuje swoją wersję"),
        "may_move": Text.of(
            en="may move to the new version if the applicant wants",
            pl="może przejść na nową wersję, jeśli wnioskodawca tego chce",
        ),
        "moves": Text.of(en="moves to the new version", pl="przechodzi na nową wersję"),
    },
    IssuerFate: {
        "until_expiry": Text.of(en="stand until they expire", pl="obowiązują do wygaśnięcia"),
        "next_monitoring": Text.of(
            en="are looked at again at the next monitoring",
            pl="są oceniane ponownie przy najbliższym monitorowaniu",
        ),
        "within_grace": Text.of(
            en="are looked at again within the days of grace",
            pl="są oceniane ponownie w okresie na dostosowanie",
        ),
    },
}
