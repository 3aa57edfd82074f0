"""What is at risk at an account, in money, so that matters can be ranked (B6)."""

BY_TIER = {1: 100_000.0, 2: 30_000.0}
"""What an account without a known revenue counts as, by its tier."""

OTHERWISE = 10_000.0


def money_at_risk(arr: int | None, tier: int | None) -> float:
    """Give the yearly revenue of an account, of which `arr` is the hundredfold; an estimate where it is not known.

    >>> money_at_risk(0, 1), money_at_risk(1_250_000, 1)
    (100000.0, 12500.0)
    """
    return arr / 100 if arr else BY_TIER.get(tier or 0, OTHERWISE)
