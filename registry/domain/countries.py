"""Countries by ISO 3166-1 alpha-2 code, with the two codes that EU institutions write differently."""

from registry.errors import InvalidInput

_CODES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW
BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI
FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN
IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME
MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF
PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV
SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE
YT ZA ZM ZW
"""
COUNTRIES: frozenset[str] = frozenset(_CODES.split())

# The EU interinstitutional style guide, 7.1.1, writes EL for Greece and UK for the United Kingdom.
EU_SPELLINGS = {"EL": "GR", "UK": "GB"}


def parse_country(text: str) -> str:
    """Return the ISO 3166-1 alpha-2 code in capitals; `EL` becomes `GR` and `UK` becomes `GB`.

    Raises:
        InvalidInput: no country has this code.
    """
    code = text.strip().upper()
    code = EU_SPELLINGS.get(code, code)
    if code not in COUNTRIES:
        raise InvalidInput(
            f"“{text}” is not a country code; write two letters of ISO 3166-1, such as PL or IE."
        )
    return code
