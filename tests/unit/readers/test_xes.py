"""Given a ticket log in XES, then each row is one support event, in order of time, and nothing is lost."""

import gzip
import json

import pytest

from nofumble.errors import WrongUse
from nofumble.readers import read_xes
from nofumble.readers.xes_file import TOKEN_BYTES_MAX


def event(status, time="2026-03-03T10:00:00+01:00", activity="Accepted", **attributes):
    told = {"concept:name": activity, "lifecycle:transition": status, "org:resource": "Kåre", "org:group": "V5"}
    told |= {"impact": "Medium", "product": "PROD 5"} | {
        key.replace("__", ":"): value for key, value in attributes.items()
    }
    stamp = f'<date key="time:timestamp" value="{time}"/>' if time else ""
    strings = "".join(f'<string key="{key}" value="{value}"/>' for key, value in told.items() if value is not None)
    return f"<event>{strings}{stamp}</event>"


def trace(name, *events):
    return f'<trace><string key="concept:name" value="{name}"/>{"".join(events)}</trace>'


def log(*traces, root="log", prolog=""):
    return (
        f"<?xml version='1.0' encoding='UTF-8'?>{prolog}<{root}>"
        f'<float key="meta"><float key="nested" value="1"/></float>{"".join(traces)}</{root}>'
    )


def rows_of(tmp_path, text, *, name="desk.xes", account="product"):
    file = tmp_path / name
    content = text.encode() if isinstance(text, str) else text
    file.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return list(read_xes(file, account=account))


def events_of(rows, *, supporting=False):
    return [json.loads(row.raw) for row in rows if row.raw and row.supporting is supporting]


def test_the_life_of_a_ticket_becomes_support_events(tmp_path):
    rows = rows_of(
        tmp_path,
        log(
            trace(
                "1-36",
                event("In Progress", "2026-03-03T10:00:00+01:00"),
                event("Wait - User", "2026-03-03T10:05:00+01:00"),
                event("In Progress", "2026-03-03T10:10:00+01:00", org__group="V9"),
                event("In Progress", "2026-03-03T10:20:00+01:00", org__group="V9", impact="Major"),
                event("Resolved", "2026-03-03T11:00:00+01:00", "Completed", org__group="V9", impact="Major"),
                event("Awaiting Assignment", "2026-03-03T12:00:00+01:00", "Queued", org__group="V9", impact="Major"),
                event("Closed", "2026-03-04T12:00:00+01:00", "Completed", org__group="V9", impact="Major"),
            )
        ),
        name="desk.xes.gz",
    )

    events = events_of(rows)
    assert [envelope["type"].removeprefix("support.ticket.") for envelope in events] == [
        *("opened", "updated", "transferred", "severity_changed", "resolved", "reopened", "closed"),
    ]
    assert [envelope["id"] for envelope in events] == [f"1-36/{place}" for place in range(1, 8)]
    assert {envelope["subject"] for envelope in events} == {"prod-5"}
    assert {envelope["source"] for envelope in events} == {"/xes/desk"}
    assert events[0]["time"] == "2026-03-03T10:00:00+01:00"
    assert events[0]["data"] == {
        "actor": {"person": "kare", "team": "support"},
        "ticket_id": "1-36",
        "severity": 3,
        "area": "PROD 5",
        "to_team": "V5",
        "waiting_on": "us",
        "status": "In Progress",
        "activity": "Accepted",
    }
    assert events[1]["data"]["waiting_on"] == "customer"
    assert (events[2]["data"]["from_team"], events[2]["data"]["to_team"]) == ("V5", "V9")
    assert events[3]["data"]["severity"] == 1


def test_tickets_are_put_in_order_of_time_and_equal_times_keep_the_order_of_the_file(tmp_path):
    early, late = "2026-03-01T10:00:00+01:00", "2026-03-01T11:00:00+01:00"

    rows = rows_of(
        tmp_path,
        log(trace("A", event("In Progress", late), event("Closed", late)), trace("B", event("In Progress", early))),
    )

    assert [envelope["id"] for envelope in events_of(rows)] == ["B/1", "A/1", "A/2"]


def test_accounts_and_people_are_registered_first_and_counted_apart(tmp_path):
    rows = rows_of(tmp_path, log(trace("A", event("In Progress", org__resource="Siebel"), event("Closed"))))

    supporting = events_of(rows, supporting=True)
    assert [row.supporting for row in rows] == [True, True, False, False]
    assert [(envelope["type"], envelope["subject"]) for envelope in supporting] == [
        ("people.person.registered", "kare"),
        ("account.registered", "prod-5"),
    ]
    assert {envelope["time"] for envelope in supporting} == {"2026-03-03T00:00:00+00:00"}
    assert supporting[1]["data"] == {"name": "PROD 5", "lifecycle": "live"}
    assert events_of(rows)[0]["data"]["actor"] == {"system": "siebel"}


