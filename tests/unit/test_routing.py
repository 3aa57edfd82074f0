"""Routing: from a role on the account to a holder, through managers, stand-ins and fallbacks, never to nobody."""

from datetime import UTC, datetime

import pytest

from events.envelope import Event
from workflows.directory import Directory, directory_from
from workflows.routing import DEFAULT_FALLBACKS, LAST_QUEUE, MANAGED, QUEUE, Recipient, known_roles, route

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
RULE_R9 = [
    *("ae", "am", "csm", "cs_manager", "sales_manager", "support_owner", "pm", "product_lead", "marketer"),
    *("marketing_lead", "finance_owner", "exec_sponsor", "cco", "ceo", "cs_ops"),
]


def company(**plain):
    return directory_from(plain)


def away(directory, *people, delegate=None):
    for person in people:
        directory = directory.with_event(
            Event(
                f"away-{person}",
                "/hr",
                "people.user.away_set",
                person,
                NOON.replace(day=2),
                data={"delegate": delegate},
            )
        )
    return directory


def test_the_holder_of_the_role_on_the_account_gets_it():
    assert route("csm", {"csm": "dana"}, Directory(), NOON) == Recipient("csm", "dana", found_as="csm")


def test_a_holder_whom_the_directory_does_not_know_is_a_holder():
    assert route("ae", {"ae": "stranger"}, company(people={"sam": {}}), NOON).person == "stranger"


def test_without_a_holder_the_chain_is_followed_and_what_was_tried_is_recorded():
    assert route("csm", {"csm_backup": "kim"}, Directory(), NOON) == Recipient(
        "csm", "kim", fallback=("csm",), found_as="csm_backup"
    )
    assert route("ae", {"am": "ann"}, Directory(), NOON).person == "ann"
    assert route("csm", {"cs_manager": "mona"}, Directory(), NOON) == Recipient(
        "csm", "mona", fallback=("csm", "csm_backup"), found_as="cs_manager"
    )


def test_a_chain_ends_in_a_queue():
    assert route("csm", {}, Directory(), NOON) == Recipient(
        "csm", queue="cs.unassigned", fallback=("csm", "csm_backup", "cs_manager")
    )


@pytest.mark.parametrize("role", RULE_R9)
def test_every_role_ends_with_a_holder_even_in_an_empty_company(role):
    recipient = route(role, {}, Directory(), NOON)
    assert recipient.person is None
    assert recipient.queue
    assert recipient.queue.endswith(".unassigned")
    assert recipient.fallback[0] == role


def test_every_chain_is_of_known_roles_and_ends_in_a_queue():
    for role, chain in DEFAULT_FALLBACKS.items():
        assert role not in chain
        assert chain[-1].startswith(QUEUE)
        assert not any(name.startswith(QUEUE) for name in chain[:-1])
    assert set(RULE_R9) <= set(DEFAULT_FALLBACKS)
    assert set(MANAGED) <= set(DEFAULT_FALLBACKS)


def test_an_unknown_role_waits_where_somebody_looks():
    assert route("janitor", {}, Directory(), NOON) == Recipient("janitor", queue=LAST_QUEUE, fallback=("janitor",))


def test_a_role_held_for_the_whole_company_needs_no_holder_on_the_account():
    directory = company(people={"casey": {"roles": ["cco"]}}, roles={"ceo": "eve"})
    assert route("cco", {}, directory, NOON) == Recipient("cco", "casey", found_as="cco")
    assert route("exec_sponsor", {}, directory, NOON).person == "casey"
    assert route("cco", {"cco": "other"}, directory, NOON).person == "other"


# A manager's role, in the order in which it is looked for.
PEOPLE = {
    "dana": {"manager": "mona"},
    "mona": {"roles": ["cs_manager"]},
    "abel": {"roles": ["cs_manager"]},
    "kim": {"manager": "vera"},
}


