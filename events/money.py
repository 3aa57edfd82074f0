"""How much is an amount of money, as an exact integer of its minor unit?"""

from decimal import ROUND_HALF_EVEN, Decimal

_DECIMALS_USUAL = 2
# ISO 4217, the currencies whose minor unit is not a hundredth.
_DECIMALS_OF = {
    **dict.fromkeys(
        "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0
    ),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}


def minor_units(amount: int | str, currency: str) -> int:
    """Return the amount in minor units: integers are, decimal strings are converted.

    Digits finer than the minor unit are rounded half to even. Raises
    `decimal.InvalidOperation` for a string that `Money` would have refused.

    >>> minor_units(120000, "EUR"), minor_units("1200.00", "EUR")
    (120000, 120000)
    >>> minor_units("1200", "JPY")
    1200
    """
    if isinstance(amount, int):
        return amount
    places = _DECIMALS_OF.get(currency, _DECIMALS_USUAL)
    exact = Decimal(amount).scaleb(places)
    return int(exact.to_integral_value(ROUND_HALF_EVEN))
