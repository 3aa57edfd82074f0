"""The score of an account: by class of user, from each person's latest answer, as it stands at a moment."""

from datetime import UTC, datetime, timedelta

import pytest

from workflows.account import AccountState, Contact, decode, encode
from workflows.nps import coverage, is_split, learn_answer, score_before, score_now, steps_fallen
from workflows.standing import Answer, Standing

DAY = timedelta(days=1)
AT = datetime(2026, 3, 3, 10, tzinfo=UTC)


def account(roles, answers):
    """Make an account of contacts with roles, and answers as (contact, score, days ago, wave)."""
    state = AccountState("acme", standing=Standing())
    state.contacts = {name: Contact(name, role=role) for name, role in roles.items()}
    for number, (contact, score, ago, wave) in enumerate(answers):
        learn_answer(state.standing, contact, Answer(score, AT - ago * DAY, f"e-{number}", wave))
    return state


def test_twenty_content_users_do_not_outweigh_the_one_who_decides():
    users = {f"u{n}": "casual" for n in range(20)}
    state = account({"jo": "decision_maker", **users}, [*((one, 9, 1, "Q1") for one in users), ("jo", 3, 0, "Q1")])

    score = score_now(state, AT)

    assert score.classes == {"decision_maker": (3.0, 1), "casual": (9.0, 20)}
    assert (score.value, score.band) == (4.2, "detractor")  # (4 x 3 + 1 x 9) / 5


@pytest.mark.parametrize(
    ("ago", "value"),
    [(180, 9.0), (181, None)],
    ids=["on its 180th day it counts", "a day later it does not"],
)
def test_an_answer_ages_without_a_clock(ago, value):
    assert score_now(account({}, [("jo", 9, ago, "Q1")]), AT).value == value


def test_only_the_latest_answer_of_a_person_counts_and_the_former_is_kept_for_comparison():
    state = account({}, [("jo", 10, 90, "Q4"), ("jo", 2, 0, "Q1")])

    assert score_now(state, AT).value == 2
    assert score_before(state, AT).value == 10
    assert steps_fallen(state, AT) == 2


def test_a_fall_over_several_answers_of_a_wave_is_counted_from_before_the_wave():
    former = [("al", 9, 60, "Q4"), ("bo", 9, 60, "Q4")]

    state = account({"al": "power", "bo": "admin"}, [*former, ("al", 4, 1, "Q1"), ("bo", 7, 0, "Q1")])

    assert score_before(state, AT).band == "passive"
    assert steps_fallen(state, AT) == 2


@pytest.mark.parametrize(("decider", "other", "split"), [(3, 9, True), (9, 3, True), (3, 3, False), (7, 9, False)])
def test_deciders_against_all_others_are_a_split_either_way(decider, other, split):
    state = account({"jo": "decision_maker", "al": "power"}, [("jo", decider, 0, "Q1"), ("al", other, 0, "Q1")])

    assert is_split(state, AT) is split


def test_a_score_without_most_of_the_classes_is_thin():
    roles = {"jo": "decision_maker", "al": "power", "bo": "admin"}

    assert coverage(account(roles, [("al", 9, 0, "Q1")]), AT) == pytest.approx(1 / 3)
    assert coverage(account({}, [("al", 9, 0, "Q1")]), AT) == 1.0


def test_a_standing_is_the_same_after_it_was_written_down_and_read_back():
    state = account({"jo": "admin"}, [("jo", 10, 90, "Q4"), ("jo", 2, 0, "Q1")])

    assert encode(decode(encode(state))) == encode(state)
    assert steps_fallen(decode(encode(state)), AT) == 2
