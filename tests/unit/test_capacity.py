"""A proposal brings a load down to the time there is, and touches nothing that was promised (W20)."""

from workflows.capacity import measured, proposal, share


def task(name, hours, due="2026-03-10", **more):
    return {"id": name, "title": name, "account": "acme", "hours": hours, "due": due} | more


def made(free, tasks, peers=()):
    return proposal(measured({"free_hours": free, "tasks": list(tasks), "peers": list(peers)}))


def test_what_fits_needs_no_proposal():
    assert made(40.0, [task("A", 40.0)]).moves == []


def test_what_may_be_left_out_goes_first_and_no_more_than_is_needed():
    found = made(40.0, [task("A", 44.0), task("B", 3.0, optional=True), task("C", 3.0, optional=True)])

    assert found.load <= 1.25
    assert [move.split()[0] for move in found.moves] == ["drop", "drop", "agree"]


def test_work_goes_to_who_knows_the_account_and_only_as_far_as_she_has_time():
    peers = [
        {"person": "otto", "due_hours": 0.0, "free_hours": 40.0},
        {"person": "ruth", "due_hours": 34.0, "free_hours": 40.0, "accounts": ["acme"]},
    ]

    found = made(40.0, [task("A", 40.0), task("B", 5.0, "2026-03-12"), task("C", 5.0, "2026-03-11")], peers)

    # the latest first: B to Ruth, who then has one hour left, C to Otto
    assert [move.rsplit(" ", 1)[-1] for move in found.moves] == ["ruth", "otto"]
    assert found.load == 1.0


def test_what_was_promised_stays_even_if_it_is_too_much():
    found = made(10.0, [task("A", 12.0, promised=True), task("B", 2.0, promised=True, optional=True)])

    assert (found.moves, found.load) == ([], 1.4)


def test_who_has_no_hours_at_all_is_over_with_any_work_and_nothing_divides_by_zero():
    assert share(0.0, 0.0) == 0.0
    assert made(0.0, [task("A", 2.0)]).load == 0.0


def test_what_a_measure_does_not_say_is_nothing_and_a_task_takes_an_hour():
    assert measured({}).due_hours == 0.0
    assert measured({"tasks": [{"id": "t"}, "no task"], "free_hours": "many"}).due_hours == 1.0
