"""Gained, lost, moved, changed; what came later; and two backtests against each other."""

from datetime import UTC, date, datetime, timedelta

from events.envelope import Event
from workflows.backtesting.comparison import Difference, Period, between, compare
from workflows.backtesting.course import Course, Fire, Outcome, Piece, outcomes_of
from workflows.backtesting.figures import Days, of_people, of_workflows, overlaps, side_of
from workflows.backtesting.record import Recorded
from workflows.directory import Directory

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
ALWAYS = Period(None, MONDAY + timedelta(days=365))
DAYS = Days(Directory())


def piece(name: str, **over: object) -> Piece:
    plain = {"id": name, "kind": "task", "workflow": "w", "key": "k", "ref": "T1", "account": "acme"}
    return Piece(**plain | {"told_at": MONDAY, "title": "do it", "to": ("dana",)} | over)  # type: ignore[arg-type]


def course(*pieces: Piece, fires: tuple[int, ...] = (), outcomes: tuple[int, ...] = ()) -> Course:
    return Course(
        account="acme",
        events=1,
        pieces=list(pieces),
        fires=[Fire("w", f"k{day}", MONDAY + timedelta(days=day)) for day in fires],
        outcomes=[Outcome("churn", MONDAY + timedelta(days=day), f"e{day}") for day in outcomes],
        idle_actions=0,
        problems=0,
        heard=[],
        worth=1,
    )


def happened(event_type: str, day: int, **data: object) -> Recorded:
    at = MONDAY + timedelta(days=day)
    return Recorded(Event(f"e{day}", "/crm", event_type, "acme", at, at, data, None, None), at)  # type: ignore[arg-type]


def hows(found: list[Difference]) -> dict[str, tuple[str, tuple[str, ...]]]:
    return {one.piece.id: (one.how, one.what) for one in found}


def test_work_is_gained_lost_moved_or_changed():
    before = [piece("same"), piece("gone"), piece("later"), piece("others"), piece("worse"), piece("both")]
    after = [
        piece("same"),
        piece("new"),
        piece("later", due=MONDAY),
        piece("others", to=("sam",)),
        piece("worse", severity="urgent"),
        piece("both", told_at=MONDAY + timedelta(hours=1), status="done"),
    ]

    assert hows(compare(before, after, ALWAYS)) == {
        "gone": ("lost", ()),
        "new": ("gained", ()),
        "later": ("moved", ("due",)),
        "others": ("moved", ("to",)),
        "worse": ("changed", ("severity",)),
        "both": ("moved", ("told_at", "status")),
    }


def test_an_escalation_of_a_gained_task_says_that_nobody_could_do_it():
    climbing = piece("t/1", kind="escalation")

    (first, second) = compare([], [piece("t"), climbing], ALWAYS)
    (alone,) = compare([piece("t")], [piece("t"), climbing], ALWAYS)

    assert (first.follows, second.follows, alone.follows) == ("", "t", "")


def test_two_backtests_of_the_same_old_side_compare_what_they_tried():
    old = [piece("a"), piece("b"), piece("c")]
    first_new = [piece("a"), piece("b", to=("sam",)), piece("d")]
    second_new = [piece("a"), piece("b", to=("sam",)), piece("c", to=("mia",)), piece("e")]
    first, second = compare(old, first_new, ALWAYS), compare(old, second_new, ALWAYS)

    assert between(first, second, ALWAYS) == compare(first_new, second_new, ALWAYS)
    assert between(first, first, ALWAYS) == []


def test_what_goes_to_somebody_else_is_a_loss_for_one_and_a_gain_for_the_other():
    before, after = course(piece("t")), course(piece("t", to=("sam",)))
    found = compare(before.pieces, after.pieces, ALWAYS)

    rows = of_people(side_of([before], ALWAYS), side_of([after], ALWAYS), found, DAYS)

    assert [(one.person, one.week, one.before, one.after, one.gained, one.lost, one.moved) for one in rows] == [
        ("dana", date(2026, 3, 2), {"task": 1, "alert": 0, "escalation": 0}, {}, 0, 1, 0),
        ("sam", date(2026, 3, 2), {}, {"task": 1, "alert": 0, "escalation": 0}, 1, 0, 0),
    ]


def test_fires_are_judged_when_their_ninety_days_are_over():
    # day 0: churn 10 days later; day 20: none for 90 days; day 300: none yet, and 65 days of it have passed
    found = course(fires=(0, 20, 300), outcomes=(10, 200))
    side = side_of([found], ALWAYS)

    (row,) = of_workflows(side, side, [], ALWAYS.until)

    assert (row.after.fires, row.after.followed, row.after.judged, row.after.alone) == (3, 1, 2, 1)
    assert (row.after.share_alone, row.after.lead_days) == (0.5, 10)


def test_the_lead_is_that_of_the_first_outcome_after_the_fire_and_not_of_one_at_the_same_time():
    side = side_of([course(fires=(5,), outcomes=(1, 5, 8, 9))], ALWAYS)

    (row,) = of_workflows(side, side, [], ALWAYS.until)

    assert row.after.lead_days == 3


def test_workflows_meet_at_one_person_about_one_account_on_her_day():
    def of(workflow: str, *, day: int = 0, to: str = "dana", kind: str = "task") -> Piece:
        name = f"{workflow}{day}{to}{kind}"
        return piece(name, workflow=workflow, told_at=MONDAY + timedelta(days=day), to=(to,), kind=kind)

    before = course(of("v"), of("w", day=1), of("w", to="sam"), of("u", kind="loop"))
    after = course(of("v"), of("w"), of("w", kind="alert"), of("w", day=1), of("v", day=1))

    found = overlaps(side_of([before], ALWAYS), side_of([after], ALWAYS), DAYS)

    assert [(one.workflows, one.before, one.after) for one in found] == [(("v", "w"), 0, 2)]


def test_churn_is_told_once_until_the_customer_has_come_back():
    log = [
        happened("account.updated", 1, lifecycle="churned"),
        happened("account.updated", 2, lifecycle="churned"),
        happened("cs.lifecycle.changed", 3, **{"from": "churned", "to": "live"}),
        happened("account.updated", 4, tier=1),
        happened("cs.lifecycle.changed", 5, to="churned"),
    ]

    assert [(one.kind, one.event) for one in outcomes_of(log)] == [("churn", "e1"), ("churn", "e5")]


def test_an_escalated_ticket_and_a_detractor_are_bad_and_a_seven_is_not():
    log = [
        happened("survey.nps.responded", 3, score=6),
        happened("support.ticket.escalated", 2),
        happened("survey.nps.responded", 4, score=7),
        happened("survey.nps.responded", 5),
    ]

    assert [(one.kind, one.event) for one in outcomes_of(log)] == [("escalation", "e2"), ("detractor", "e3")]
