"""The directory: who reports to whom, whose calendar counts, who is away, and which version was in force when."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from events.envelope import Event
from workflows.directory import Directory, DirectoryTimeline, Source, directory_from
from workflows.language.durations import Duration
from workflows.people import ABSENCES_KEPT, DirectoryError
from workflows.working_hours import NINE_TO_FIVE
from workflows.working_time import Calendar, add

COMPANY = {
    "time_zone": "Europe/Berlin",
    "teams": {
        "cs": {"head": "mona", "queue": "cs.waiting"},
        "cs-us": {"head": "noor", "time_zone": "America/New_York", "country": "US"},
        "sales": {},
    },
    "people": {
        "dana": {"email": "Dana@Example.com", "team": "cs"},
        "kim": {"email": "kim@example.com", "team": "cs", "manager": "vera", "delegate": "dana"},
        "lee": {"team": "cs-us"},
        "max": {"team": "cs-us", "country": "BR", "hours": {"mon": ["08:00-12:00"]}, "holidays": ["2026-03-09"]},
        "mona": {"team": "cs", "roles": ["cs_manager"]},
        "sam": {"team": "sales"},
    },
    "roles": {"cs_manager": ["zoe", "abel"], "cco": "casey"},
    "holidays": [date(2026, 12, 24)],
}


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def event(kind, person=None, *, time="2026-03-03T10:00", subject="", **data):
    said = {} if person is None else {"person": person}
    return Event(id=f"{kind}-{time}", source="/hr", type=kind, subject=subject, time=at(time), data=said | data)


def away(person, since=None, until=None, **data):
    return event("people.user.away_set", person, **{"from": since, "to": until}, **data)


@pytest.fixture
def company():
    return directory_from(COMPANY)


# -- calendars ---------------------------------------------------------------------------------------------------------


def test_without_a_file_it_is_nine_to_five_in_utc_from_monday_to_friday():
    nobody = directory_from({})
    assert nobody == Directory()
    assert nobody.default_calendar == Calendar("organisation", "UTC", NINE_TO_FIVE, None, frozenset())
    assert (nobody.allowed_lateness, nobody.proof_wait) == (timedelta(hours=72), Duration(4, "bh"))
    assert nobody.notices_per_day == 5
    assert nobody.sources_for("cs.kickoff.held") == ()


def test_a_person_without_working_time_of_ones_own_has_the_calendar_of_the_level_above(company):
    assert company.calendar_of("dana") is company.default_calendar
    assert company.calendar_of("lee") is company.calendar_of_team("cs-us")
    assert company.calendar_of("sam").name == "organisation"
    assert company.calendar_of("lee").name == "team:cs-us"


def test_only_what_a_level_gives_overrides_the_level_above(company):
    team, person = company.calendar_of_team("cs-us"), company.calendar_of("max")
    assert (team.zone, team.country, team.week) == ("America/New_York", "US", NINE_TO_FIVE)
    assert (person.name, person.zone, person.country) == ("person:max", "America/New_York", "BR")
    assert person.week == (((480, 720),), (), (), (), (), (), ())


def test_days_off_of_each_level_add_up(company):
    assert company.calendar_of("max").holidays == {date(2026, 12, 24), date(2026, 3, 9)}
    # Mondays only, and 9 March is off: the 16th, 12:00 in New York (UTC-4).
    assert add(at("2026-03-03T10:00"), Duration(1, "bd"), company.calendar_of("max")) == at("2026-03-16T16:00")


def test_whoever_is_unknown_has_the_calendar_of_the_organisation(company):
    for calendar in (company.calendar_of("nobody"), company.calendar_of(None), company.calendar_of_team("none")):
        assert calendar is company.default_calendar
    assert company.calendar_of_team(None) is company.default_calendar


# -- who reports to whom -----------------------------------------------------------------------------------------------


def test_the_manager_is_the_one_that_is_named_else_the_head_of_the_team(company):
    assert company.manager_of("kim") == "vera"
    assert company.manager_of("dana") == "mona"
    assert company.manager_of("mona") is None  # nobody is one's own manager
    assert company.manager_of("sam") is None  # a team without a head
    assert company.manager_of("nobody") is None


def test_teams_have_heads_and_queues(company):
    assert company.head_of_team("cs") == "mona"
    assert company.head_of_team("none") is None
    assert company.team_of("dana") == "cs"
    assert company.team_of(None) is None
    assert company.queue_of_team("cs") == "cs.waiting"
    assert company.queue_of_team("sales") == "sales.unassigned"
    assert company.queue_of_team("legal") == "legal.unassigned"


def test_holders_of_a_company_wide_role_come_from_people_and_from_roles_in_order_of_their_ids(company):
    assert company.holders_of_role("cs_manager") == ("abel", "mona", "zoe")
    assert company.holders_of_role("cco") == ("casey",)
    assert company.holders_of_role("ceo") == ()


def test_a_person_is_found_by_the_address_in_any_case(company):
    assert company.person_by_email("DANA@example.COM") == company.people["dana"]
    assert company.person_by_email("jo@acme.example") is None
    assert company.names_of("dana") == ("dana", "dana@example.com")
    assert company.names_of("nobody") == ("nobody",)


def test_of_two_people_with_one_address_the_first_by_id_is_found():
    shared = directory_from({"people": {name: {"email": "team@example.com"} for name in ("zoe", "amy", "kim")}})
    assert shared.person_by_email("team@example.com").id == "amy"


# -- absence -----------------------------------------------------------------------------------------------------------


def test_a_person_is_away_from_the_first_date_to_the_end_of_the_last_in_the_own_zone(company):
    gone = company.with_event(away("lee", "2026-03-04", "2026-03-06"))
    # New York is five hours behind UTC.
    assert not gone.is_away("lee", at("2026-03-04T04:59"))
    assert gone.is_away("lee", at("2026-03-04T05:00"))
    assert gone.is_away("lee", at("2026-03-07T04:59"))
    assert not gone.is_away("lee", at("2026-03-07T05:00"))
    assert not company.is_away("lee", at("2026-03-05T12:00"))  # the directory before is as it was


def test_an_absence_shorter_than_a_working_day_moves_no_work(company):
    assert not company.with_event(away("dana", "2026-03-04T12:00:00Z", "2026-03-04T14:00:00Z")).is_away(
        "dana", at("2026-03-04T13:00")
    )
    assert not company.with_event(away("dana", "2026-03-07", "2026-03-08")).is_away("dana", at("2026-03-07T12:00"))
    assert company.with_event(away("dana", "2026-03-04", "2026-03-04")).is_away("dana", at("2026-03-04T13:00"))


def test_times_are_instants_and_a_time_without_an_offset_is_local(company):
    gone = company.with_event(away("dana", "2026-03-04T00:00", "2026-03-06T12:00:00+01:00"))
    assert gone.absence_of("dana", at("2026-03-05T12:00")).start == at("2026-03-03T23:00")  # Berlin
    assert gone.absence_of("dana", at("2026-03-05T12:00")).end == at("2026-03-06T11:00")


def test_an_absence_without_an_end_lasts_and_one_without_a_start_begins_with_the_event(company):
    gone = company.with_event(away("dana"))
    assert not gone.is_away("dana", at("2026-03-03T09:59"))
    assert gone.is_away("dana", at("2026-03-03T10:00"))
    assert gone.is_away("dana", at("2030-01-01T00:00"))


def test_a_return_ends_the_absence_at_the_time_of_the_event(company):
    gone = company.with_event(away("dana", "2026-03-02", "2026-03-20"))
    back = gone.with_event(event("people.user.returned", "dana", time="2026-03-10T09:00", to="2026-03-20"))
    assert back.is_away("dana", at("2026-03-10T08:59"))
    assert not back.is_away("dana", at("2026-03-10T09:00"))


def test_whoever_left_is_away_for_good(company):
    gone = company.with_event(event("people.user.left", "dana", to="2026-03-10", delegate="kim"))
    assert gone.absence_of("dana", at("2040-01-01T00:00")).left
    assert gone.delegate_of("dana", at("2040-01-01T00:00")) == "kim"


def test_the_same_absence_said_again_is_a_correction_and_of_two_the_later_word_counts(company):
    gone = company.with_events([away("dana", "2026-03-02", "2026-03-20"), away("dana", "2026-03-02", "2026-03-06")])
    assert not gone.is_away("dana", at("2026-03-10T12:00"))
    twice = company.with_events(
        [away("dana", "2026-03-02", "2026-03-20", delegate="kim"), away("dana", "2026-03-04", delegate="sam")]
    )
    assert twice.delegate_of("dana", at("2026-03-03T12:00")) == "kim"
    assert twice.delegate_of("dana", at("2026-03-05T12:00")) == "sam"


def test_the_delegate_is_the_one_of_the_absence_else_the_standing_one(company):
    noon = at("2026-03-05T12:00")
    gone = company.with_events([away("kim", "2026-03-02", "2026-03-20"), away("mona", "2026-03-02", delegate="sam")])
    assert gone.delegate_of("kim", noon) == "dana"
    assert gone.delegate_of("mona", noon) == "sam"
    assert gone.delegate_of("dana", noon) is None  # not away
    assert company.with_event(away("sam")).delegate_of("sam", noon) is None  # away, and nobody is named


def test_a_delegate_who_is_away_is_stood_in_for_in_turn_but_never_in_a_circle(company):
    noon = at("2026-03-05T12:00")
    chain = company.with_events([away("kim"), away("dana", delegate="sam")])
    assert chain.delegate_of("kim", noon) == "sam"
    circle = chain.with_event(away("sam", delegate="kim"))
    assert circle.delegate_of("kim", noon) is None


def test_a_chain_of_delegates_is_bounded():
    names = [f"p{number}" for number in range(10)]
    events = [away(one, delegate=other) for one, other in pairwise(names)]
    everybody = Directory().with_events(events)
    assert everybody.delegate_of("p0", at("2026-03-05T12:00")) is None
    assert everybody.delegate_of("p5", at("2026-03-05T12:00")) == "p9"


def test_only_so_many_absences_are_remembered(company):
    many = company.with_events(away("dana", f"2026-{1 + day // 28:02}-{1 + day % 28:02}") for day in range(100))
    assert len(many.people["dana"].away) == ABSENCES_KEPT


# -- events ------------------------------------------------------------------------------------------------------------


def test_a_registration_adds_a_person_and_a_second_one_changes_what_it_names(company):
    first = company.with_event(
        event("people.person.registered", subject="ada", name="Ada", team="cs", roles=["cs_manager"], time_zone="UTC")
    )
    second = first.with_event(
        event("people.person.registered", subject="ada", team="cs-us", time_zone=None, roles=None)
    )
    assert first.people["ada"].team == "cs"
    assert "ada" in first.holders_of_role("cs_manager")
    assert (second.people["ada"].name, second.people["ada"].team) == ("Ada", "cs-us")
    assert second.calendar_of("ada").name == "team:cs-us"
    assert "ada" not in second.holders_of_role("cs_manager")


def test_an_event_about_something_else_gives_the_same_directory(company):
    assert company.with_event(event("sales.contract.signed", subject="acme")) is company


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({"time_zone": "Mars/Olympus"}, "data.time_zone"),
        ({"country": "Atlantis"}, "data.country"),
        ({"hours": {"mon": ["22:00-06:00"]}}, "data.hours"),
        ({"hours": {"someday": []}}, "data.hours"),
        ({"hours": "always"}, "data.hours"),
        ({"roles": 7}, "data.roles"),
        ({"roles": ["cco", 7]}, "data.roles.1"),
        ({"team": " "}, "data.team"),
        ({"name": "x" * 201}, "data.name"),
        ({"holidays": ["soon"]}, "data.holidays.0"),
        ({"holidays": "2026-01-01"}, "data.holidays"),
    ],
)
def test_a_registration_that_cannot_be_used_is_refused_with_the_path(company, data, path):
    with pytest.raises(DirectoryError) as refused:
        company.with_event(event("people.person.registered", subject="ada", **data))
    assert refused.value.path == path
    assert str(refused.value) == f"{path}: {refused.value.reason}"


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({"from": "tomorrow"}, "data.from"),
        ({"from": 5}, "data.from"),
        ({"to": "9999-12-31"}, "data.to"),
        ({"from": "0001-01-01"}, "data.from"),
        ({"from": "0150-01-01T00:00:00Z"}, "data.from"),
        ({"from": "2026-03-10", "to": "2026-03-02"}, "data.to"),
        ({"delegate": ["kim"]}, "data.delegate"),
        ({"person": ""}, "data.person"),
    ],
)
def test_an_absence_that_cannot_be_used_is_refused_with_the_path(company, data, path):
    with pytest.raises(DirectoryError) as refused:
        company.with_event(event("people.user.away_set", subject="dana", **data))
    assert refused.value.path == path


def test_an_event_about_nobody_is_refused(company):
    with pytest.raises(DirectoryError, match="subject"):
        company.with_event(event("people.user.left"))


# -- the timeline ------------------------------------------------------------------------------------------------------


def registered(person, **data):
    return event("people.person.registered", subject=person, **data)


def test_the_directory_in_force_is_the_one_after_what_had_arrived(company):
    timeline = DirectoryTimeline(company)
    assert timeline.record(at("2026-03-05T10:00"), registered("ada", team="cs"))
    assert timeline.record(at("2026-03-07T10:00"), registered("ada", team="sales"))
    assert not timeline.record(at("2026-03-08T10:00"), event("sales.contract.signed", subject="acme"))
    assert timeline.at(at("2026-03-05T09:59")) is company
    assert timeline.at(at("2026-03-05T10:00")).team_of("ada") == "cs"
    assert timeline.at(at("2026-03-07T09:59")).team_of("ada") == "cs"
    assert timeline.at(at("2026-03-07T10:00")).team_of("ada") == "sales"
    assert timeline.latest.team_of("ada") == "sales"
    assert timeline.at(at("2026-03-01T10:00")) is company  # and back again


def test_the_order_in_which_events_are_recorded_does_not_matter(company):
    changes = [(at(f"2026-03-{day:02}T10:00"), registered("ada", team=f"team-{day}")) for day in range(1, 21)]
    in_order, reverse = DirectoryTimeline(company), DirectoryTimeline(company)
    for arrived_at, change in changes:
        in_order.record(arrived_at, change)
    for arrived_at, change in reversed(changes):
        reverse.record(arrived_at, change)
        assert reverse.latest.team_of("ada") == "team-20"
    for arrived_at, _ in changes:
        assert in_order.at(arrived_at) == reverse.at(arrived_at)


def test_events_of_one_instant_apply_in_the_order_in_which_they_were_recorded(company):
    timeline = DirectoryTimeline(company)
    for team in ("one", "two", "three"):
        timeline.record(at("2026-03-05T10:00"), registered("ada", team=team))
    assert timeline.at(at("2026-03-05T10:00")).team_of("ada") == "three"


def test_what_cannot_be_used_is_not_recorded(company):
    timeline = DirectoryTimeline(company)
    with pytest.raises(DirectoryError):
        timeline.record(at("2026-03-05T10:00"), registered("ada", time_zone="Mars/Olympus"))
    assert timeline.latest is company


def test_many_versions_are_given_back_right_though_few_are_kept(company):
    timeline = DirectoryTimeline(company)
    begin = at("2026-03-05T10:00")
    for minute in range(500):
        timeline.record(begin + timedelta(minutes=minute), registered("ada", team=f"team-{minute}"))
    for minute in (499, 0, 250, 7, 499, 100, *range(0, 500, 3)):
        assert timeline.at(begin + timedelta(minutes=minute, seconds=30)).team_of("ada") == f"team-{minute}"


# -- sources and the file ----------------------------------------------------------------------------------------------


def test_the_sources_of_a_type_are_those_that_produce_it_or_its_group():
    plain = {
        "sources": {
            "/crm": {"produces": ["sales.*", "cs.kickoff.scheduled"], "every": "15m"},
            "/calendar": {"produces": "cs.kickoff.*", "every": "1h"},
            "/all": {"produces": ["*"], "every": "1d"},
        }
    }
    directory = directory_from(plain)
    names = {
        kind: [source.name for source in directory.sources_for(kind)] for kind in ("cs.kickoff.held", "sales.x", "z")
    }
    assert names == {"cs.kickoff.held": ["/calendar", "/all"], "sales.x": ["/crm", "/all"], "z": ["/all"]}
    assert directory.sources[1] == Source("/calendar", ("cs.kickoff.*",), timedelta(hours=1))
    assert directory.sources_for("salesx") == (directory.sources[2],)


@pytest.mark.parametrize(
    ("plain", "path"),
    [
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"country": "XX"}, "country"),
        ({"hours": {"mon": []}}, "hours"),
        ({"people": ["dana"]}, "people"),
        ({"people": {"dana": "csm"}}, "people.dana"),
        ({"people": {"dana": {"country": "XX"}}}, "people.dana.country"),
        ({"people": {7: {}}}, "people"),
        ({"teams": {"cs": {"hours": {"mon": ["09:00-12:00", "11:00-13:00"]}}}}, "teams.cs.hours"),
        ({"roles": {"cco": 5}}, "roles.cco"),
        ({"sources": {"/crm": {"produces": ["sales.*"], "every": 15}}}, "sources./crm.every"),
        ({"sources": {"/crm": {"produces": ["sales.*"], "every": "1bd"}}}, "sources./crm.every"),
        ({"sources": {"/crm": {"every": "1h"}}}, "sources./crm.produces"),
        ({"allowed_lateness": "3bd"}, "allowed_lateness"),
        ({"proof_wait": 4}, "proof_wait"),
        ({"budgets": {"notices_per_day": -1}}, "budgets.notices_per_day"),
        ({"budgets": {"notices_per_day": True}}, "budgets.notices_per_day"),
    ],
)
def test_plain_data_that_cannot_be_used_is_refused_with_the_path(plain, path):
    with pytest.raises(DirectoryError) as refused:
        directory_from(plain)
    assert refused.value.path == path


def test_a_directory_is_a_value(company):
    assert directory_from(COMPANY) == company
    assert hash(directory_from(COMPANY)) == hash(company)
    assert company.with_event(registered("ada")) != company
    with pytest.raises(TypeError):
        company.people["eve"] = company.people["dana"]


def test_a_copy_says_what_the_timeline_says_and_does_not_grow_with_it():
    timeline = DirectoryTimeline(directory_from(COMPANY))
    timeline.record(at("2026-03-03T10:00"), event("people.person.registered", "dana", team="sales"))
    copy = timeline.copied()
    timeline.record(at("2026-03-04T10:00"), event("people.person.registered", "dana", team="cs-us"))

    assert [copy.at(at(day)).team_of("dana") for day in ("2026-03-02", "2026-03-03T10:00", "2026-03-05")] == [
        "cs",
        "sales",
        "sales",
    ]
    assert timeline.latest.team_of("dana") == "cs-us"
