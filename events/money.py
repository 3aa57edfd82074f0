"""How much is an amount of money, as an exact integer of its minor unit?"""

from decimal import ROUND_HALF_EVEN, Decimal

_DECIMALS_USUAL = 2
_DECIMALS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
"""ISO 4217: the currencies whose minor unit is not a hundredth, by their decimals."""


def minor_units(amount: int | str, currency: str) -> int:
    """Return the amount in minor units: integers are, decimal strings are converted.

    Digits finer than the minor unit are rounded half to even. Raises
    `decimal.InvalidOperation` for a string that `Money` would have refused.

    >>> minor_units(120000, "EUR"), minor_units("1200.00", "EUR"), minor_units("1200", "JPY")
    (120000, 120000, 1200)
    """
    if isinstance(amount, int):
        return amount
    exact = Decimal(amount).scaleb(_decimals_of(currency))
    return int(exact.to_integral_value(ROUND_HALF_EVEN))


def in_words(minor: int, currency: str) -> str:
    """Return an amount of minor units as people write it.

    >>> in_words(120050, "EUR"), in_words(-1200, "JPY")
    ('1,200.50 EUR', '-1,200 JPY')
    """
    places = _decimals_of(currency)
    return f"{Decimal(minor).scaleb(-places):,.{places}f} {currency}"


def _decimals_of(currency: str) -> int:
    return next((places for places, codes in _DECIMALS.items() if currency in codes.split()), _DECIMALS_USUAL)
