"""Words of certificates that the registry issues: why a request is refused."""
# ruff: noqa: E501 - a sentence and its translation stay on one line each, to be read side by side

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from registry.domain.trust_list import Text

POLISH: Final[Mapping[str, str]] = {
    r"this registry issues no certificates; name your key itself, or a certificate from elsewhere": "ten rejestr nie wystawia certyfikatów; proszę podać sam klucz albo certyfikat uzyskany gdzie indziej",
    r"this holds a private key: never hand it to anybody, make a new one, and give the request alone": "to zawiera klucz prywatny: nie należy go nikomu przekazywać; proszę wygenerować nowy i podać samo żądanie",
    r"this is no readable certificate signing request \(PKCS#10, PEM\)": "to nie jest czytelne żądanie podpisania certyfikatu (PKCS#10, PEM)",
    r"the request is not signed by its own key, or with MD5 or SHA-1; make it again with SHA-256": "żądanie nie jest podpisane swoim własnym kluczem albo użyto MD5 lub SHA-1; proszę utworzyć je ponownie z SHA-256",
    r"the request is for the organization (.+); O has to be the legal name, (.+)": "żądanie dotyczy organizacji: {0}; w polu O musi być nazwa prawna: {1}",
    r"the request is for the country (.+); C has to be (.+)": "żądanie dotyczy kraju: {0}; w polu C musi być: {1}",
    r"the RSA key has (\d+) bits; (\d+) is the least for a new certificate": "klucz RSA ma {0} bitów; dla nowego certyfikatu potrzeba co najmniej {1}",
    r"use a P-256, P-384, Ed25519 or RSA key; lists can carry no other": "proszę użyć klucza P-256, P-384, Ed25519 lub RSA; listy nie obsługują innych",
    r"“(.*)” cannot stand in a certificate: it needs 1 to (\d+) characters\.": "„{0}” nie może znaleźć się w certyfikacie: wymagane jest od 1 do {1} znaków.",
}
LABELS: Final[Mapping[type[StrEnum], Mapping[str, Text]]] = {}
SPEAKERS: Final = ("services/certificate_requests.py", "signing/requests.py")
