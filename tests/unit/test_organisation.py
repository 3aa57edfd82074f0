"""The organisation file: what is welcome, what is refused with its place and the remedy, what the core makes of it."""

from datetime import date, timedelta

import pytest

from config.organisation import DEFAULT_FILE, Organisation, OrganisationError, load_organisation, parse_organisation
from config.yaml_file import MOST_BYTES
from workflows.directory import Directory, directory_from
from workflows.people import DirectoryError
from workflows.routing import DEFAULT_FALLBACKS
from workflows.working_hours import NINE_TO_FIVE

FULL = """
name: Example
timezone: Europe/Berlin
working_hours:
  mon-thu: ["09:00-12:00", "13:00-17:30"]
  friday: "09:00-15:00"
country: NO
holidays: [2026-12-24, 2026-12-31]
teams:
  - id: cs
    head: mona
    queue: cs.waiting
  - sales
people:
  dana:
    name: Dana Weiss
    email: Dana@example.com
    team: cs
    delegate: kim
    roles: cs_manager
    hours:
      tue: "10:00-24:00"
  kim:
roles:
  cco: casey
  cs_manager: [mona, noor]
fallbacks:
  csm: [am, "queue:cs.waiting"]
budgets:
  notices_per_day: 7
sources:
  - name: /crm/salesforce
    produces: ["sales.*", cs.kickoff.held]
    every: 15m
  - source: /calendar
    produces: cs.meeting.*
    every: 1h
allowed_lateness: 2d
proof_wait: 1bd
"""


def parse(text):
    return parse_organisation(text, name="org.yaml")


def directory(text):
    return directory_from(parse(text).model_dump())


def refusal(text):
    with pytest.raises(OrganisationError) as refused:
        parse(text)
    return str(refused.value)


def test_the_default_file_is_utc_nine_to_five_and_nobody():
    organisation = load_organisation()
    assert organisation.model_dump(exclude={"fallbacks"}) == Organisation().model_dump(exclude={"fallbacks"})
    plain = directory_from(organisation.model_dump())
    assert plain.default_calendar == Directory().default_calendar
    assert (plain.people, plain.teams, plain.roles, plain.sources) == ({}, {}, {}, ())
    assert (plain.allowed_lateness, str(plain.proof_wait), plain.notices_per_day) == (timedelta(hours=72), "4bh", 5)


def test_the_default_file_lists_the_chains_that_hold_without_it():
    assert load_organisation(DEFAULT_FILE).fallbacks == dict(DEFAULT_FALLBACKS)


def test_an_empty_file_is_the_default():
    assert parse("").model_dump() == parse("# nothing\n").model_dump() == Organisation().model_dump()


def test_the_code_and_the_core_agree_on_the_default():
    assert directory_from(Organisation().model_dump()) == Directory()


def test_a_full_file_becomes_a_directory():
    company = directory(FULL)
    calendar = company.default_calendar
    assert (calendar.zone, calendar.country) == ("Europe/Berlin", "NO")
    assert calendar.week == (((540, 720), (780, 1050)),) * 4 + (((540, 900),), (), ())
    assert calendar.holidays == {date(2026, 12, 24), date(2026, 12, 31)}
    assert company.head_of_team("cs") == company.manager_of("dana") == "mona"
    assert (company.queue_of_team("cs"), company.queue_of_team("sales")) == ("cs.waiting", "sales.unassigned")
    assert company.person_by_email("dana@example.com").name == "Dana Weiss"
    assert company.calendar_of("dana").week == ((), ((600, 1440),), (), (), (), (), ())
    assert company.calendar_of("kim") is calendar
    assert company.holders_of_role("cs_manager") == ("dana", "mona", "noor")
    assert company.fallbacks == {"csm": ("am", "queue:cs.waiting")}
    assert [source.name for source in company.sources_for("cs.kickoff.held")] == ["/crm/salesforce"]
    assert (company.allowed_lateness, str(company.proof_wait), company.notices_per_day) == (timedelta(days=2), "1bd", 7)


# -- what is welcome ---------------------------------------------------------------------------------------------------


def test_people_may_be_a_list_or_a_mapping():
    listed = parse("people: [{id: dana, team: cs}, kim]")
    mapped = parse("people: {dana: {team: cs}, kim: }")
    assert listed.model_dump() == mapped.model_dump()


