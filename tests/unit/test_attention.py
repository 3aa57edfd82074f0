"""Given what goes out, then who is told when: waits, repeats, a budget, a digest that loses nothing (R13, R14, B6)."""

from datetime import UTC, datetime
from itertools import count

import pytest

from workflows.attention.attention import Attention
from workflows.directory import Directory, DirectoryTimeline, directory_from
from workflows.moment import Line

NUMBERS = count(1)


def at(text):
    """Read a time of March 2026, such as `03 10:00`; the 3rd is a Tuesday."""
    day, clock = text.split()
    return datetime.fromisoformat(f"2026-03-{day}T{clock}:00+00:00").astimezone(UTC)


class Told:
    """Attention, and what it has told so far."""

    def __init__(self, worth=None, directory=None):
        directories = DirectoryTimeline(directory or Directory())
        self.attention = Attention(directories, (worth or {}).get) if worth else Attention(directories)
        self.lines = []

    def on(self, when, line_type, account="acme", **data):
        said = {"id": "w-1", "workflow": "wf", "key": "k", "ref": "A1", **data}
        self.lines += self.attention.receive(account, Line(line_type, said, at(when)))
        return self

    def alert(self, when, severity="warn", person="dana", **data):
        return self.on(when, "alert.raised", severity=severity, to=[{"person": person}], because="because", **data)

    def until(self, when):
        self.lines += self.attention.advance(at(when))
        return self

    def said(self, *types):
        wanted = types or ("notice.sent", "digest.sent")
        return [
            " ".join([f"{line.at:%d %H:%M}", line.type.partition(".")[0], line.data["to"]["person"], _about(line)])
            for _, line in self.lines
            if line.type in wanted
        ]


def _about(line):
    if line.type.startswith("notice"):
        return f"{line.data['why']} {line.data['severity']}"
    return f"{len(line.data['lines'])}+{line.data['more']}"


@pytest.mark.parametrize(
    ("severity", "leaves"), [("info", "10:10"), ("warn", "10:10"), ("urgent", "10:01"), ("critical", "10:00")]
)
def test_the_first_notice_waits_for_what_belongs_to_it_less_the_worse_it_is(severity, leaves):
    told = Told().alert("03 10:00", severity).until("03 11:00")

    assert told.said() == [f"03 {leaves} notice dana new {severity}"]


def test_what_belongs_together_is_one_notice_with_the_worst_of_it():
    told = Told().alert("03 10:00", id="a").alert("03 10:05", "urgent", id="b", ref="A2").until("03 11:00")

    assert told.said() == ["03 10:06 notice dana new urgent"]
    ((_, line),) = told.lines
    assert [one["ref"] for one in line.data["matters"]] == ["A1", "A2"]


def test_what_is_taken_back_before_its_notice_leaves_is_never_heard_of():
    told = Told().alert("03 10:00").on("03 10:09", "alert.retracted", to=[]).until("10 10:00")

    assert told.said("notice.sent", "notice.deferred", "digest.sent") == []


def test_who_was_told_of_it_is_told_that_it_was_taken_back():
    told = Told().alert("03 10:00").on("03 15:00", "alert.retracted", to=[]).until("10 10:00")

    assert told.said() == ["03 10:10 notice dana new warn", "03 15:10 notice dana ended info"]


@pytest.mark.parametrize(
    ("severity", "again"),
    [("warn", "05 17:00"), ("urgent", "04 17:00"), ("critical", "03 12:00")],
)
def test_it_is_repeated_while_nobody_has_acknowledged_it(severity, again):
    told = Told().alert("03 10:00", severity).until(again)

    assert told.said()[1:] == [f"{again} notice dana repeat {severity}"]


def test_an_information_is_not_repeated():
    assert len(Told().alert("03 10:00", "info").until("20 10:00").said()) == 1