@pytest.mark.parametrize(
    ("roles", "people", "expected"),
    [
        ({"cs_manager": "zoe", "csm": "dana"}, PEOPLE, "zoe"),  # the account says so
        ({"csm": "dana"}, PEOPLE, "mona"),  # the manager of its csm, who holds the role
        ({"csm": "kim"}, PEOPLE, "abel"),  # vera does not hold it: the first by id who does
        ({}, PEOPLE, "abel"),
        ({"csm": "kim"}, {"kim": {"manager": "vera"}}, "vera"),  # nobody holds it: the manager even so
        ({"csm_backup": "kim"}, {"kim": {"manager": "vera"}}, "vera"),
        ({"csm": "kim"}, {}, None),
    ],
)
def test_a_manager_is_looked_for_from_the_account_outwards(roles, people, expected):
    recipient = route("cs_manager", roles, company(people=people), NOON)
    assert recipient.person == expected
    assert recipient.fallback == (() if expected else ("cs_manager",))


@pytest.mark.parametrize(
    ("manager", "below"), [(manager, below) for manager, names in MANAGED.items() for below in names]
)
def test_the_head_of_the_team_counts_as_manager(manager, below):
    directory = company(teams={"any": {"head": "boss"}}, people={"one": {"team": "any"}})
    assert route(manager, {below: "one"}, directory, NOON).person == "boss"


def test_whoever_is_away_is_stood_in_for_by_the_delegate():
    directory = away(company(people={"dana": {"delegate": "kim"}}), "dana")
    assert route("csm", {"csm": "dana"}, directory, NOON) == Recipient("csm", "kim", away_from="dana", found_as="csm")
    assert route("csm", {"csm": "dana"}, away(directory, "dana", delegate="lee"), NOON).person == "lee"


def test_before_and_after_the_absence_the_holder_has_it():
    directory = company(people={"dana": {"delegate": "kim"}}).with_event(
        Event("e", "/hr", "people.user.away_set", "dana", NOON, data={"from": "2026-03-04", "to": "2026-03-06"})
    )
    assert route("csm", {"csm": "dana"}, directory, NOON).person == "kim"
    assert route("csm", {"csm": "dana"}, directory, NOON.replace(day=3)).person == "dana"
    assert route("csm", {"csm": "dana"}, directory, NOON.replace(day=9)).person == "dana"


def test_without_a_delegate_the_next_in_the_chain_has_it():
    directory = away(Directory(), "dana")
    assert route("csm", {"csm": "dana", "csm_backup": "kim"}, directory, NOON) == Recipient(
        "csm", "kim", fallback=("csm",), away_from="dana", found_as="csm_backup"
    )


def test_when_everybody_is_away_it_waits_in_the_queue_and_says_from_whom_it_came():
    directory = away(company(people=PEOPLE), "dana", "mona", "abel")
    assert route("csm", {"csm": "dana"}, directory, NOON) == Recipient(
        "csm", queue="cs.unassigned", fallback=("csm", "csm_backup", "cs_manager"), away_from="dana"
    )


def test_of_several_holders_of_a_role_the_next_is_asked_when_the_first_is_away():
    directory = away(company(roles={"cco": ["abel", "casey"]}), "abel")
    assert route("cco", {}, directory, NOON) == Recipient("cco", "casey", away_from="abel", found_as="cco")


def test_whoever_left_never_gets_it():
    directory = Directory().with_event(Event("e", "/hr", "people.user.left", "sam", NOON, data={}))
    assert route("ae", {"ae": "sam", "am": "ann"}, directory, NOON).person == "ann"
    assert route("ae", {"ae": "sam", "am": "ann"}, directory, NOON.replace(day=4)).person == "sam"


def test_a_chain_of_the_organisation_replaces_the_default_one():
    directory = company(fallbacks={"csm": ["am", "queue:accounts.waiting"], "janitor": ["csm"]})
    assert route("csm", {"am": "ann", "cs_manager": "mona"}, directory, NOON).person == "ann"
    assert route("csm", {}, directory, NOON).queue == "accounts.waiting"
    assert route("janitor", {"csm": "dana"}, directory, NOON).person == "dana"


def test_the_roles_that_a_definition_may_name_are_those_of_the_rules_and_of_the_file():
    assert known_roles(Directory()) >= set(RULE_R9) | {"csm_backup", "support_lead", "finance_lead"}
    more = known_roles(company(fallbacks={"janitor": ["porter", "queue:house"]}, roles={"legal": "lou"}))
    assert more - known_roles(Directory()) == {"janitor", "porter", "legal"}
