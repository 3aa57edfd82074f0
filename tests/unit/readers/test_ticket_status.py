"""Given two rows of a ticket, then the table of precedence says which one event the second is."""

import pytest

from nofumble.readers.ticket_status import (
    Stage,
    Standing,
    severity_of,
    stage_of,
    standing_after,
    verb_of,
    waiting_on,
)


def standing(stage, severity=3, team="first"):
    return Standing(stage, severity, team)


@pytest.mark.parametrize(
    ("before", "now", "verb"),
    [
        (None, standing(Stage.RESOLVED), "opened"),  # the first row opens, whatever it says
        (standing(Stage.ACTIVE), standing(Stage.CLOSED, 1, "second"), "closed"),
        (standing(Stage.RESOLVED), standing(Stage.CLOSED), "closed"),
        (standing(Stage.CLOSED), standing(Stage.CLOSED), "updated"),
        (standing(Stage.ACTIVE), standing(Stage.RESOLVED, 1, "second"), "resolved"),
        (standing(Stage.RESOLVED), standing(Stage.RESOLVED), "updated"),
        (standing(Stage.CLOSED), standing(Stage.RESOLVED), "updated"),
        (standing(Stage.RESOLVED), standing(Stage.ACTIVE, 1, "second"), "reopened"),
        (standing(Stage.CLOSED), standing(Stage.ACTIVE), "reopened"),
        (standing(Stage.ACTIVE), standing(Stage.ACTIVE, 1, "second"), "severity_changed"),  # before the move
        (standing(Stage.ACTIVE), standing(Stage.ACTIVE, 3, "second"), "transferred"),
        (standing(Stage.ACTIVE), standing(Stage.ACTIVE), "updated"),
        (standing(Stage.RESOLVED), standing(Stage.UNKNOWN), "updated"),
    ],
)
def test_a_row_is_one_event_by_precedence(before, now, verb):
    assert verb_of(before, now) == verb


@pytest.mark.parametrize(
    ("before", "now", "stays"),
    [
        (Stage.CLOSED, Stage.RESOLVED, Stage.CLOSED),
        (Stage.RESOLVED, Stage.UNKNOWN, Stage.RESOLVED),
        (Stage.ACTIVE, Stage.UNKNOWN, Stage.ACTIVE),
        (Stage.CLOSED, Stage.ACTIVE, Stage.ACTIVE),
        (Stage.ACTIVE, Stage.RESOLVED, Stage.RESOLVED),
    ],
)
def test_only_work_reopens_an_ended_ticket(before, now, stays):
    assert standing_after(standing(before), standing(now)).stage is stays


@pytest.mark.parametrize(
    ("statuses", "stage"),
    [
        (["In Progress", "Accepted"], Stage.ACTIVE),
        (["Awaiting Assignment", "Queued"], Stage.ACTIVE),
        (["In Call", "Completed"], Stage.RESOLVED),
        (["Resolve ticket"], Stage.RESOLVED),
        (["Cancelled", "Completed"], Stage.CLOSED),
        (["strange", "Queued"], Stage.ACTIVE),
        (["Unmatched", "Unmatched"], Stage.UNKNOWN),
        ([], Stage.UNKNOWN),
    ],
)
def test_the_exact_status_counts_before_the_activity(statuses, stage):
    assert stage_of(statuses) is stage


def test_waiting_is_on_the_customer_only_when_a_status_says_so():
    assert waiting_on(["Wait - User", "Accepted"]) == "customer"
    assert waiting_on(["Wait - Vendor", "Accepted"]) == "us"
    assert waiting_on(["Wait"]) == "us"


@pytest.mark.parametrize(
    ("words", "severity"), [("Major", 1), ("HIGH", 2), ("Medium", 3), ("Low", 4), ("2", 2), ("9", None), (None, None)]
)
def test_severity_is_read_from_words_or_digits(words, severity):
    assert severity_of(words) == severity
