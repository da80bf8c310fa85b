"""The sentences that services speak, in the language of the page.

Services raise English sentences, often with numbers and names in them. Here each has its Polish one, found by pattern; the groups
of a pattern stand as `{0}`, `{1}` … in the translation. A sentence without one is shown as it is: better in English than not at all.
"""
# ruff: noqa: E501 - a sentence and its translation stay on one line each, to be read side by side

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

from flask_babel import gettext

from registry.domain.roles import CaseRole, PanelSeat, Role
from registry.domain.workflow import Action, State
from registry.web.i18n import current_language
from registry.web.labels import label
from registry.web.words import AREAS
from registry.web.words.policy_life import given

_POLISH: Final[Mapping[str, str]] = {
    # institutions and claims
    r"the institution could not be registered": "nie udało się zarejestrować instytucji",
    r"fill this in": "proszę wypełnić to pole",
    r"give the name in at least one language": "proszę podać nazwę w co najmniej jednym języku",
    r"say on what grounds you act for it": "proszę podać podstawę działania w imieniu instytucji",
    r"you have claimed this institution already": "ta instytucja została już zgłoszona z tego konta",
    r"this claim is settled already": "to zgłoszenie zostało już rozstrzygnięte",
    r"say what you saw": "proszę napisać, co zostało sprawdzone",
    r"say what you saw, such as the register extract": "proszę napisać, co zostało sprawdzone, na przykład odpis z rejestru",
    r"nobody confirms their own claim": "nikt nie potwierdza własnego zgłoszenia",
    r"you have given your word on this claim; somebody else has to confirm it too": "opinia z tego konta jest już zapisana; zgłoszenie musi potwierdzić także ktoś inny",
    r"an institution with the identifier (.+) is here already; claim that one": "instytucja o identyfikatorze {0} już tu jest; należy zgłosić tę instytucję",
    r"choose a country": "proszę wybrać kraj",
    # importing files
    r"choose one of the formats": "proszę wybrać jeden z formatów",
    r"the file has no records": "plik nie zawiera rekordów",
    r"a second person approves an import": "import zatwierdza druga osoba",
    r"this import was approved or turned down already": "ten import został już zatwierdzony albo odrzucony",
    r"The file is empty; its first line names the columns\.": "plik jest pusty; pierwszy wiersz zawiera nazwy kolumn.",
    r"The header lacks the column “(.+)”; this is no list of charter holders\.": "w nagłówku brakuje kolumny „{0}”; to nie jest lista posiadaczy karty.",
    r"The header lacks the column (\w+); required are (.+)\.": "w nagłówku brakuje kolumny {0}; wymagane są: {1}.",
    r"The column “(.*)” is unknown; known are name_pl and the like, (.+)\.": "nieznana kolumna „{0}”; znane to name_pl i podobne oraz: {1}.",
    r"The file needs exactly one “registry” object; this is no list of issuers\.": "plik musi zawierać dokładnie jeden obiekt „registry”; to nie jest lista wydawców.",
    r"Line (\d+): the text is not UTF-8; save the file in UTF-8\.": "wiersz {0}: tekst nie jest zapisany w UTF-8; proszę zapisać plik w UTF-8.",
    r"This key came before, on line (\d+); only that record was taken\.": "ten klucz wystąpił już w wierszu {0}; przyjęto tylko tamten rekord.",
    r"This DID is listed (\d+) times, here as “(.*)”; no entry of it is taken\.": "ten identyfikator DID występuje na liście {0} razy, tutaj jako „{1}”; nie przyjęto żadnego z tych wpisów.",
    # applications
    r"this institution has an open application in this scheme already": "ta instytucja ma już otwarty wniosek w tym programie uznawania",
    r"this scope cannot be asked for": "o taki zakres nie można wnioskować",
    r"part of this scope lies outside the mandate of the accreditation body": "część tego zakresu wykracza poza mandat jednostki akredytującej",
    r"ask for at least one field of study": "proszę wskazać co najmniej jedną dziedzinę kształcenia",
    r"this policy needs an answer here": "ta polityka wymaga odpowiedzi w tym miejscu",
    r"this policy does not offer (.+)": "ta polityka nie obejmuje: {0}",
    r"“(.*)” is not a country code; write two letters of ISO 3166-1, such as PL or IE\.": "„{0}” nie jest kodem kraju; proszę podać dwie litery według ISO 3166-1, na przykład PL lub IE.",
    r"“(.*)” is not a language code; write two or three letters, such as pl or en\.": "„{0}” nie jest kodem języka; proszę podać dwie lub trzy litery, na przykład pl lub en.",
    r"“(.*)” is not a code of ISCED-F 2013; write 2, 3 or 4 digits, such as 06, 061 or 0613\.": "„{0}” nie jest kodem ISCED-F 2013; proszę podać 2, 3 lub 4 cyfry, na przykład 06, 061 lub 0613.",
    r"Choose at least one\.": "proszę wybrać co najmniej jedną pozycję.",
    r"Write a number above 0, at most (\d+), with at most two decimals\.": "proszę podać liczbę większą od 0, nie większą niż {0}, z najwyżej dwoma miejscami po przecinku.",
    r"The name of a programme has 1 to (\d+) characters\.": "nazwa programu ma od 1 do {0} znaków.",
    r"Name at most (\d+) programmes\.": "proszę podać co najwyżej {0} programów.",
    r"all files of one application may have (\d+) MiB together": "wszystkie pliki jednego wniosku mogą mieć łącznie {0} MiB",
    r"the application is full": "wniosek osiągnął największą łączną wielkość plików",
    r"only people with a part in the case add to its file": "akta uzupełniają tylko osoby biorące udział w sprawie",
    r"evidence is gathered from the completeness check to the end of the review": "dowody zbiera się od sprawdzenia kompletności do końca oceny",
    r"write something, or leave this evidence out": "proszę coś napisać albo pominąć ten dowód",
    r"at most (\d+) characters; hand in a file for more": "najwyżej {0} znaków; dłuższy tekst proszę złożyć jako plik",
    r"give the whole address, starting with https://": "proszę podać pełny adres zaczynający się od https://",
    r"name at least one key, certificate or DID that you issue with": "proszę podać co najmniej jeden klucz, certyfikat lub DID używany do wydawania",
    r"prove that you hold this key": "proszę wykazać posiadanie tego klucza",
    r"the application is not complete yet": "wniosek nie jest jeszcze kompletny",
    r"somebody else changed this application meanwhile; its state is now: ([a-z ]+)\. Look at it again before you act\.": "ktoś inny zmienił w tym czasie wniosek; obecny stan: {0:state}. Proszę obejrzeć go ponownie przed dalszym działaniem.",
    r"somebody else changed this case meanwhile; look at it again before you act": "ktoś inny zmienił w tym czasie sprawę; proszę obejrzeć ją ponownie przed dalszym działaniem",
    r"somebody changed this case meanwhile; look at it again": "ktoś zmienił w tym czasie sprawę; proszę obejrzeć ją ponownie",
    r"only the applicant changes an application": "wniosek zmienia tylko wnioskodawca",
    r"this application has been submitted; what was handed in is frozen": "wniosek został złożony; złożonych dokumentów nie można już zmieniać",
    r"this application has been submitted; keys are changed after the decision": "wniosek został złożony; klucze można zmienić po decyzji",
    r"a case that the body opened cannot be withdrawn by the issuer": "wydawca nie może wycofać sprawy wszczętej przez jednostkę akredytującą",
    r"cannot ([a-z ]+) an application that is ([a-z ]+)": "czynność „{0:action}” nie jest możliwa w stanie „{1:state}”",
    r"this application cannot be withdrawn, or not by you": "tego wniosku nie można wycofać albo nie może tego zrobić ta osoba",
    # keys
    r"this application names that identity already": "ten klucz jest już podany we wniosku",
    r"test identities are never listed; name the one that signs real credentials": "klucze testowe nie są wpisywane na listę; proszę podać ten, którym podpisuje się prawdziwe poświadczenia",
    r"choose a platform that is known to this registry": "proszę wybrać platformę znaną temu rejestrowi",
    r"give your profile id on the platform; a shared key alone covers nobody": "proszę podać identyfikator swojego profilu na platformie; sam wspólny klucz nikogo nie obejmuje",
    r"another institution has proven that it holds this identity": "inna instytucja wykazała już posiadanie tego klucza",
    r"this kind of identity is not proven by a signature": "tego rodzaju klucza nie potwierdza się podpisem",
    r"this challenge is too old; ask for a new one": "to wyzwanie jest nieaktualne; proszę poprosić o nowe",
    r"ask for a new challenge": "proszę poprosić o nowe wyzwanie",
    r"no key to check with": "brak klucza, którym można sprawdzić podpis",
    r"use a did:key, did:web or certificate": "proszę użyć did:key, did:web albo certyfikatu",
    r"(\S+) did not answer: .+": "{0} nie odpowiada",
    r"(\S+) has no address": "nie ma adresu dla nazwy {0}",
    r"(\S+) does not lead to a public address": "{0} nie prowadzi do adresu publicznego",
    r"(\S+) answered (\d+); redirects are not followed": "{0} odpowiada kodem {1}; przekierowania nie są śledzone",
    r"only did:key and did:web can be proven here": "tutaj można potwierdzić tylko did:key i did:web",
    r"a did:web with a port cannot be fetched": "nie można pobrać did:web z numerem portu",
    r"the DID document is not JSON": "dokument DID nie jest w formacie JSON",
    r"the DID document speaks of another DID": "dokument dotyczy innego DID",
    r"the DID document names no key that we can check with": "dokument DID nie podaje klucza, którym można sprawdzić podpis",
    r"publish the challenge first": "proszę najpierw opublikować wyzwanie pod podanym adresem",
    r"the address (\S+) could not be read": "nie udało się odczytać adresu {0}",
    r"a proven identity stays on record": "potwierdzony klucz pozostaje w aktach",
    r"control of this identity is not proven yet": "wnioskodawca nie wykazał jeszcze posiadania tego klucza",
    r"you have confirmed this identity; a second verifier has to look too": "klucz został już potwierdzony z tego konta; musi go sprawdzić także druga osoba",
    r"identities are confirmed during the identity check": "klucze potwierdza się podczas weryfikacji tożsamości",
    r"this is not an X\.509 certificate in PEM or DER form": "to nie jest certyfikat X.509 w postaci PEM lub DER",
    r"the certificate's serial number is not positive": "numer seryjny certyfikatu nie jest liczbą dodatnią",
    r"the certificate is valid from (\S+) to (\S+), not now": "certyfikat jest ważny od {0} do {1}, a nie teraz",
    r"the certificate has no subject key identifier; lists name ended keys by it": "certyfikat nie ma identyfikatora klucza podmiotu; na listach oznacza się nim zakończone klucze",
    r"this is not a JSON Web Key": "to nie jest klucz w postaci JSON Web Key",
    r"this is a secret key: never hand it to anybody, make a new one, and give its public part": "to jest klucz tajny: nie wolno go nikomu przekazywać; proszę utworzyć nowy i podać jego część publiczną",
    r"this key cannot be read; give kty with n and e, or crv with x \(and y\)": "nie można odczytać tego klucza; proszę podać kty oraz n i e albo crv i x (oraz y)",
    r"the signature does not fit this key and this challenge": "podpis nie pasuje do tego klucza i tego wyzwania",
    r"give a compact JWS or a base64 signature over the challenge": "proszę podać JWS w postaci zwartej albo podpis wyzwania w base64",
    r"the signature is over something else than this challenge": "podpisano coś innego niż to wyzwanie",
    r"the RSA key has (\d+) bits; (\d+) is the least": "klucz RSA ma {0} bitów; najmniej może mieć {1}",
    r"use a P-256, P-384, P-521, Ed25519 or RSA key": "proszę użyć klucza P-256, P-384, P-521, Ed25519 lub RSA",
    # identifiers, names on the web
    r"This did:key holds no Ed25519 or P-256 key; no other kind can be checked here\.": "Ten did:key nie zawiera klucza Ed25519 ani P-256; innych rodzajów nie można tu sprawdzić.",
    r"“(.*)” is a DID URL; write the DID alone, without anything from /, \? or # on\.": "„{0}” to adres DID URL; proszę podać sam DID, bez niczego od znaku /, ? lub #.",
    r"“(.*)” is not a DID; it looks like did:web:example\.edu or did:key:z6Mk…\.": "„{0}” nie jest identyfikatorem DID; ma on postać did:web:example.edu albo did:key:z6Mk…",
    r"did:web:(.*) names a port that does not exist\.": "did:web:{0} podaje port, który nie istnieje.",
    r"did:web:(.*) has an empty or unsafe part in its path\.": "did:web:{0} ma w ścieżce pusty lub niebezpieczny fragment.",
    r"“(.*)” is not a did:key\.": "„{0}” nie jest identyfikatorem did:key.",
    r"A did:key continues with z, the sign of base58btc, and the key\.": "po did:key następuje z, znak base58btc, a po nim klucz.",
    r"This did:key is well formed, but its bytes are no usable Ed25519 key\.": "ten did:key ma poprawną postać, ale jego bajty nie są użytecznym kluczem Ed25519.",
    r"This did:key is well formed, but its bytes are no point of P-256\.": "ten did:key ma poprawną postać, ale jego bajty nie są punktem krzywej P-256.",
    r"“(.*)” is no character of base58; 0, O, I and l do not occur in it\.": "„{0}” nie jest znakiem base58; nie występują w nim 0, O, I oraz l.",
    r"An identifier is not empty and no longer than 4,000 characters\.": "identyfikator nie może być pusty ani dłuższy niż 4000 znaków.",
    r"“(.*)” is not written like (.*); an example is (.*)\.": "„{0}” nie ma postaci właściwej dla {1}; przykład: {2}.",
    r"The check digits of “(.*)” do not fit (.*); look for a typing mistake\.": "cyfry kontrolne w „{0}” nie zgadzają się ({1}); proszę sprawdzić, czy nie ma literówki.",
    r"“(.*)” is not an Erasmus code; it looks like PL KRAKOW01\.": "„{0}” nie jest kodem Erasmus; ma on postać PL KRAKOW01.",
    r"“(.*)” is not an ETER identifier, a country code and digits, such as PL0025\.": "„{0}” nie jest identyfikatorem ETER: kodem kraju i cyframi, na przykład PL0025.",
    r"“(.*)” is not an EUID; it looks like PLKRS\.0000123456\.": "„{0}” nie jest numerem EUID; ma on postać PLKRS.0000123456.",
    r"“(.*)” is not a JWK thumbprint; it has 43 characters of base64url\.": "„{0}” nie jest odciskiem klucza JWK; ma on 43 znaki base64url.",
    r"“(.*)” is not a certificate subject; it looks like CN=Seal,O=Example,C=PL\.": "„{0}” nie jest podmiotem certyfikatu; ma on postać CN=Seal,O=Example,C=PL.",
    r"“(.*)” is not a platform profile; it is an address that starts with https://\.": "„{0}” nie jest profilem na platformie; jest nim adres zaczynający się od https://.",
    r"“(.*)” is not a scheme of identifiers; known are (.*)\.": "„{0}” nie jest rodzajem identyfikatora; znane są: {1}.",
    r"“(.*)” is not a domain name; write it like example\.edu, without https:// or a path\.": "„{0}” nie jest nazwą domeny; proszę podać ją w postaci example.edu, bez https:// i ścieżki.",
    r"The domain name “(.*)…” is longer than (.*) characters\.": "nazwa domeny „{0}…” jest dłuższa niż {1} znaków.",
    r"“(.*)” is more than a web origin; leave out everything after the host\.": "„{0}” zawiera więcej niż nazwę serwera; proszę pominąć wszystko, co po niej następuje.",
    r"“(.*)” is not a secure web origin; it starts with https://\.": "„{0}” nie jest bezpiecznym adresem serwera; zaczyna się on od https://.",
    r"“(.*)” is not the address of a website\.": "„{0}” nie jest adresem strony internetowej.",
    r"“(.*)” is not a web address; it starts with https:// and a host name\.": "„{0}” nie jest adresem internetowym; zaczyna się on od https:// i nazwy serwera.",
    r"“(.*)” holds a user name; write the address without it\.": "„{0}” zawiera nazwę użytkownika; proszę podać adres bez niej.",
    r"“(.*)” names port 0, which does not exist\.": "„{0}” podaje port 0, który nie istnieje.",
    r"“(.*)” is not an internationalized domain name: (.*)\.": "„{0}” nie jest poprawną nazwą domeny ze znakami narodowymi.",
    r"“(.*)” is not a web address: (.*)\.": "„{0}” nie jest adresem internetowym.",
    r"“(.*)” is not a VAT number; it starts with a country prefix, such as PL or DE\.": "„{0}” nie jest numerem VAT; zaczyna się on od kodu kraju, na przykład PL lub DE.",
    r"“(.*)” is not a VAT number of the form that (.*) uses\.": "„{0}” nie jest numerem VAT w postaci właściwej dla kraju {1}.",
    r"The check digit of the VAT number “(.*)” does not fit; look for a typing mistake\.": "cyfra kontrolna numeru VAT „{0}” nie zgadza się; proszę sprawdzić, czy nie ma literówki.",
    r"The text holds the invisible character U\+(.*), which is not allowed; type the text again without it\.": "tekst zawiera niedozwolony niewidoczny znak U+{0}; proszę wpisać tekst ponownie bez niego.",
    # files
    r"choose a file, or write a text": "proszę wybrać plik albo wpisać tekst",
    r"(.+) is empty": "plik {0} jest pusty",
    r"(.+) has ([\d.]+ MiB); the limit is ([\d.]+ MiB)": "plik {0} ma {1}; dozwolone jest najwyżej {2}",
    r"(.+) is not a (\w+) file inside, whatever its name says": "zawartość pliku {0} nie jest plikiem {1}, mimo takiej nazwy",
    r"give the file a name of at most (\d+) characters": "nazwa pliku może mieć najwyżej {0} znaków",
    r"the file name holds a path, a control character or a sign that systems forbid; rename it": "nazwa pliku zawiera ścieżkę, znak sterujący lub znak niedozwolony w systemach; proszę ją zmienić",
    r"files of this type are not taken; hand in one of (.+)": "pliki tego rodzaju nie są przyjmowane; można złożyć: {0}",
    r"(.+) has two extensions; rename it so that it has one": "plik {0} ma dwa rozszerzenia; proszę zmienić nazwę tak, aby miał jedno",
    r"only people with a part in this case read its file": "akta czytają tylko osoby biorące udział w sprawie",
    # parts, declarations
    r"the panel is composed between eligibility and its appointment": "skład zespołu ustala się po dopuszczeniu wniosku, a przed powołaniem zespołu",
    r"say which seat the person fills": "proszę wskazać miejsce, które zajmie ta osoba",
    r"choose a seat": "proszę wybrać miejsce w zespole",
    r"this person is no ([a-z ]+) of the body": "ta osoba nie ma w tej instytucji roli: {0:roles}",
    r"this person has acted for the applicant and plays no part in its case": "ta osoba działała w imieniu wnioskodawcy i nie może brać udziału w jego sprawie",
    r"this person plays a part in this case already, and one person plays one part": "ta osoba bierze już udział w tej sprawie, a jedna osoba może mieć tylko jedną rolę",
    r"this person plays no part in this case": "ta osoba nie bierze udziału w tej sprawie",
    r"only people with a part in the case declare interests in it": "oświadczenie składają tylko osoby biorące udział w sprawie",
    r"declare your interests first; the file opens after that": "najpierw należy złożyć oświadczenie o konflikcie interesów; dopiero potem akta zostaną otwarte",
    r"a declared conflict of interest locks this file for you": "zgłoszony konflikt interesów zamyka przed Panią/Panem te akta",
    r"answer every rule": "proszę odpowiedzieć na każde pytanie",
    r"answer yes or no": "proszę odpowiedzieć „tak” albo „nie”",
    r"say what the tie is": "proszę opisać to powiązanie",
    r"only the ([a-z ]+) of this case may do this": "może to zrobić tylko: {0:roles} w tej sprawie",
    r"only the ([a-z ]+) may give this part": "tę rolę może nadać tylko: {0:roles}",
    r"only the ([a-z ]+) may take this step": "ten krok może wykonać tylko: {0:roles}",
    r"only (?:the|an) ([a-z ]+?)(?: or the operator)? may do this": "może to zrobić tylko: {0:roles}",
    # guards
    r"assign a case officer first": "najpierw należy wyznaczyć osobę prowadzącą sprawę",
    r"two verifiers must confirm each issuing identity; (\d+) still open": "każdy klucz muszą potwierdzić dwie osoby weryfikujące; pozostało: {0}",
    r"the panel needs (\d+) to (\d+) members; it has (\d+)": "zespół musi liczyć od {0} do {1} osób; liczy {2}",
    r"the panel needs exactly one chair; it has (\d+)": "zespół musi mieć dokładnie jednego przewodniczącego; ma {0}",
    r"the panel has nobody for: (.+)": "w zespole nie obsadzono miejsc: {0:seats}",
    r"(\d+) on the panel have not declared, or declared a conflict": "liczba osób w zespole, które nie złożyły oświadczenia albo zgłosiły konflikt: {0}",
    r"the panel has not agreed on (\d+) of (\d+) criteria": "zespół nie uzgodnił {0} z {1} ocen",
    r"the committee needs a chair without a conflict": "komisja potrzebuje przewodniczącego bez konfliktu interesów",
    r"the committee needs (\d+) members without a conflict; there are (\d+)": "komisja potrzebuje {0} członków bez konfliktu interesów; jest ich {1}",
    r"open the hearing first": "najpierw należy rozpocząć wysłuchanie",
    r"the institution has not answered yet, and its days are not over": "instytucja jeszcze nie odpowiedziała, a jej termin nie upłynął",
    # review
    r"every member has rated; from here on the panel agrees together": "wszyscy już ocenili; od tej chwili zespół uzgadnia oceny wspólnie",
    r"every member rates alone first; not all have finished": "najpierw każdy ocenia samodzielnie; nie wszyscy skończyli",
    r"criteria are rated while the case is under review": "kryteria ocenia się w czasie oceny",
    r"not handed in: (.+)": "nie złożono: {0}",
    r"at most (\d+) days under this policy": "według tej polityki najwyżej {0} dni",
    r"this rating cannot be recorded": "tej oceny nie można zapisać",
    r"the others' ratings are hidden until every member has rated": "oceny innych osób są ukryte, dopóki wszyscy nie ocenią",
    r"write a summary": "proszę napisać podsumowanie",
    r"write a summary of the report": "proszę napisać podsumowanie raportu",
    r"Choose one of the ratings of this criterion's scale\.": "proszę wybrać jedną z ocen.",
    r"This criterion applies to everybody; choose another rating\.": "to kryterium dotyczy wszystkich; proszę wybrać inną ocenę.",
    r"Give reasons for this rating\.": "proszę uzasadnić tę ocenę.",
    r"Name the evidence that this rating rests on\.": "proszę wskazać dowody, na których opiera się ta ocena.",
    r"Add a recommendation to the applicant\.": "proszę sformułować zalecenie.",
    r"Say which condition would close the gap\.": "proszę sformułować warunek: co trzeba zrobić.",
    # committee and release
    r"members have voted on the motion already; declare its result first": "nad projektem już głosowano; najpierw należy stwierdzić wynik",
    r"this motion cannot be put": "tego projektu rozstrzygnięcia nie można poddać pod głosowanie",
    r"this outcome is not open in this procedure": "takie rozstrzygnięcie nie jest możliwe w tym postępowaniu",
    r"say why the committee differs from what the policy proposes": "proszę uzasadnić, dlaczego komisja odstępuje od propozycji wynikającej z polityki",
    r"the panel has named no condition": "zespół nie sformułował żadnego warunku",
    r"at most (\d+) conditions under this policy": "według tej polityki najwyżej {0} warunków",
    r"a recognition cannot be wider than what was asked for": "uznanie nie może być szersze niż wniosek",
    r"another motion has taken the place of this one": "ten projekt rozstrzygnięcia zastąpiono innym",
    r"you have voted on this motion already": "głos z tego konta w sprawie tego projektu został już oddany",
    r"put a motion first": "najpierw należy poddać projekt rozstrzygnięcia pod głosowanie",
    r"no quorum: (\d+) of (\d+) members have voted": "brak kworum: głosowało {0} z {1} osób",
    r"no majority: (\d+) for, (\d+) against": "brak większości: {0} za, {1} przeciw",
    r"this case is not before the committee": "ta sprawa nie jest rozpatrywana przez komisję",
    r"the first signature is there already; another registrar gives the second": "pierwszy podpis już złożono; drugi składa inna osoba",
    r"a registrar has to give the first signature before the second": "przed drugim podpisem ktoś musi złożyć pierwszy",
    r"the second signature is given by another person than the first": "drugi podpis składa inna osoba niż pierwszy",
    r"this decision has been released already": "ta decyzja została już ogłoszona",
    r"you play a part in this case already; its release is signed by other people": "to konto bierze już udział w tej sprawie; ogłoszenie decyzji podpisują inne osoby",
    r"this recognition has ended already": "to uznanie już się zakończyło",
    r"this hearing cannot be opened": "nie można rozpocząć tego wysłuchania",
    r"the policy does not allow this measure on this ground": "polityka nie dopuszcza tego środka na tej podstawie",
    r"tell the issuer what happened and what may follow": "proszę napisać wydawcy, co się stało i co może nastąpić",
    r"no hearing is open for an answer": "nie ma wysłuchania, na które można odpowiedzieć",
    r"write an answer": "proszę napisać odpowiedź",
    r"write an answer, or say that you have nothing to add": "proszę napisać odpowiedź albo stwierdzić, że nie ma nic do dodania",
    r"you have acted for the applicant, and play no part in its case": "to konto działało w imieniu wnioskodawcy i nie bierze udziału w jego sprawie",
    r"you have acted for the applicant; other people sign what concerns it": "to konto działało w imieniu wnioskodawcy; dotyczące go decyzje podpisują inne osoby",
    r"the mandate of the accreditation body has ended": "mandat jednostki akredytującej wygasł",
    r"the mandate of the accreditation body has ended, or does not reach so far": "mandat jednostki akredytującej wygasł albo nie sięga tak daleko",
    r"the text holds control characters; type it again": "tekst zawiera znaki sterujące; proszę wpisać go ponownie",
    r"this key was compromised and is never listed again; make a new one": "ten klucz został ujawniony i nie trafi już na listę; proszę utworzyć nowy",
    r"you act for the institution too; somebody else at the platform has to confirm this": "to konto działa także w imieniu tej instytucji; profil musi potwierdzić ktoś inny z platformy",
    r"the platform has confirmed this profile already": "platforma potwierdziła już ten profil",
    r"this application has been submitted; what it names is frozen": "wniosek został złożony; podanych w nim kluczy nie można już zmieniać",
    r"you have acted for this institution; other people look at its keys": "to konto działało w imieniu tej instytucji; jej klucze sprawdzają inne osoby",
    r"you act for this institution already": "to konto działa już w imieniu tej instytucji",
    r"you have claimed this institution, or acted for it; other people look at its claims": "to konto zgłosiło tę instytucję lub działało w jej imieniu; jej zgłoszenia sprawdzają inne osoby",
    r"this recognition has ended meanwhile; there is nothing left to suspend or withdraw": "uznanie w tym czasie wygasło; nie ma już czego zawiesić ani cofnąć",
    r"this recognition is suspended already": "to uznanie jest już zawieszone",
    r"a case against this issuer is under way already": "postępowanie wobec tego wydawcy już się toczy",
    r"propose a suspension or a withdrawal": "proszę zaproponować zawieszenie albo cofnięcie uznania",
    r"the committee is fixed once it has begun to vote, or the case is not ready for it": "składu komisji nie można zmienić po rozpoczęciu głosowania albo sprawa nie jest jeszcze na to gotowa",
    r"this person has rated or voted; the part ends only if they declare a conflict": "ta osoba już oceniała lub głosowała; jej udział kończy się tylko po zgłoszeniu konfliktu interesów",
    r"you have declared a conflict of interest; somebody else takes over your part": "zgłoszono konflikt interesów; tę rolę przejmie ktoś inny",
    r"the panel found no gap that a condition could close": "zespół nie stwierdził braku, który mógłby usunąć warunek",
    r"([a-z ]+) is taken on a page of its own": "czynność „{0:action}” wykonuje się na osobnej stronie",
    r"a key cannot be compromised from a day that has not come": "klucz nie może być ujawniony od dnia, który jeszcze nie nadszedł",
    r"this platform identity cannot be named": "nie można podać tego klucza platformy",
    r"the DID document names no key that signs": "dokument DID nie podaje klucza do podpisywania",
    r"this DID cannot be resolved here": "tego DID nie można tu odczytać",
    r"the challenge was not found at the domain": "w domenie nie znaleziono wyzwania",
    r"two different people end a key": "klucz zakańczają dwie różne osoby",
    r"this work is closed already": "ta sprawa jest już zamknięta",
    r"say what you found and did": "proszę napisać, co ustalono i zrobiono",
}
POLISH: Final[Mapping[str, str]] = {
    **_POLISH,
    **{key: value for area in AREAS for key, value in area.POLISH.items()},
}
"""Every sentence, those of the areas among them."""
"""English pattern to Polish sentence; both without capital and full stop where the service speaks so."""


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), polish) for pattern, polish in POLISH.items())


