"""How do the four stories go, day by day?

Day 0 is the first working day: Monday 5 January 2026 in the standard quarter.
The hours are part of the stories: what the workflows say about them is known to the minute.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from nofumble.sample.company import Customer
from nofumble.sample.script import Script, Told, by, by_contact, written

_SECONDS = timedelta(seconds=4)


def tell_stories(script: Script, customers: Mapping[str, Customer]) -> None:
    """Write all stories down; `customers` by id."""
    _signature(script, customers["alpine"], day=6, contract="C-2001")
    _goes_well(script, customers["alpine"], day=6, contract="C-2001")
    _signature(script, customers["northwind"], day=11, contract="C-2002")
    _pause(script, customers["northwind"], day=11, contract="C-2002")
    _upsell_alone(script, customers["harbour"])
    _upsell_with_late_copy(script, customers["lumen"])
    _request_lies_still(script, customers["quarry"])
    _crisis(script, customers["mistral"])
    _recovery(script, customers["mistral"])


def _signature(script: Script, customer: Customer, *, day: int, contract: str) -> None:
    """The signature, the package, its acceptance and the introduction: what goes well in both stories."""
    ae, csm, boss = customer.team["ae"], customer.csm, customer.boss.id
    signed: Told = {
        "contract_id": contract,
        "kind": "new",
        "products": list(customer.products),
        "arr": {"amount": customer.arr, "currency": "EUR"},
        "term_months": 24,
        "start_date": script.day(day + 5).isoformat(),
        "signed_by": boss,
        "promises": ["a first line running within six weeks"],
    }
    script.tell(
        "crm",
        "sales.contract.signed",
        customer.id,
        script.at(day, "10:00"),
        by(ae, "sales", boss) | signed,
        lag=_SECONDS,
    )
    package: Told = {
        "contract_id": contract,
        "completeness": 1.0,
        "dossier": {
            "why_bought": "two unplanned stops last year cost more than the contract",
            "success_criteria": ["unplanned stops down by a third in six months"],
            "stakeholders": [contact.id for contact in customer.contacts],
            "promises": ["a first line running within six weeks"],
            "target_date": script.day(day + 30).isoformat(),
            "channel": "email",
        },
    }
    script.tell(
        "crm",
        "sales.handoff.submitted",
        customer.id,
        script.at(day + 1, "09:00"),
        by(ae, "sales") | package,
        lag=_SECONDS,
    )
    accepted = by(csm, "cs") | {"contract_id": contract}
    script.tell("notes", "cs.handoff.accepted", customer.id, script.at(day + 1, "15:00"), accepted, lag=_SECONDS)
    intro: Told = {
        "thread_id": f"intro-{contract}",
        "direction": "out",
        "channel": "email",
        "purpose": "intro",
        "contact_ids": [boss],
        "cc": [csm],
        "summary": f"introducing {csm.title()}, who looks after you from here on",
    }
    script.tell(
        "mail", "sales.contact.logged", customer.id, script.at(day + 1, "16:20"), by(ae, "sales", csm, boss) | intro
    )
    marketer = by(customer.team["marketer"], "marketing")
    script.finish(customer.id, script.at(day + 1, "10:40"), marketer, ("signature_to_kickoff", contract, "T6"))


def _goes_well(script: Script, customer: Customer, *, day: int, contract: str) -> None:
    """The kickoff is booked on the second day and held on the sixth."""
    _kickoff(script, customer, contract, booked=script.at(day + 2, "11:30"), held=script.at(day + 6, "13:00"))
    live: Told = {"from": "signed", "to": "onboarding", "reason": "kickoff held"}
    script.tell(
        "notes", "cs.lifecycle.changed", customer.id, script.at(day + 6, "14:30"), by(customer.csm, "cs") | live
    )
    reached: Told = {"product": customer.products[0], "stage": "setup", "achievement": "first line connected"}
    script.tell(
        "notes", "cs.milestone.reached", customer.id, script.at(day + 14, "10:15"), by(customer.csm, "cs") | reached
    )


def _pause(script: Script, customer: Customer, *, day: int, contract: str) -> None:
    """Silence until the customer asks; the kickoff is booked on the eleventh day and held on the twelfth."""
    asks: Told = {
        "thread_id": f"start-{contract}",
        "channel": "email",
        "from": customer.boss.id,
        "to": [customer.team["ae"]],
        "tags": ["question"],
        "expects_reply": True,
        "text_ref": "mail:when-do-we-start",
        "summary": "when do we start?",
    }
    asked = by_contact(customer.boss.id, customer.team["ae"]) | asks
    script.tell("mail", "customer.message.received", customer.id, script.at(day + 8, "08:40"), asked)
    _kickoff(script, customer, contract, booked=script.at(day + 11, "09:20"), held=script.at(day + 12, "11:00"))


def _kickoff(script: Script, customer: Customer, contract: str, *, booked: datetime, held: datetime) -> None:
    attendees = [contact.id for contact in customer.contacts]
    told = by(customer.csm, "cs", *attendees) | {"contract_id": contract, "by": "us", "attendees": attendees}
    at = written(held)
    script.tell("calendar", "cs.kickoff.scheduled", customer.id, booked, told | {"at": at}, lag=_SECONDS)
    script.tell("calendar", "cs.kickoff.held", customer.id, held, told | {"at": at}, lag=_SECONDS)


def _upsell_alone(script: Script, customer: Customer) -> None:
    """The account manager offers a larger plan without the CSM, and briefs her late; the review suffers."""
    am, boss = customer.team["am"], customer.boss.id
    offer: Told = {
        "opportunity_id": "O-3101",
        "offer": "Compass",
        "contact_ids": [boss],
        "channel": "email",
        "thread_id": "M-3101",
        "direction": "out",
        "purpose": "upsell",
        "summary": "the larger plan at the old price until the end of the month",
    }
    attempt = by(am, "sales", boss) | offer
    script.tell("mail", "sales.upsell.attempted", customer.id, script.at(26, "10:00"), attempt, lag=_SECONDS)
    case = ("sales_contact_without_csm", f"{am}/O-3101")
    script.finish(customer.id, script.at(29, "09:40"), by(am, "sales"), (*case, "T1"))
    script.finish(customer.id, script.at(29, "11:15"), by(customer.csm, "cs"), (*case, "T2"), outcome="wait")
    review: Told = {"meeting_id": "R-harbour-q1", "type": "review", "by": "us", "attendees": [boss]}
    script.tell(
        "calendar", "cs.meeting.requested", customer.id, script.at(30, "09:30"), by(customer.csm, "cs", boss) | review
    )
    declined = review | {"by": "customer", "reason": "not a good moment"}
    script.tell("calendar", "cs.meeting.declined", customer.id, script.at(32, "15:10"), by_contact(boss) | declined)


def _upsell_with_late_copy(script: Script, customer: Customer) -> None:
    """The CRM knows at once, without the copy; the mail sync brings the mail itself, with the CSM on it, at 15:00."""
    am, boss = customer.team["am"], customer.boss.id
    contact: Told = {
        "thread_id": "M-3102",
        "direction": "out",
        "channel": "email",
        "purpose": "upsell",
        "contact_ids": [boss],
        "summary": "more seats for the second plant",
    }
    known = by(am, "sales", boss) | contact
    script.tell("crm", "sales.contact.logged", customer.id, script.at(31, "10:00"), known, lag=_SECONDS)
    sent = script.at(31, "09:58")
    copied = by(am, "sales", boss, customer.csm) | contact | {"cc": [customer.csm]}
    script.tell("mail", "sales.contact.logged", customer.id, sent, copied, lag=script.at(31, "15:00") - sent)


def _request_lies_still(script: Script, customer: Customer) -> None:
    """Submitted on day 21, acknowledged on the sixth day after it, decided on the twenty-third."""
    pm, csm, asker = customer.team["pm"], customer.csm, customer.contacts[1].id
    request: Told = {
        "request_id": "F-77",
        "area": "reporting",
        "title": "a report per site",
        "problem": "fourteen sites share one report, and each site manager copies their lines out by hand",
        "asker": asker,
        "accounts": [customer.id],
    }
    script.tell(
        "tracker",
        "product.request.submitted",
        customer.id,
        script.at(21, "10:00"),
        by(csm, "cs") | request,
        lag=_SECONDS,
    )
    taken = by(pm, "product") | {"request_id": "F-77", "area": "reporting", "status": "accepted"}
    script.tell("tracker", "product.request.acknowledged", customer.id, script.at(27, "09:00"), taken, lag=_SECONDS)
    _tell_customer(script, customer, 27, "14:00", "product has it now; a decision is to come", request="F-77")
    decided = by("helen", "product") | {
        "request_id": "F-77",
        "status": "planned",
        "window": "Q3",
        "reason": "three asked for it",
    }
    script.tell("tracker", "product.request.triaged", customer.id, script.at(44, "11:00"), decided, lag=_SECONDS)
    _tell_customer(
        script, customer, 45, "09:45", "the report per site is planned for the third quarter", request="F-77"
    )


def _tell_customer(script: Script, customer: Customer, day: int, clock: str, summary: str, *, request: str) -> None:
    asker = customer.contacts[1].id
    told: Told = {
        "thread_id": f"request-{request}",
        "direction": "out",
        "channel": "email",
        "purpose": "support",
        "topic": "product_request",
        "request_id": request,
        "contact_ids": [asker],
        "summary": summary,
    }
    script.tell("mail", "cs.contact.logged", customer.id, script.at(day, clock), by(customer.csm, "cs", asker) | told)


def _crisis(script: Script, customer: Customer) -> None:
    """Severity 1 on day 41 at 10:00, mended on the next day at 15:00; marketing asks for a quote in between."""
    owner, boss = customer.team["support_owner"], customer.boss.id
    ticket: Told = {"ticket_id": "T-9001", "severity": 1, "area": "planning", "requester": boss}
    opened = (
        by_contact(boss) | ticket | {"to_team": "second line", "waiting_on": "us", "title": "the planner stands still"}
    )
    script.tell("desk", "support.ticket.opened", customer.id, script.at(41, "10:00"), opened, lag=_SECONDS)
    _crisis_mail(script, customer, 41, "11:20", "Ben leads on our side; the next word comes at 15:00")
    asks: Told = {"ask_id": "K-501", "kind": "testimonial", "for": "spring campaign", "requester": "noor", "weight": 6}
    script.tell(
        "campaigns", "marketing.ask.requested", customer.id, script.at(41, "13:30"), by("noor", "marketing") | asks
    )
    crisis = ("crisis_hold_and_recovery", "crisis")
    script.finish(customer.id, script.at(41, "16:10"), by(owner, "support"), (*crisis, "T2"))
    script.finish(customer.id, script.at(42, "11:30"), by(customer.csm, "cs"), (*crisis, "T4"))
    for day, clock in ((41, "14:50"), (42, "09:10"), (42, "13:00")):
        reply = by(owner, "support", boss) | ticket | {"waiting_on": "us"}
        script.tell("desk", "support.ticket.replied", customer.id, script.at(day, clock), reply, lag=_SECONDS)
    for verb, clock in (("resolved", "15:00"), ("closed", "17:30")):
        script.tell(
            "desk",
            f"support.ticket.{verb}",
            customer.id,
            script.at(42, clock),
            by(owner, "support") | ticket,
            lag=_SECONDS,
        )


def _recovery(script: Script, customer: Customer) -> None:
    """The close-out two days after the start, the sponsor's call, the gesture, and the check-in ten days on."""
    _crisis_mail(
        script, customer, 43, "14:00", "what happened, our fault in it, and what we changed", topic="close_out"
    )
    call: Told = {
        "our_exec": "ingrid",
        "their_exec": customer.boss.id,
        "channel": "phone",
        "about": "the planner outage",
    }
    script.tell("notes", "exec.contact.reported", customer.id, script.at(45, "16:00"), by("ingrid", "exec") | call)
    credit: Told = {"amount": {"amount": 250_000, "currency": "EUR"}, "reason": "goodwill after the outage"}
    script.tell(
        "billing", "finance.credit.granted", customer.id, script.at(46, "10:00"), by("henry", "finance") | credit
    )
    _crisis_mail(script, customer, 52, "10:30", "two quiet weeks: how do you see it", topic="check_in")


def _crisis_mail(
    script: Script, customer: Customer, day: int, clock: str, summary: str, *, topic: str = "crisis"
) -> None:
    boss = customer.boss.id
    told: Told = {
        "thread_id": "T-9001",
        "ticket_id": "T-9001",
        "direction": "out",
        "channel": "email",
        "purpose": "support",
        "topic": topic,
        "contact_ids": [boss],
        "summary": summary,
    }
    script.tell(
        "mail",
        "cs.contact.logged",
        customer.id,
        script.at(day, clock),
        by(customer.csm, "cs", boss) | told,
        lag=_SECONDS,
    )