def test_what_stands_under_defaults_stands_at_the_top():
    below = parse("defaults: {timezone: Europe/Berlin, country: DE, hours: {mon: 09:00-17:00}}")
    above = parse("time_zone: Europe/Berlin\ncountry: DE\nhours: {mon: 09:00-17:00}")
    assert below.model_dump() == above.model_dump()


@pytest.mark.parametrize(
    "hours",
    [
        "{mon-fri: 09:00-17:00}",
        "{mon: 09:00-17:00, tue-fri: ['09:00-17:00']}",
        "{Monday-Friday: 09:00-17:00, sat: , sun: []}",
        "{mon-sun: 09:00-17:00, sat: [], sun: []}",
    ],
)
def test_hours_may_be_written_in_several_ways(hours):
    assert directory(f"hours: {hours}").default_calendar.week == NINE_TO_FIVE


def test_a_day_named_alone_counts_more_than_a_range():
    week = parse("hours: {fri: 09:00-12:00, mon-fri: 09:00-17:00}").hours
    assert (week["thu"], week["fri"], week["sat"]) == (("09:00-17:00",), ("09:00-12:00",), ())


def test_the_words_that_yaml_takes_for_booleans_and_times_stay_text():
    assert parse("country: NO").country == "NO"
    assert parse("people: {on: {name: Yes}, 007: }").people.keys() == {"on", "007"}


# -- what is refused ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("time_zone: UTC\nholiday: []", 'org.yaml:2: holiday: the key "holiday" is unknown; did you mean "holidays"?'),
        (
            "people:\n  dana:\n    emial: x",
            'org.yaml:3: people.dana.emial: the key "emial" is unknown; did you mean "email"?',
        ),
        (
            "people:\n  - id: a\n  - id: b\n    zzz: 1",
            'org.yaml:4: people.b.zzz: the key "zzz" is unknown; the keys here are',
        ),
        ("a: 1\na: 2", 'org.yaml:2: the key "a" is given twice; keep one of the two'),
        ("time_zone: Mars/X", 'org.yaml:1: time_zone: time zone "Mars/X" is unknown; use a name of the IANA database'),
        ("teams:\n  cs:\n    timezone: Mars/X", 'org.yaml:3: teams.cs.time_zone: time zone "Mars/X" is unknown'),
        (
            "timezone: UTC\ntime_zone: UTC",
            '"timezone" and "time_zone" mean the same, and both are given; keep one of the two',
        ),
        ("defaults: {country: DE}\ncountry: DE", 'country: "country" is given at the top and under "defaults"'),
        ("allowed_lateness: 72", "org.yaml:1: allowed_lateness: 72 is a bare number; a duration needs a unit"),
        ("allowed_lateness: 3bd", "org.yaml:1: allowed_lateness: 3bd is working time; here the clock counts"),
        ("proof_wait: soon", 'org.yaml:1: proof_wait: "soon" is no duration; write it as 3bd'),
        ("hours:\n  mon: 9-17", 'org.yaml:2: hours.mon: "9-17" is no span of hours; write two times of the day'),
        ("defaults:\n  hours:\n    mon: 9-17", 'org.yaml:3: hours.mon: "9-17" is no span of hours'),
        ("hours: {mon: 22:00-06:00}", 'split a shift over midnight over two days: "22:00-24:00" and, on the next day'),
        ("hours: {mon: 5}", "org.yaml:1: hours.mon: 5 are no hours; write"),
        ("hours: always", "org.yaml:1: hours: 'always' is no week of hours; write them as {mon-fri:"),
        ("hours: {}", "org.yaml:1: hours: nobody works in this week, so no deadline could ever fall due"),
        ("hours: {someday: 09:00-17:00}", 'hours.someday: "someday" is no weekday; write mon, tue,'),
        ("hours: {mon-: 09:00-17:00, fri-mon: 09:00-17:00}", 'hours.fri-mon: the days "fri-mon" run backwards'),
        ("hours: {mon: 09:00-17:00, monday: []}", 'hours.monday: "monday" names mon, which is given already'),
        ("holidays: [2026-13-01]", 'org.yaml:1: holidays.0: "2026-13-01" is no date; write it as 2026-12-24'),
        ("holidays: [20]", 'holidays.0: "20" is no date'),
        ("people: 5", "org.yaml:1: people: 5 is neither a list of entries nor a mapping of them"),
        (
            "people:\n  - id: a\n  - name: b",
            'org.yaml:3: people.1: this entry has no "id"; every entry of a list names itself',
        ),
        ("people:\n  - id: a\n  - id: a", 'org.yaml:3: people.1: "a" is given twice; keep one of the two'),
        ("people: {dana: csm}", "org.yaml:1: people.dana: 'csm' is not allowed"),
        ("people: {dana: {email: x}}", 'people.dana.email: "x" is no e-mail address; write it as dana@example.com'),
        ("people: {dana: {manager: 7}}", "people.dana.manager: 7 is no text; put it in quotes"),
        ("roles: {cco: 5}", "roles.cco: 5 is no list of names; write one name, or several as [one, two]"),
        ("fallbacks:\n  am: [ae]\n  csm: [csm]", 'org.yaml:3: fallbacks.csm: the chain of "csm" names "csm" itself'),
        ("fallbacks: {csm: ['queue:a', am]}", "fallbacks.csm: a queue always takes the work"),
        ("fallbacks: {csm: []}", "fallbacks.csm: the list is empty; name at least one"),
        ("budgets: {notices_per_day: many}", "budgets.notices_per_day: 'many' is not allowed"),
        ("budgets: {notices_per_day: 5, per_week: 9}", 'budgets.per_week: the key "per_week" is unknown'),
        ("sources: [{source: /crm, produces: x}]", 'sources./crm.every: the key "every" is missing'),
        ("sources: [{source: /crm, produces: [], every: 1h}]", "sources./crm.produces: the list is empty"),
        ("- 1", "org.yaml: the file is no mapping; write keys such as time_zone"),
        ("just text", "org.yaml: the file is no mapping"),
        ("a: [", "org.yaml:1: this is no YAML: "),
        (
            "a: !!python/object/apply:os.system ['true']",
            "org.yaml:1: this is no YAML: could not determine a constructor",
        ),
        ("&a [*a]", "org.yaml: the file is nested too deeply, or an alias contains itself"),
        ("x: " + "[" * 5000, "org.yaml: the file is nested too deeply"),
        ("a: \x01", "org.yaml: this is no YAML: "),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_place_and_the_remedy(text, message):
    assert message in refusal(text)


