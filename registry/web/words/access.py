"""Words of programs that use the API: what services say when they refuse one."""
# ruff: noqa: E501 - a sentence and its translation stay on one line each, to be read side by side

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from registry.domain.trust_list import Text

POLISH: Final[Mapping[str, str]] = {
    r"only a person may do this, not a program": "może to zrobić tylko człowiek, nie program",
    r"only a person may take this step, not a program": "ten krok może wykonać tylko człowiek, nie program",
    r"a program cannot hold this role; it is for people": "program nie może pełnić tej roli; jest ona przeznaczona dla ludzi",
    r"the program cannot be registered: check the fields named": "nie można zarejestrować programu: proszę sprawdzić wskazane pola",
    r"give the program a name of 1 to 100 characters": "proszę nadać programowi nazwę o długości od 1 do 100 znaków",
    r"a program belongs to one body or to one institution": "program należy do jednej jednostki albo do jednej instytucji",
    r"choose at least one role": "proszę wybrać co najmniej jedną rolę",
    r"only the administrator of the body, or the owner of the institution, has charge of its programs": "programami zarządza tylko administrator jednostki albo administrator konta instytucji",
    r"this program has been shut out; register a new one": "ten program wyłączono; proszę zarejestrować nowy",
    r"There is no such program\.": "Nie ma takiego programu.",
}

LABELS: Final[Mapping[type[StrEnum], Mapping[str, Text]]] = {}

SPEAKERS: Final = ("services/programs.py", "services/api_clients.py")
