"""Accounts are folded by themselves: nobody sees the others, nor what is poisonous there (P7, P15)."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.properties.folding import FEW, essence, essences, run, said
from tests.properties.strategies import IN_TIME, MONDAY, SLOTS, TOO_LATE, Happening, happenings, world


@FEW
@given(happenings(accounts=3, actions=True, lags=IN_TIME + TOO_LATE))
def test_accounts_do_not_see_each_other(drawn):
    drawn = [with_a_seller_of_its_own(one) for one in drawn]
    together = run(world(3), drawn)
    lines = said(together)
    for account in together.histories:
        alone = run(world(3), [one for one in drawn if one.account == account])
        assert essence(alone.histories[account].state) == essence(together.histories[account].state)
        assert said(alone, account) == [line for line in lines if line[0] == account]


def with_a_seller_of_its_own(one: Happening) -> Happening:
    """Let another person sell to each account: what one of ours does elsewhere is the one thing that counts (W03)."""
    event_type, data = one.mould
    own = {"actor": f"{data['actor']} of {one.account}"} if event_type.startswith("sales.") and "actor" in data else {}
    return replace(one, mould=(event_type, data | own))


@FEW
@given(happenings(accounts=2, lags=IN_TIME + TOO_LATE), happenings(lags=TOO_LATE, actions=True, most=10))
def test_what_is_poisonous_at_one_account_is_nothing_to_the_others(drawn, poison):
    calm, hit = world(3), world(3)
    drawn = [replace(one, account="core" if one.account == "acme" else "bolt") for one in drawn]
    odd = [replace(one, number=100 + one.number) for one in poison]
    run(calm, drawn)
    run(hit, sorted([*drawn, *odd], key=lambda one: one.time + one.lag))

    assert [line for line in said(hit) if line[0] != "acme"] == said(calm)


@FEW
@given(
    st.one_of(happenings(actions=True), happenings(actions=True, lags=(0,))),
    st.lists(st.tuples(st.integers(0, 23), st.sampled_from(SLOTS)), max_size=8),
)
def test_events_of_unknown_types_change_nothing_even_at_their_own_account(drawn, when):
    calm, hit = world(), world()
    times = [MONDAY + timedelta(days=day, minutes=slot) for day, slot in when]
    mould = ("acme.custom.happened", {"x": 1})
    odd = [Happening(100 + number, mould, "acme", at, timedelta()) for number, at in enumerate(times)]
    run(calm, drawn)
    run(hit, sorted([*drawn, *odd], key=lambda one: one.time + one.lag))

    assert essences(hit) == essences(calm)
    if not any(one.lag for one in drawn):
        # Something in between makes a late event one that rewinds, and of a rewind only the difference goes out.
        assert said(hit) == said(calm)


@FEW
@given(happenings(lags=TOO_LATE))
def test_what_comes_too_late_raises_nothing(drawn):
    found = run(world(), drawn)

    assert [line for line in said(found) if line[2] in ("alert.raised", "workflow.started")] == []
