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
    drawn = [of_its_own(one) for one in drawn]
    together = run(world(3), drawn)
    lines = said(together)
    for account in together.histories:
        alone = run(world(3), [one for one in drawn if one.account == account])
        assert essence(alone.histories[account].state) == essence(together.histories[account].state)
        assert said(alone, account) == [line for line in lines if line[0] == account]


def of_its_own(one: Happening) -> Happening:
    """Give each account a seller and requests of its own: both count across accounts (W03, W08)."""
    event_type, data = one.mould
    own = {name: value for name, value in data.items() if name != "accounts"}
    if event_type.startswith("sales.") and "actor" in own:
        own["actor"] = f"{own['actor']} of {one.account}"
    if "request_id" in own:
        own["request_id"] = f"{own['request_id']} of {one.account}"
    return replace(one, mould=(event_type, own))


@FEW
@given(happenings(accounts=2, lags=IN_TIME + TOO_LATE), happenings(lags=TOO_LATE, actions=True, most=10))
def test_what_is_poisonous_at_one_account_is_nothing_to_the_others(drawn, poison):
    calm, hit = world(3), world(3)
    drawn = [of_its_own(replace(one, account="core" if one.account == "acme" else "bolt")) for one in drawn]
    odd = [of_its_own(replace(one, number=100 + one.number)) for one in poison]
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