def test_who_acknowledges_silences_it_for_all():
    told = Told().on(
        "03 10:00", "alert.raised", severity="warn", because="", to=[{"person": "dana"}, {"person": "kim"}]
    )
    told.on("03 12:00", "alert.acknowledged", by="dana").until("20 10:00")

    assert told.said() == ["03 10:10 notice dana new warn", "03 10:10 notice kim new warn"]


def test_it_is_put_off_until_the_time_and_then_told_again():
    told = Told().alert("03 10:00").on("03 11:00", "alert.snoozed", until="2026-03-09T09:00:00Z").until("09 12:00")

    assert told.said() == ["03 10:10 notice dana new warn", "09 09:00 notice dana changed warn"]


def test_more_of_the_same_waits_for_four_hours_and_what_is_worse_does_not():
    same = Told().alert("03 10:00", id="a").alert("03 10:30", id="b").until("03 18:00")
    worse = Told().alert("03 10:00", id="a").alert("03 10:30", "urgent", id="b").until("03 16:00")

    assert same.said() == ["03 10:10 notice dana new warn", "03 14:10 notice dana changed warn"]
    assert worse.said() == ["03 10:10 notice dana new warn", "03 10:31 notice dana changed urgent"]


def test_an_alarm_that_was_worked_out_again_and_says_the_same_is_not_told_again():
    told = Told().alert("03 10:00")
    told.on("03 11:00", "alert.updated", severity="warn", because="because", to=[{"person": "dana"}]).until("04 10:00")

    assert len(told.said()) == 1


def many(told, number, when="03 10:00", severity="warn", **more):
    for _ in range(number):
        told.alert(when, severity, **{"id": f"w-{next(NUMBERS)}", "key": f"k-{next(NUMBERS)}", **more})
    return told


def test_the_sixth_of_a_day_waits_for_the_digest_of_the_next_morning():
    told = many(Told(), 7).until("04 09:00")

    assert told.said("notice.sent") == ["03 10:10 notice dana new warn"] * 5
    assert told.said("notice.deferred") == ["03 10:10 notice dana new warn"] * 2
    assert told.said("digest.sent") == ["04 08:30 digest dana 2+0"]


def test_what_is_urgent_passes_the_budget_and_counts():
    told = many(many(Told(), 5, severity="urgent"), 1).until("03 11:00")

    assert len(told.said("notice.sent")) == 5
    assert len(told.said("notice.deferred")) == 1


def test_what_is_repeated_beyond_the_budget_comes_together_and_what_is_critical_at_most_every_two_hours():
    told = many(Told(), 3, severity="urgent")
    many(told, 4, severity="critical").until("03 16:00")

    assert told.said("notice.sent") == [
        *["03 10:00 notice dana new critical"] * 4,
        *["03 10:01 notice dana new urgent"] * 3,
    ]
    assert told.said("notice.deferred") == []
    assert told.said("digest.sent") == [f"03 {hour}:00 digest dana 4+0" for hour in (12, 14, 16)]


def test_what_is_urgent_and_repeated_beyond_the_budget_waits_for_the_morning():
    told = many(Told(), 7, severity="urgent").until("05 09:00")

    assert told.said("notice.sent") == [
        *["03 10:01 notice dana new urgent"] * 7,
        *["04 17:00 notice dana repeat urgent"] * 5,
    ]
    assert told.said("digest.sent") == ["05 08:30 digest dana 2+0"]


def test_a_digest_has_ten_lines_by_what_is_at_risk_and_names_the_rest():
    told = Told(worth={"acme": 1.0, "birch": 1000.0})
    many(many(told, 5), 12)
    many(told, 1, account="birch", id="dear").until("04 09:00")

    ((_, digest),) = [one for one in told.lines if one[1].type == "digest.sent"]
    assert digest.data["lines"][0]["matters"][0]["id"] == "dear"
    assert (len(digest.data["lines"]), digest.data["more"], len(digest.data["and"])) == (10, 3, 3)