def test_the_number_of_further_problems_is_told():
    assert refusal("a: 1\nb: 2\nc: 3").endswith("(and 2 more)")


def test_nested_aliases_cannot_fill_the_memory():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, 9)]
    assert "write the file without nested aliases" in refusal("\n".join(lines))


def test_what_only_the_core_can_check_is_refused_with_the_same_place():
    organisation = parse("people:\n  dana:\n    name: Dana\n    country: QQ\n")
    with pytest.raises(DirectoryError) as refused:
        directory_from(organisation.model_dump())
    error = organisation.error_at(refused.value.path, refused.value.reason)
    assert str(error).startswith('org.yaml:4: people.dana.country: country "QQ" is unknown; use an ISO 3166 code')


def test_the_place_is_found_for_ids_with_dots_in_a_list_and_under_defaults():
    organisation = parse(
        "defaults:\n  working_hours:\n    mon: 09:00-17:00\npeople:\n  - id: dana\n  - id: dana.w\n    country: DE\n"
    )
    assert str(organisation.error_at("people.dana.w.country", "no")) == "org.yaml:7: people.dana.w.country: no"
    assert str(organisation.error_at("hours", "no")) == "org.yaml:2: hours: no"
    assert str(organisation.error_at("people.dana.team", "no")) == "org.yaml:5: people.dana.team: no"
    assert str(Organisation().error_at("hours", "no")) == "hours: no"


def test_a_file_that_is_missing_or_no_text_is_refused(tmp_path):
    missing = tmp_path / "missing.yaml"
    with pytest.raises(OrganisationError, match=r"missing\.yaml: no such file or directory; name a file that exists"):
        load_organisation(missing)
    with pytest.raises(OrganisationError, match="is a directory"):
        load_organisation(tmp_path)
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(OrganisationError, match="no UTF-8 text; save it as UTF-8"):
        load_organisation(binary)
    large = tmp_path / "large.yaml"
    large.write_bytes(b"#" * (MOST_BYTES + 1))
    with pytest.raises(OrganisationError, match=f"at most {MOST_BYTES} are read"):
        load_organisation(large)


def test_a_file_on_disk_is_named_in_the_message(tmp_path):
    file = tmp_path / "org.yaml"
    file.write_text("time_zone: UTC\nallowed_lateness: 72\n", encoding="utf-8")
    with pytest.raises(OrganisationError) as refused:
        load_organisation(file)
    assert str(refused.value).startswith(f"{file}:2: allowed_lateness: 72 is a bare number")
