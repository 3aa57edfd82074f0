"""A new owner, and nothing is lost (W21)."""

import pytest

from tests.scenarios.scenario import Story
from workflows.account import Loop, Task, is_open

LEFT, CHANGED, WROTE = "people.user.left", "cs.owner.changed", "customer.message.received"


def customer(loops=0, **facts):
    roles = {"csm": "dana", "am": "sam", "cs_manager": "kim", "sales_manager": "lee", "pm": "pat"}
    story = Story(roles=roles, lifecycle="live", tier=3, **facts)
    for number in range(loops):
        story.on(
            "Fri 03-06 09:00",
            WROTE,
            thread_id=f"th-{number}",
            to=["dana"],
            expects_reply=True,
            **{"from": f"c{number}"},
        )
    return story


def leaves(story, when="Fri 03-06 10:00", **more):
    return story.on(when, LEFT, subject="dana", name="gone", person="dana", **more)


def accepts(story, when, person="lou"):
    return story.on(when, "task.accepted", workflow="owner_change_continuity", ref="B1", actor={"person": person})


def held_by(story, person):
    work = (one for one in story.work() if is_open(one))
    return [one for one in work if isinstance(one, Task | Loop) and _holder(one) == person]


def _holder(item):
    return (item.to if isinstance(item, Task) else item.holder).person


def test_a_csm_leaves_with_seven_open_loops_and_none_is_without_a_holder():
    story = leaves(customer(7))

    bundle = story.last("task.offered", "B1")["bundle"]
    assert len(bundle) == 7
    assert all(one["loop"] and len(one["tasks"]) == 1 for one in bundle)
    assert held_by(story, "dana") == []
    assert len([one for one in held_by(story, "kim") if isinstance(one, Loop)]) == 7

    accepts(story, "Mon 03-09 10:00")
    assert len([one for one in held_by(story, "lou") if isinstance(one, Loop)]) == 7


def test_until_it_is_accepted_the_work_stays_with_a_former_owner_who_is_still_here():
    story = customer(2).on("Fri 03-06 10:00", CHANGED, **{"from": "dana", "to": "lou"})
    assert len([one for one in held_by(story, "dana") if isinstance(one, Loop)]) == 2

    accepts(story, "Mon 03-09 10:00")
    assert story.told("loop.passed") == ["Mon 03-09 10:00 loop.passed L1 dana>lou"] * 2


def test_no_due_time_moves_with_the_holder():
    story = customer(1)
    before = story.work("T1")[0].due
    accepts(story.on("Fri 03-06 10:00", CHANGED, **{"from": "dana", "to": "lou"}), "Fri 03-06 11:00")

    assert [(one.to.person, one.due) for one in story.work("T1") if one.workflow == "responsiveness_guard"] == [
        ("lou", before)
    ]


def test_the_ladder_of_what_was_handed_over_goes_on_where_it_was():
    story = Story("product_request_relay", roles={"csm": "dana", "pm": "pat", "product_lead": "pia"}, lifecycle="live")
    story.on("Tue 03-03 10:00", "product.request.submitted", request_id="R", problem="p", asker="jo")
    alone = story.until("Fri 03-06 18:00").told("escalation.raised")

    story = Story(roles={"csm": "dana", "pm": "pat", "product_lead": "pia"}, lifecycle="live")
    story.on("Tue 03-03 10:00", "product.request.submitted", request_id="R", problem="p", asker="jo")
    story.on("Wed 03-04 10:00", "product.owner.changed", **{"from": "pat", "to": "max"})
    accepts(story, "Wed 03-04 11:00", "max").until("Fri 03-06 18:00")
    found = [one for one in story.told("escalation.raised", "T2") if "T2 rung" in one and "pia" not in one]

    assert [one.replace("pat", "max") for one in alone if "T2" in one and "pia" not in one][:1] == found[:1]


def test_an_account_where_she_has_no_part_is_not_touched():
    story = customer().on("Mon 01-05 10:00", "account.registered", subject="beta", name="Beta", roles={"csm": "max"})
    leaves(story)

    assert story.world.histories["beta"].state.instances == {}


