"""How are times, names and sentences said to somebody who reads a page?"""

from datetime import UTC, datetime, timedelta

import pytest

from nofumble.web.views.reader import Reader
from workflows.directory import directory_from

NOW = datetime(2026, 3, 6, 9, tzinfo=UTC)
DIRECTORY = directory_from(
    {
        "people": {
            "dana": {"name": "Dana Whitfield", "team": "cs", "time_zone": "Europe/Berlin"},
            "sam": {"name": "Sam Okafor", "team": "sales"},
        }
    }
)
DANA = Reader("dana", DIRECTORY, NOW, {"jo@acme.example": "Jo March"})


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (NOW, "today 10:00"),
        (NOW + timedelta(days=1), "tomorrow 10:00"),
        (NOW - timedelta(days=1), "yesterday 10:00"),
        (NOW + timedelta(hours=14), "tomorrow 00:00"),  # midnight in Berlin is another day there, and not yet in UTC
        (NOW - timedelta(days=3), "Tue 3 Mar 10:00"),
        (NOW - timedelta(days=90), "Sat 6 Dec 2025 10:00"),
    ],
)
def test_a_moment_is_said_in_the_zone_of_the_reader(at: datetime, said: str):
    assert DANA.moment(at) == said


@pytest.mark.parametrize(
    ("due", "said"),
    [
        (NOW + timedelta(hours=8), "due today 18:00"),
        (NOW - timedelta(hours=1), "due today 09:00"),
        (NOW - timedelta(days=1), "1 working day overdue"),
        (NOW - timedelta(days=7), "5 working days overdue"),  # a weekend lies between
    ],
)
def test_what_is_overdue_is_so_by_working_days(due: datetime, said: str):
    assert DANA.due(due) == said


def test_a_time_that_is_typed_into_a_form_is_one_of_the_readers_zone():
    assert DANA.local("2026-03-09T09:00") == datetime(2026, 3, 9, 8, tzinfo=UTC)
    assert DANA.local(DANA.field(NOW)) == NOW
    assert DANA.local("soon") is None


def test_a_sentence_has_names_for_ids_and_begins_with_a_capital():
    said = "speak to sam, since jo@acme.example wrote on 2026-03-05T09:00:00Z"

    assert DANA.headline(said) == "Speak to Sam, since Jo March wrote on Thu 5 Mar 10:00"


def test_an_address_that_the_reader_may_not_see_is_that_of_somebody():
    reader = Reader("sam", DIRECTORY, NOW, sees_no_addresses=True)

    assert reader.sentence("ask ann@acme.example first") == "ask somebody first"
    assert reader.name("ann@acme.example") == "somebody"