def test_what_she_marked_as_noise_comes_behind_what_she_found_useful():
    told = many(Told(), 5)
    told.on("03 09:00", "feedback.recorded", by="dana", workflow="noisy", verdict="noise")
    many(told, 1, workflow="noisy", id="noise")
    many(told, 1, workflow="useful", id="useful").until("04 09:00")

    ((_, digest),) = [one for one in told.lines if one[1].type == "digest.sent"]
    assert [one["matters"][0]["id"] for one in digest.data["lines"]] == ["useful", "noise"]


def test_what_is_over_before_the_digest_is_not_in_it():
    told = many(Told(), 5).alert("03 10:00", id="over", key="over")
    told.on("03 12:00", "alert.resolved", id="over", to=[]).until("04 09:00")

    assert told.said("digest.sent") == []


def test_who_heard_of_it_in_a_digest_is_told_that_it_was_taken_back():
    told = many(Told(), 5).alert("03 10:00", id="over", key="over")
    told.on("04 12:00", "alert.retracted", id="over", to=[]).until("04 13:00")

    assert told.said()[-2:] == ["04 08:30 digest dana 1+0", "04 12:10 notice dana ended info"]


def test_a_line_that_comes_after_its_time_is_heard_when_it_comes():
    told = Told().until("03 15:00").alert("03 10:00").until("03 18:00")

    assert told.said() == ["03 15:10 notice dana new warn"]


def test_nobody_is_interrupted_on_a_day_off_but_for_what_is_urgent():
    told = Told().alert("07 10:00", key="a", id="a").alert("07 10:00", "urgent", key="b", id="b").until("09 09:00")

    assert told.said() == ["07 10:01 notice dana new urgent", "09 08:30 digest dana 1+0"]


def test_the_nudge_of_a_ladder_is_a_line_of_the_digest_and_leaves_it_when_the_task_is_done():
    def nudged():
        told = Told().on(
            "03 10:00", "task.offered", id="t", title="Call", to={"person": "dana"}, due="2026-03-04T17:00:00Z"
        )
        nudge = {"id": "", "of": "t", "rung": 1, "at": "75%", "severity": "info", "title": "Call"}
        return told.on("03 15:00", "escalation.raised", to=[{"person": "dana"}], due="2026-03-04T17:00:00Z", **nudge)

    assert nudged().until("04 09:00").said() == ["03 10:10 notice dana new info", "04 08:30 digest dana 1+0"]
    done = nudged().on("03 16:00", "task.completed", id="t").until("04 09:00")
    assert done.said() == ["03 10:10 notice dana new info"]


def test_a_task_that_moves_leaves_the_desk_of_who_had_it():
    told = Told().on(
        "03 10:00", "task.offered", id="t", title="Call", to={"person": "dana"}, due="2026-03-04T17:00:00Z"
    )
    told.on("03 10:05", "task.reassigned", id="t", title="Call", to={"person": "eve"}, due="2026-03-04T17:00:00Z")

    assert told.until("04 09:00").said() == ["03 10:15 notice eve new info"]


def test_the_budget_is_the_organisations():
    directory = directory_from({"budgets": {"notices_per_day": 1}})

    assert len(many(Told(directory=directory), 3).until("03 11:00").said("notice.sent")) == 1


def test_a_queue_has_no_desk():
    told = Told().on("03 10:00", "alert.raised", severity="critical", because="", to=[{"role": "csm", "queue": "cs.q"}])

    assert told.until("10 10:00").lines == []


def test_what_was_said_of_a_thread_stays_as_it_was_said_when_more_of_it_waits_for_the_same_digest():
    told = many(Told().alert("03 09:00", id="a"), 4).alert("03 10:30", id="b").until("03 15:00")
    (deferred,) = [line for _, line in told.lines if line.type == "notice.deferred"]
    said = str(deferred.data)

    told.on("03 15:00", "alert.retracted", id="a", to=[]).until("03 19:00")

    assert told.said("notice.deferred")[1:] == ["03 17:10 notice dana ended warn"]
    assert str(deferred.data) == said