def test_work_without_a_role_is_a_part_too():
    story = Story(roles={"csm": "max", "cs_manager": "kim"}, lifecycle="live")
    story.on("Fri 03-06 09:00", WROTE, thread_id="th", to=["dana"], expects_reply=True, **{"from": "jo"})

    assert [one.ref for one in held_by(leaves(story), "kim") if isinstance(one, Loop)] == ["L1"]


@pytest.mark.parametrize(("until", "begins"), [("2026-03-27", True), ("2026-03-17", False)])
def test_an_absence_of_more_than_ten_business_days_is_a_change(until, begins):
    story = customer(1).on(
        "Fri 03-06 10:00", "people.user.away_set", subject="dana", person="dana", to=until, delegate="lou"
    )

    assert bool(story.open("B1")) is begins
    if begins:
        assert story.open("B1") == ["B1 offered lou"]


def test_nobody_accepts_and_the_manager_hears_of_it():
    story = leaves(customer(1)).until("Thu 03-12 18:00")

    assert story.told("A1", "urgent", "kim")[-1:] == ["Wed 03-11 17:00 alert.raised A1 urgent kim"]


def test_the_customer_is_told_before_the_new_owner_writes():
    story = customer().on("Tue 03-03 10:00", CHANGED, **{"from": "dana", "to": "lou"})
    assert story.open("T3", "T4") == ["T3 proposed dana"]

    story.on("Wed 03-04 10:00", "cs.contact.logged", direction="out", topic="owner_change", actor={"person": "dana"})
    assert story.open("T3", "T4") == ["T4 proposed lou"]


def test_the_dossier_is_due_a_day_before_the_last_one():
    story = customer().on("Tue 03-03 10:00", CHANGED, effective="2026-03-06", **{"from": "dana", "to": "lou"})

    assert story.told("T1") == ["Tue 03-03 10:00 task.proposed T1 dana due Thu 03-05 17:00"]


def test_a_change_that_was_accepted_and_is_taken_back_is_another_change():
    story = customer(1).on("Fri 03-06 10:00", CHANGED, **{"from": "dana", "to": "lou"})
    accepts(story, "Fri 03-06 11:00").on("Fri 03-06 12:00", CHANGED, **{"from": "lou", "to": "dana"})

    assert story.last("task.offered", "B1")["to"]["person"] == "dana"
    assert "th-0" in [one["key"] for one in story.last("task.offered", "B1")["bundle"]]


def test_a_departure_that_is_known_late_is_the_same_in_the_end():
    late = leaves(customer(1), arrived="Fri 03-06 15:00")
    in_time = leaves(customer(1)).until("Fri 03-06 15:00")

    assert late.open("B1", "L1") == in_time.open("B1", "L1")


def test_nudges_go_to_the_new_owner_for_two_business_days():
    story = customer(1).on("Fri 03-06 10:00", CHANGED, **{"from": "dana", "to": "lou"}).until("Mon 03-09 18:00")

    raised = [one for one in story.raised() if "A1 info" in one or "A2 warn lou" in one]
    assert raised == ["Fri 03-06 13:00 alert.raised A1 info lou", "Fri 03-06 17:00 alert.raised A2 warn lou"]


def test_a_change_that_is_taken_back_within_a_day_ends_it_though_the_way_back_has_an_id_of_its_own():
    story = customer().on("Tue 03-03 10:00", CHANGED, change_id="W-1", **{"from": "dana", "to": "lou"})
    story.on("Wed 03-04 09:00", CHANGED, change_id="W-2", **{"from": "lou", "to": "dana"})

    told = story.told()
    assert any("workflow.cancelled" in line and "reverted" in line for line in told)
    assert sum("workflow.started" in line for line in told) == 1


