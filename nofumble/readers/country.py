"""Which ISO 3166 code has a country that a source writes out by name?

Only the code is used further (for holidays), so a name that is not in the table gives None rather than a guess. The
short names and a misspelling seen in a real export are in it; "Korea" alone is the south, as in everyday use.
"""

from __future__ import annotations

_NAMES = {
    "AE": "united arab emirates, uae",
    "AR": "argentina",
    "AT": "austria",
    "AU": "australia",
    "BE": "belgium",
    "BR": "brazil, brasil",
    "CA": "canada",
    "CH": "switzerland",
    "CL": "chile",
    "CN": "china",
    "CO": "colombia",
    "CZ": "czechia, czech republic",
    "DE": "germany",
    "DK": "denmark",
    "EG": "egypt",
    "ES": "spain",
    "FI": "finland",
    "FR": "france",
    "GB": "united kingdom, uk, great britain, england",
    "GR": "greece",
    "HU": "hungary",
    "ID": "indonesia",
    "IE": "ireland",
    "IL": "israel",
    "IN": "india",
    "IT": "italy",
    "JO": "jordan",
    "JP": "japan",
    "KE": "kenya",
    "KR": "korea, south korea, republic of korea",
    "MX": "mexico",
    "MY": "malaysia",
    "NG": "nigeria",
    "NL": "netherlands, holland",
    "NO": "norway",
    "NZ": "new zealand",
    "PA": "panama",
    "PE": "peru",
    "PH": "philippines, philipines",
    "PL": "poland",
    "PT": "portugal",
    "RO": "romania",
    "RU": "russia, russian federation",
    "SE": "sweden",
    "SG": "singapore",
    "TH": "thailand",
    "TR": "turkey, türkiye",
    "TW": "taiwan",
    "UA": "ukraine",
    "US": "united states, usa, united states of america",
    "VN": "vietnam, viet nam",
    "ZA": "south africa",
}
_CODES = {name.strip(): code for code, names in _NAMES.items() for name in names.split(",")}


def country_code(name: str) -> str | None:
    """Give the two-letter code of a country's English name or of a code itself, or None.

    >>> country_code("Philipines"), country_code("us"), country_code("Atlantis")
    ('PH', 'US', None)
    """
    plain = " ".join(name.casefold().split())
    return plain.upper() if plain.upper() in _NAMES else _CODES.get(plain)