def test_a_help_desk_log_without_groups_and_lifecycle_is_read_by_its_activities(tmp_path):
    def plain(activity, time):
        return event("complete", time, activity, org__group=None, impact=None, product=None)

    rows = rows_of(
        tmp_path,
        log(
            trace(
                "Case 12",
                plain("Assign seriousness", "2026-03-03T10:00:00Z"),
                plain("Take in charge ticket", "2026-03-03T10:01:00Z"),
                plain("Resolve ticket", "2026-03-03T10:02:00Z"),
                plain("VERIFIED", "2026-03-03T10:03:00Z"),
                plain("Take in charge ticket", "2026-03-03T10:04:00Z"),
                plain("Closed", "2026-03-03T10:05:00Z"),
            )
        ),
        account=None,
    )

    events = events_of(rows)
    assert [envelope["type"].removeprefix("support.ticket.") for envelope in events] == [
        *("opened", "updated", "resolved", "updated", "reopened", "closed"),
    ]
    assert {envelope["subject"] for envelope in events} == {"desk"}
    assert all(" " not in envelope["id"] + envelope["data"]["ticket_id"] for envelope in events)
    assert events[3]["data"]["status"] == "VERIFIED"


def test_the_account_is_looked_up_on_the_event_and_then_on_its_trace(tmp_path):
    ticket = trace("A", '<string key="customer" value="Trace"/>', event("Assigned", customer="Event"), event("Closed"))

    rows = rows_of(tmp_path, log(ticket), account="customer")

    assert [envelope["subject"] for envelope in events_of(rows)] == ["event", "trace"]


@pytest.mark.parametrize(
    ("row", "path", "reason"),
    [
        (event("Closed", None), "time", "no time:timestamp"),
        (event("Closed", "2026-03-03T10:00:00"), "time", "no offset"),
        (event("Closed", "yesterday"), "time", "no ISO 8601 time"),
        (event("Closed", "0001-01-01T00:00:00+14:00"), "time", "no ISO 8601 time"),
        (event("Closed", product=None), "subject", "has the account attribute 'product'"),
        (event("Closed", product="- -"), "subject", "names no account"),
    ],
)
def test_a_row_without_a_time_or_an_account_is_a_row_with_a_problem_and_the_next_one_opens(tmp_path, row, path, reason):
    rows = rows_of(tmp_path, log(trace("A", row, event("In Progress"))))

    wrong = [entry for entry in rows if entry.problem]
    assert [(entry.position, entry.problem.path) for entry in wrong] == [("A/1", path)]
    assert reason in wrong[0].problem.reason
    assert wrong[0].excerpt
    assert [envelope["type"] for envelope in events_of(rows)] == ["support.ticket.opened"]


def test_two_traces_of_one_name_keep_all_their_rows_apart(tmp_path):
    file = tmp_path / "desk.xes"
    file.write_text(log(trace("A", event("In Progress")), trace("A", event("In Progress"))))

    reading = read_xes(file, account="product")

    assert [envelope["id"] for envelope in events_of(list(reading))] == ["A/1", "A~2/1"]
    assert reading.notes == ["the trace name 'A' occurs 2 times; the events of each are told apart by ~2, ~3 …"]


def test_a_status_without_a_meaning_is_noted_with_its_count(tmp_path):
    file = tmp_path / "desk.xes"
    file.write_text(log(trace("A", event("In Progress"), event("Mislaid", activity="Lost"))))

    reading = read_xes(file, account="product")

    assert events_of(list(reading))[1]["data"]["status"] == "Mislaid"
    assert reading.notes == ["the status 'Mislaid / Lost' (1 rows) has no meaning for a ticket; kept as an update"]


BOMB = '<!DOCTYPE log [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (log(prolog=BOMB), "a document type declaration"),
        (log(prolog='<!DOCTYPE log SYSTEM "file:///etc/passwd">'), "a document type declaration"),
        (log(trace("A", event("Closed")))[:-20], "no well-formed XML"),
        (log(root="svg"), "the root is <svg>"),
        ("", "no well-formed XML"),
        ('{"id":"a"}', "no well-formed XML"),
        (log('<string key="k" value="' + "x" * 2 * TOKEN_BYTES_MAX + '"/>'), "bytes without an element"),
    ],
)
def test_a_file_that_is_no_xes_is_wrong_use_before_any_row(tmp_path, text, reason):
    with pytest.raises(WrongUse, match=reason):
        rows_of(tmp_path, text)


def test_a_compressed_file_that_is_cut_short_is_wrong_use(tmp_path):
    file = tmp_path / "desk.xes.gz"
    file.write_bytes(gzip.compress(log(trace("A", event("Closed"))).encode())[:-12])

    with pytest.raises(WrongUse, match="cut short"):
        list(read_xes(file))


def test_a_log_that_is_not_there_is_wrong_use(tmp_path):
    with pytest.raises(WrongUse, match="no such file"):
        list(read_xes(tmp_path / "none.xes"))


def test_reading_the_same_log_twice_gives_the_same_bytes(tmp_path):
    text = log(trace("A", event("In Progress"), event("Closed")), trace("B", event("Closed", None)))

    assert rows_of(tmp_path, text) == rows_of(tmp_path, text)