@pytest.mark.parametrize(
    ("since", "until", "is_long"),
    [
        ("2026-03-09", "2026-03-20", False),  # Monday to Friday of the next week: ten working days
        ("2026-03-09", "2026-03-23", True),  # and the Monday after: eleven
        ("2026-03-05", "2026-03-18", False),
        ("2026-03-05", "2026-03-19", True),
        ("2026-04-01", "2026-04-14", False),
    ],
)
def test_an_absence_is_handed_over_from_eleven_working_days_on_whenever_it_was_told(since, until, is_long):
    story = customer()
    story.on("Tue 03-03 10:00", "people.user.away_set", subject="dana", person="dana", **{"from": since, "to": until})

    assert any("workflow.started" in line for line in story.told()) is is_long


def absent(story, until="2026-03-27", delegate="lou"):
    """Dana is away from Monday the 9th; her first morning after the 27th is Monday the 30th."""
    data = {"person": "dana", "from": "2026-03-09", "to": until, "delegate": delegate}
    return story.on("Fri 03-06 10:00", "people.user.away_set", subject="dana", name="away", **data)


def takes_back(story, when):
    return story.on(when, "task.accepted", workflow="owner_return", ref="B1", actor={"person": "dana"})


def test_who_is_back_is_offered_what_was_handed_over_and_has_it_when_she_accepts():
    story = accepts(absent(customer(2)), "Mon 03-09 10:00").until("Mon 03-30 10:00")
    assert story.open("B1") == ["B1 offered dana"]
    assert len(story.last("task.offered", "B1")["bundle"]) == 2
    assert [one for one in held_by(story, "dana") if isinstance(one, Loop)] == []

    takes_back(story, "Mon 03-30 11:00")
    assert len([one for one in held_by(story, "dana") if isinstance(one, Loop)]) == 2
    assert [one for one in held_by(story, "lou") if isinstance(one, Loop)] == []


def test_what_is_owed_by_when_does_not_move_on_the_way_there_and_back():
    story = customer(1)
    before = story.work("L1")[0], story.work("T1")[0].due
    accepts(absent(story), "Mon 03-09 10:00").until("Mon 03-30 10:00")
    takes_back(story, "Mon 03-30 11:00")

    after = next(one for one in story.work("T1") if one.workflow == "responsiveness_guard")
    assert (after.due, after.to.away) == (before[1], None)


def test_what_was_closed_while_she_was_away_does_not_come_back():
    story = accepts(absent(customer(1)), "Mon 03-09 10:00")
    story.on("Mon 03-09 11:00", "cs.contact.logged", thread_id="th-0", direction="out", actor={"person": "lou"})
    story.until("Mon 03-30 10:00")

    assert "B1 offered dana" not in story.open("B1")


def test_a_bundle_that_nobody_accepted_has_nothing_to_come_back():
    story = absent(customer(1)).until("Mon 03-30 10:00")

    assert story.open("B1") == ["B1 offered lou"]


def test_a_longer_absence_is_waited_for_and_one_without_an_end_is_not():
    story = accepts(absent(customer(1)), "Mon 03-09 10:00")
    data = {"person": "dana", "from": "2026-03-09", "to": "2026-04-03"}
    story.on("Mon 03-16 10:00", "people.user.away_set", subject="dana", name="longer", **data)
    assert "B1 offered dana" not in story.until("Tue 03-31 10:00").open("B1")
    assert "B1 offered dana" in story.until("Mon 04-06 10:00").open("B1")

    story = accepts(absent(customer(1), until=None), "Mon 03-09 10:00").until("Thu 04-30 10:00")
    assert "B1 offered dana" not in story.open("B1")


def test_an_absence_that_is_known_late_brings_back_the_same():
    data = {"person": "dana", "from": "2026-03-09", "to": "2026-03-27", "delegate": "lou"}
    late = customer(1).on(
        "Fri 03-06 10:00", "people.user.away_set", arrived="Fri 03-06 16:00", subject="dana", name="away", **data
    )
    late = accepts(late, "Mon 03-09 10:00").until("Mon 03-30 10:00")
    in_time = accepts(absent(customer(1)), "Mon 03-09 10:00").until("Mon 03-30 10:00")

    assert late.open("B1", "L1") == in_time.open("B1", "L1")
