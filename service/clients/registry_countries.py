"""Countries as a trial registry writes them → ISO 3166."""

from __future__ import annotations

import re
from functools import cache

_BRACKETS = re.compile(r"\s*\([^)]*\)\s*\Z")

# What registries write and ISO writes otherwise, or wrote once; in lower case. A state that broke into several is not here.
_OTHER_NAMES = {
    "brunei": "BN",
    "burma": "MM",
    "cape verde": "CV",
    "cote d'ivoire": "CI",
    "democratic republic of the congo": "CD",
    "east timor": "TL",
    "ivory coast": "CI",
    "libyan arab jamahiriya": "LY",
    "macau": "MO",
    "macedonia, the former yugoslav republic of": "MK",
    "micronesia": "FM",
    "palestinian territories, occupied": "PS",
    "palestinian territory, occupied": "PS",
    "reunion": "RE",
    "russia": "RU",
    "swaziland": "SZ",
    "turkey": "TR",
}


@cache
def country_code(name: str) -> str:
    """Return the two letters of a country's name, whole and never guessed from a part; empty where it is not known.

    A second name in brackets, as in `Turkey (Türkiye)`, is left aside where the whole is not known.
    """
    import pycountry  # noqa: PLC0415 - only a synchronisation needs the countries

    for text in dict.fromkeys((name.strip(), _BRACKETS.sub("", name).strip(), name.strip().removeprefix("The "))):
        if len(text) <= 3:  # noqa: PLR2004 - the longest of the codes: a code is no name
            continue
        if code := _OTHER_NAMES.get(text.casefold()):
            return code
        try:
            return str(pycountry.countries.lookup(text).alpha_2)
        except LookupError:
            continue
    return ""
