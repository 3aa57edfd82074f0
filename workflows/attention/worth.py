"""What is at risk at an account, in money, so that matters can be ranked (B6)."""

from workflows.account import AccountState

BY_TIER = {1: 100_000.0, 2: 30_000.0}
"""What an account without a known revenue counts as, by its tier."""

OTHERWISE = 10_000.0


def money_at_risk(state: AccountState) -> float:
    """Give the yearly revenue of an account, in its own currency's units; an estimate where it is not known.

    >>> money_at_risk(AccountState(id="acme", tier=1))
    100000.0
    """
    return state.arr / 100 if state.arr else BY_TIER.get(state.tier, OTHERWISE)
