"""VAT numbers of the European Union, Northern Ireland, Norway and Switzerland: country prefix, form, check
digits.

Forms: European Commission, VIES, "structure of VAT numbers". Check digits are computed where the rule is
certain; elsewhere the form alone is checked. Greek numbers start with EL, as VIES writes them.
"""

import re
from collections.abc import Callable, Mapping

from registry.domain import check_digits
from registry.errors import InvalidInput

FORMS: Mapping[str, str] = {
    "AT": r"U\d{8}",
    "BE": r"[01]\d{9}",
    "BG": r"\d{9,10}",
    "CHE": r"\d{9}(MWST|TVA|IVA)?",
    "CY": r"\d{8}[A-Z]",
    "CZ": r"\d{8,10}",
    "DE": r"\d{9}",
    "DK": r"\d{8}",
    "EE": r"\d{9}",
    "EL": r"\d{9}",
    "ES": r"[A-Z]\d{7}[A-Z0-9]|\d{8}[A-Z]",
    "FI": r"\d{8}",
    "FR": r"[A-HJ-NP-Z0-9]{2}\d{9}",
    "HR": r"\d{11}",
    "HU": r"\d{8}",
    "IE": r"\d[A-Z0-9+*]\d{5}[A-Z]|\d{7}[A-W][A-I]",
    "IT": r"\d{11}",
    "LT": r"\d{9}|\d{12}",
    "LU": r"\d{8}",
    "LV": r"\d{11}",
    "MT": r"\d{8}",
    "NL": r"[A-Z0-9+*]{10}\d{2}",
    "NO": r"\d{9}(MVA)?",
    "PL": r"\d{10}",
    "PT": r"\d{9}",
    "RO": r"\d{2,10}",
    "SE": r"\d{10}01",
    "SI": r"\d{8}",
    "SK": r"\d{10}",
    "XI": r"\d{9}|\d{12}|(GD|HA)\d{3}",
}
CHECKS: Mapping[str, Callable[[str], bool]] = {
    "BE": check_digits.vat_be,
    "DE": check_digits.mod_11_10,
    "PL": check_digits.nip,
    "PT": check_digits.vat_pt,
    "SK": check_digits.vat_sk,
}


def parse_vat(text: str) -> str:
    """Return the number with its country prefix, capitals, without spaces, dots and hyphens; GR becomes EL.

    Raises:
        InvalidInput: no prefix, a form that the country does not use, or wrong check digits.
    """
    number = re.sub(r"[\s.\-/]", "", text).upper()
    if number.startswith("GR"):
        number = f"EL{number[2:]}"
    prefix = "CHE" if number.startswith("CHE") else number[:2]
    if prefix not in FORMS:
        raise InvalidInput(
            f"“{text}” is not a VAT number; it starts with a country prefix, such as PL or DE."
        )
    body = number.removeprefix(prefix)
    if not re.fullmatch(FORMS[prefix], body, re.ASCII):
        raise InvalidInput(f"“{text}” is not a VAT number of the form that {prefix} uses.")
    if prefix in CHECKS and not CHECKS[prefix](body):
        raise InvalidInput(
            f"The check digit of the VAT number “{text}” does not fit; look for a typing mistake."
        )
    return number
