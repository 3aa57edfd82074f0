"""What happened at the made-up company in one quarter, in the order in which its systems knew of it?"""

from __future__ import annotations

from datetime import date

from nofumble.sample.company import Customer, customers, register_everybody
from nofumble.sample.company_life import market, need_support, pay, run_company, survey, use_product
from nofumble.sample.customer_life import LAST_DAY, ask_product, first_day, meet, promise, sell, touch, win_prospects
from nofumble.sample.occasions import bring_occasions
from nofumble.sample.plots import tell_stories
from nofumble.sample.script import Envelope, Script

START = date(2026, 1, 5)
SEED = 7
ACCOUNTS = 40

# The stories must not be disturbed by what happens by chance at the same account.
_NEW_IN_STORIES = {"alpine": 6, "northwind": 11}
_NO_SALES = frozenset({"alpine", "northwind", "harbour", "lumen"})
_NO_TICKETS = frozenset({"alpine", "northwind", "mistral", "ferro"})
_NO_REQUESTS = frozenset({"alpine", "northwind", "quarry"})
_REQUEST_EVERY = 2


def quarter(seed: int = SEED, accounts: int = ACCOUNTS, start: date = START) -> list[Envelope]:
    """Give the events of 64 working days from `start`, as envelopes in order of arrival, about 2,500 at 40 accounts.

    The same arguments give the same events. The stories of `STORIES` are always in it, on the same working days and
    hours; chance only draws the life around them. At least the accounts of the stories are there.
    """
    script = Script(seed=seed, start=start)
    everyone = customers(script, accounts)
    register_everybody(script, everyone)
    tell_stories(script, {customer.id: customer for customer in everyone})
    signed = _signing_days(everyone)
    win_prospects(script, everyone, signed, set(_NEW_IN_STORIES))
    for number, customer in enumerate(everyone):
        _live(script, customer, number, min(first_day(customer, signed), LAST_DAY - 15))
    run_company(script, everyone)
    bring_occasions(script, {customer.id: customer for customer in everyone})
    return script.in_order_of_arrival()


def _signing_days(everyone: tuple[Customer, ...]) -> dict[str, int]:
    """Spread the signatures of the prospects that no story tells over the quarter."""
    others = [customer.id for customer in everyone if customer.joins and customer.id not in _NEW_IN_STORIES]
    return _NEW_IN_STORIES | {account: 8 + (5 * place) % 35 for place, account in enumerate(others)}


def _live(script: Script, customer: Customer, number: int, since: int) -> None:
    if customer.id not in _NEW_IN_STORIES:
        touch(script, customer, since)
        meet(script, customer, since)
        promise(script, customer, since)
    if customer.id not in _NO_SALES:
        sell(script, customer, since)
    if customer.id not in _NO_TICKETS:
        need_support(script, customer, since)
    if customer.id not in _NO_REQUESTS and number % _REQUEST_EVERY == 0:
        ask_product(script, customer, number, since)
    use_product(script, customer, since)
    pay(script, customer, since)
    survey(script, customer)
    market(script, customer, since)
