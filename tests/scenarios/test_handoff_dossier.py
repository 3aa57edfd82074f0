"""What sales was told, the customer does not say twice (W02)."""

import pytest

from tests.scenarios.scenario import Story

SUBMITTED, RETURNED = "sales.handoff.submitted", "cs.handoff.returned"
COMPLETE = {
    "why_bought": "two stops last year",
    "success_criteria": ["a third less"],
    "stakeholders": [{"name": "Jo", "role": "decision_maker"}, {"name": "Al", "role": "admin"}],
    "promises": "none",
    "target_date": "2026-05-01",
    "channel": "mail",
}


def signed(**data):
    roles = {"ae": "sam", "am": "amy", "csm": "dana", "cs_manager": "kim", "sales_manager": "lee"}
    story = Story("handoff_dossier", roles=roles)
    return story.on("Tue 03-03 10:00", "sales.contract.signed", **{"contract_id": "C-1", "kind": "new", **data})


def submitted(story, when="Tue 03-03 11:00", **dossier):
    return story.on(when, SUBMITTED, contract_id="C-1", dossier={**COMPLETE, **dossier})


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ("why_bought", ""),
        ("success_criteria", []),
        ("stakeholders", [{"name": "Jo", "role": "decision_maker"}]),
        ("stakeholders", 1),
        ("stakeholders", [{"name": "Jo", "role": "user"}, {"name": "Al", "role": "champion"}]),
        ("promises", []),
        ("target_date", None),
        ("channel", "  "),
    ],
)
def test_what_is_missing_is_named_and_the_task_stays_open(item, said):
    story = submitted(signed(), **{item: said})

    assert story.last("task.updated")["missing"] == [item]
    assert story.raised() == ["Tue 03-03 11:00 alert.raised A1 warn sam"]
    assert story.open("T1", "T2") == ["T1 proposed sam"]


@pytest.mark.parametrize(
    "dossier",
    [
        {},
        {"success_criteria": {"core": "a third less"}, "stakeholders": 2, "promises": ["none"]},
        {"stakeholders": ["jo", "al"]},
        {"stakeholders": [{"name": "Jo", "decision_maker": True}, {"name": "Al", "role": "user"}]},
    ],
)
def test_a_complete_package_is_offered_to_the_csm(dossier):
    story = submitted(signed(), **dossier)

    assert story.told("T2") == ["Tue 03-03 11:00 task.offered T2 dana due Wed 03-04 17:00"]
    assert story.raised() == []


def test_two_products_need_two_criteria():
    story = submitted(signed(products=["core", "reports"]))
    assert story.last("task.updated")["missing"] == ["success_criteria"]

    submitted(story, "Tue 03-03 12:00", success_criteria={"core": "a third less", "reports": "daily"})
    assert story.open("T1", "T2") == ["T2 offered dana"]


def test_an_override_is_taken_and_a_poor_package_is_told_all_the_same():
    story = signed().on(
        "Tue 03-03 11:00", SUBMITTED, contract_id="C-1", dossier={"channel": "mail"}, override_reason="the ceo asked"
    )

    assert story.open("T1", "T2") == ["T2 offered dana"]
    assert story.raised() == ["Tue 03-03 11:00 alert.raised A1 warn sam"]


def test_the_third_return_goes_to_both_managers():
    story = signed()
    for day in ("Wed 03-04", "Thu 03-05", "Fri 03-06"):
        submitted(story, f"{day} 10:00").on(f"{day} 12:00", RETURNED, contract_id="C-1", questions=["who decides"])

    assert [one for one in story.told("T1", "task.proposed") if "12:00" in one] == [
        "Wed 03-04 12:00 task.proposed T1 sam due Thu 03-05 17:00",
        "Thu 03-05 12:00 task.proposed T1 sam due Fri 03-06 17:00",
        "Fri 03-06 12:00 task.proposed T1 lee due Mon 03-09 17:00",
    ]
    assert story.raised() == ["Fri 03-06 12:00 alert.raised A3 warn lee+kim"]


def test_a_csm_who_declines_returns_it_to_the_seller():
    story = submitted(signed())
    story.on("Tue 03-03 12:00", "task.declined", workflow="handoff_dossier", ref="T2", reason="who decides")

    assert story.open("T1", "T2") == ["T1 proposed sam"]


def test_a_seller_who_left_is_stood_in_for_by_her_manager():
    story = Story("handoff_dossier", roles={"ae": "sam", "am": "amy", "sales_manager": "lee"})
    story.on("Mon 03-02 10:00", "people.user.left", subject="sam", person="sam")
    story.on("Tue 03-03 10:00", "sales.contract.signed", contract_id="C-1", kind="new")

    assert story.open("T1") == ["T1 proposed lee"]


def test_a_cancelled_contract_asks_for_nothing_more():
    assert signed().on("Wed 03-04 10:00", "sales.contract.cancelled", contract_id="C-1").open() == []