def sentence(message: str) -> str:
    """Return what a service said as one or more whole sentences in the language of the page."""
    return " ".join(_whole(_translated(part)) for part in _parts(message))


def _parts(message: str) -> list[str]:
    """Guards join their sentences with a semicolon, which also stands inside sentences: the longest known ones are taken."""
    if current_language() == "en":
        return [message]
    pieces, found = message.split("; "), []
    while pieces:
        ends = (end for end in range(len(pieces), 1, -1) if _is_known("; ".join(pieces[:end])))
        end = next(ends, 1)
        found.append("; ".join(pieces[:end]))
        pieces = pieces[end:]
    return found


def _is_known(message: str) -> bool:
    return any(pattern.fullmatch(message) for pattern, _ in _patterns())


_STEP: Final = re.compile(r"cannot ([a-z ]+) an application that is ([a-z ]+)")
"""What the table of steps says in words of its own, which pages put into those of the buttons."""


def _translated(message: str) -> str:
    if current_language() == "en":
        step = _STEP.fullmatch(message)
        return (
            f"“{label(Action(_code(step[1])))}” is not possible in the state “{label(State(_code(step[2])))}”"
            if step
            else message
        )
    for pattern, polish in _patterns():
        found = pattern.fullmatch(message)
        if found:
            return polish.format(*(_Word(group or "") for group in found.groups()))
    return str(gettext(message))


def _whole(message: str) -> str:
    text = message[:1].upper() + message[1:]
    return text if text.endswith((".", "!", "?", ":", "…")) else f"{text}."


class _Word(str):
    """A group of a pattern; `{0:roles}`, `{0:state}`, `{0:action}`, `{0:seats}` put the label in the place of the code."""

    def __format__(self, kind: str) -> str:
        return _NAMES[kind](str(self)) if kind else str(self)


def _roles(words: str) -> str:
    return ", ".join(_role(word) for word in words.removesuffix(" of the body").split(" or "))


def _role(word: str) -> str:
    code = word.strip().replace(" ", "_")
    for kind in (Role, CaseRole):
        if code in kind.__members__.values():
            return label(kind(code)).lower()
    return word


def _code(words: str) -> str:
    return words.replace(" ", "_")


def _state(word: str) -> str:
    return label(State(_code(word))).lower()


def _action(word: str) -> str:
    return label(Action(_code(word))).lower()


def _seats(words: str) -> str:
    return ", ".join(label(PanelSeat(word.replace(" ", "_"))).lower() for word in words.split(", "))


_NAMES: Final[Mapping[str, Callable[[str], str]]] = {
    "roles": _roles,
    "state": _state,
    "action": _action,
    "seats": _seats,
    "given": given,
}
