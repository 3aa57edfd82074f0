"""What goes on between sales, customer success and their customers while the stories happen?

Most of it goes well: that is what the workflows have to be silent about. Some does not, as in any quarter: a kickoff
that is late by a day, an upsell mail without the CSM now and then.
"""

from __future__ import annotations

from datetime import timedelta

from nofumble.sample.company import AREAS, PRODUCTS, Customer
from nofumble.sample.script import Script, Told, by, by_contact, written

LAST_DAY = 63
"""A quarter has about 64 working days."""

_STAGES = ("discovery", "proposal", "verbal")
_CHAT_IS_FASTER = 8
_BUYING = ("upsell", "cross_sell", "renewal")
_PURPOSES = (*_BUYING, "social", "support")
_TALK = (
    "the new planner on the second line",
    "spare parts that come too late",
    "who may see the reports",
    "the audit in March",
    "training for the night shift",
    "figures for their board",
)
_WITHOUT_CSM_PERCENT = 15
"""How many in a hundred sales contacts leave the CSM off the copy."""


def first_day(customer: Customer, signed: dict[str, int]) -> int:
    """Give the day from which the customer is with us: 0, or the end of its onboarding."""
    return signed[customer.id] + 10 if customer.joins else 0


def win_prospects(script: Script, customers: tuple[Customer, ...], signed: dict[str, int], told: set[str]) -> None:
    """Tell the way to the signature of every prospect, and the onboarding of those that no story tells (`told`)."""
    for number, customer in enumerate(customers):
        if not customer.joins:
            continue
        day = signed[customer.id]
        opportunity: Told = {"opportunity_id": f"O-{1001 + number}", "products": list(customer.products)}
        opportunity |= {"amount": {"amount": customer.arr, "currency": "EUR"}}
        for step, stage in enumerate(_STAGES):
            at = script.at(max(0, day - 6 + 2 * step))
            moved = {"from": _STAGES[step - 1] if step else "contact", "to": stage}
            ae = by(customer.team["ae"], "sales")
            script.tell("crm", "sales.opportunity.stage_changed", customer.id, at, ae | opportunity | moved)
        if customer.id not in told:
            _onboard(script, customer, day, f"C-{1001 + number}")


def _onboard(script: Script, customer: Customer, day: int, contract: str) -> None:
    draw = script.draw
    ae, csm, boss = customer.team["ae"], customer.csm, customer.boss.id
    signed: Told = {"contract_id": contract, "kind": "new", "products": list(customer.products), "term_months": 12}
    signed |= {"arr": {"amount": customer.arr, "currency": "EUR"}, "signed_by": boss}
    at = script.at(day, f"{draw.randint(9, 12):02d}:30")
    script.tell("crm", "sales.contract.signed", customer.id, at, by(ae, "sales", boss) | signed, lag=_MOMENT)
    package = by(ae, "sales") | {"contract_id": contract, "completeness": draw.choice((0.8, 0.9, 1.0))}
    script.tell("crm", "sales.handoff.submitted", customer.id, script.at(day + 1, "09:40"), package, lag=_MOMENT)
    taken = by(csm, "cs") | {"contract_id": contract}
    script.tell("notes", "cs.handoff.accepted", customer.id, script.at(day + 1, "14:10"), taken)
    intro: Told = {"thread_id": f"intro-{contract}", "direction": "out", "channel": "email", "purpose": "intro"}
    intro |= {"contact_ids": [boss], "cc": [csm], "summary": "meet the person who looks after you"}
    script.tell(
        "mail", "sales.contact.logged", customer.id, script.at(day + 1, "15:30"), by(ae, "sales", csm, boss) | intro
    )
    marketer = by(customer.team["marketer"], "marketing")
    script.finish(customer.id, script.at(day + 1, "10:40"), marketer, ("signature_to_kickoff", contract, "T6"))
    held = script.at(day + draw.randint(5, 8), "10:00")
    kickoff = by(csm, "cs", boss) | {"contract_id": contract, "at": written(held), "by": "us", "attendees": [boss]}
    booked = script.at(day + draw.randint(2, 4), "11:15")
    script.tell("calendar", "cs.kickoff.scheduled", customer.id, booked, dict(kickoff))
    script.tell("calendar", "cs.kickoff.held", customer.id, held, dict(kickoff))
    stage: Told = {"from": "signed", "to": "onboarding", "reason": "kickoff held"}
    script.tell("notes", "cs.lifecycle.changed", customer.id, held + timedelta(hours=3), by(csm, "cs") | stage)


_MOMENT = timedelta(seconds=4)


def touch(script: Script, customer: Customer, since: int) -> None:
    """Tell the contacts of the CSM, the customer's mails and their answers, and the notes in between."""
    draw, csm = script.draw, customer.csm
    for number in range(9 - customer.tier):
        day, contact = draw.randint(since, LAST_DAY), draw.choice(customer.contacts).id
        thread: Told = {"thread_id": f"M-{customer.id}-{number}", "channel": draw.choice(("email", "phone", "chat"))}
        words = draw.choice(_TALK)
        out = thread | {"direction": "out", "purpose": "support", "contact_ids": [contact], "summary": words}
        if script.chance(percent=50):  # every other thread is begun by the customer
            asks = thread | {"from": contact, "to": [csm], "expects_reply": True, "tags": ["question"]}
            at = script.at(day, f"{draw.randint(9, 14):02d}:{draw.randint(10, 59)}")
            script.tell("mail", "customer.message.received", customer.id, at, by_contact(contact, csm) | asks)
            minutes = draw.randint(8, 150)
            answered = at + timedelta(minutes=minutes // _CHAT_IS_FASTER if thread["channel"] == "chat" else minutes)
            script.tell("mail", "cs.contact.logged", customer.id, answered, by(csm, "cs", contact) | out)
        else:
            script.tell("mail", "cs.contact.logged", customer.id, script.at(day), by(csm, "cs", contact) | out)
        if number % 2:
            note = by(csm, "cs") | {"text": f"talked about {words}", "tags": ["call"]}
            script.tell("notes", "cs.note.logged", customer.id, script.at(day, "16:30"), note)
    spent: Told = {"person": csm, "minutes": draw.randrange(15, 240, 15), "account": customer.id, "activity": "care"}
    for day in draw.sample(range(since, LAST_DAY), 2):
        script.tell("notes", "cs.time.logged", customer.id, script.at(day, "16:55"), by(csm, "cs") | spent)


def sell(script: Script, customer: Customer, since: int) -> None:
    """Tell the account manager's contacts; in a few the CSM is not on copy, and a few threads are synced days late."""
    draw, am, csm = script.draw, customer.team["am"], customer.csm
    unannounced: list[tuple[str, int]] = []
    for number in range(draw.randint(1, 3)):
        purpose, contact = draw.choice(_PURPOSES), draw.choice(customer.contacts).id
        alone = script.chance(percent=_WITHOUT_CSM_PERCENT)
        told: Told = {"thread_id": f"S-{customer.id}-{number}", "direction": "out", "channel": "email"}
        told |= {"purpose": purpose, "contact_ids": [contact], "summary": draw.choice(_TALK)}
        told |= {"cc": [] if alone else [csm]}
        who = by(am, "sales", contact) if alone else by(am, "sales", contact, csm)
        late = timedelta(hours=draw.randint(20, 60)) if script.chance(percent=10) else None  # one in ten
        day = draw.randint(since, LAST_DAY)
        script.tell("mail", "sales.contact.logged", customer.id, script.at(day), who | told, lag=late)
        if alone and purpose in _BUYING and late is None and day < LAST_DAY - 1:
            unannounced.append((f"{am}/S-{customer.id}-{number}", day))
    if script.chance(percent=40):  # at two customers in five sales has a plan
        _announce(script, customer, since)
        return
    for thread, day in unannounced[::2]:
        _brief(script, customer, thread, day)


def _brief(script: Script, customer: Customer, thread: str, day: int) -> None:
    """Sales briefs the CSM on the day after, and the CSM answers on the next."""
    case = ("sales_contact_without_csm", thread)
    script.finish(customer.id, script.at(day + 1, "15:20"), by(customer.team["am"], "sales"), (*case, "T1"))
    answer = ("go", "go_with_care")[day % 2]
    script.finish(customer.id, script.at(day + 2, "10:05"), by(customer.csm, "cs"), (*case, "T2"), outcome=answer)


def _announce(script: Script, customer: Customer, since: int) -> None:
    """Sales says what it is about to offer, offers it with the CSM on copy, and wins or loses."""
    draw, am, boss = script.draw, customer.team["am"], customer.boss.id
    day = draw.randint(since, LAST_DAY - 9)
    opportunity = f"O-{customer.id}"
    plan: Told = {
        "purpose": "upsell",
        "offer": draw.choice(PRODUCTS),
        "contact_ids": [boss],
        "note": "agreed with the CSM",
    }
    script.tell("notes", "sales.intent.announced", customer.id, script.at(day), by(am, "sales", customer.csm) | plan)
    offer: Told = {"opportunity_id": opportunity, "offer": plan["offer"], "contact_ids": [boss], "channel": "phone"}
    offered = by(am, "sales", boss, customer.csm) | offer
    script.tell("crm", "sales.upsell.attempted", customer.id, script.at(day + 3), offered)
    won = script.chance(percent=50)  # every other one
    ended: Told = {"opportunity_id": opportunity, "reason": "price" if not won else "value seen"}
    verb = "won" if won else "lost"
    script.tell("crm", f"sales.opportunity.{verb}", customer.id, script.at(day + 8), by(am, "sales") | ended)


def meet(script: Script, customer: Customer, since: int) -> None:
    """Tell the quarter's review: asked for, booked, sometimes moved, held; and what was seen to be worth it."""
    draw, csm, boss = script.draw, customer.csm, customer.boss.id
    day = draw.randint(since, LAST_DAY - 12) if since < LAST_DAY - 12 else since
    meeting: Told = {"meeting_id": f"R-{customer.id}", "type": "review", "attendees": [boss]}
    ours = by(csm, "cs", boss) | meeting | {"by": "us"}
    script.tell("calendar", "cs.meeting.requested", customer.id, script.at(day), dict(ours))
    script.tell("calendar", "cs.meeting.scheduled", customer.id, script.at(day + 1), dict(ours))
    if script.chance(percent=20):  # one customer in five moves it
        moved = by_contact(boss, csm) | meeting | {"by": "customer", "reason": "travelling"}
        script.tell("calendar", "cs.meeting.rescheduled", customer.id, script.at(day + 4), moved)
    script.tell("calendar", "cs.meeting.held", customer.id, script.at(day + 9, "10:00"), ours | {"minutes": 40})
    if script.chance(percent=30):  # not every review brings a proof
        value: Told = {"product": customer.products[0], "criterion": "unplanned stops", "metric": "stops a month"}
        value |= {"value": str(draw.randint(2, 9)), "said_by": boss, "proof_ref": f"meeting:R-{customer.id}"}
        script.tell("notes", "cs.value.realized", customer.id, script.at(day + 9, "13:00"), by(csm, "cs") | value)
    health: Told = {"from": "green", "to": draw.choice(("yellow", "green")), "score": draw.randint(55, 95)}
    health |= {"drivers": [{"name": "usage", "from": 80, "to": 70, "weight": 0.5}]}
    script.tell(
        "notes", "cs.health.changed", customer.id, script.at(day + 10), {"actor": {"system": "health"}} | health
    )


def promise(script: Script, customer: Customer, since: int) -> None:
    """Tell a commitment of the CSM and whether it was kept."""
    draw = script.draw
    day = draw.randint(since, LAST_DAY - 8) if since < LAST_DAY - 8 else since
    due = script.at(day + 5, "17:00")
    made: Told = {
        "commitment_id": f"P-{customer.id}",
        "kind": "deliverable",
        "to": customer.boss.id,
        "due": written(due),
    }
    made |= {"text": f"a written answer on {draw.choice(_TALK)}"}
    who = by(customer.csm, "cs", customer.boss.id)
    script.tell("notes", "cs.commitment.made", customer.id, script.at(day), who | made)
    kept = "kept" if script.chance(percent=85) else "broken"  # most are kept
    script.tell("notes", f"cs.commitment.{kept}", customer.id, script.at(day + 5, "15:00"), who | made)


def ask_product(script: Script, customer: Customer, number: int, since: int) -> None:
    """Tell a request to product that is answered, decided, told, and sometimes shipped."""
    draw, csm, asker = script.draw, customer.csm, customer.contacts[1].id
    area = draw.choice(sorted(AREAS))
    pm, request = AREAS[area], f"F-{100 + number}"
    day = draw.randint(since, LAST_DAY - 14)
    asked = by(csm, "cs") | {"request_id": request, "area": area, "title": draw.choice(_TALK), "asker": asker}
    asked |= {"problem": "they do it by hand today", "accounts": [customer.id]}
    script.tell("tracker", "product.request.submitted", customer.id, script.at(day, "10:20"), asked)
    answers = by(pm, "product") | {"request_id": request, "area": area}
    taken = day + draw.choice((0, 1, 1, 2, 3))
    script.tell(
        "tracker",
        "product.request.acknowledged",
        customer.id,
        script.at(taken, "15:45"),
        answers | {"status": "accepted"},
    )
    _pass_on(script, customer, request, taken + 1, "product has it")
    status = draw.choice(("planned", "under_study", "declined"))
    verb = "declined" if status == "declined" else "triaged"
    decided = answers | {
        "status": status,
        "reason": "see the road map",
        "window": "Q2" if status == "planned" else None,
    }
    day = taken + draw.randint(4, 9)
    script.tell("tracker", f"product.request.{verb}", customer.id, script.at(day, "11:00"), decided)
    _pass_on(script, customer, request, day + 1, f"the decision: {status}")


def _pass_on(script: Script, customer: Customer, request: str, day: int, words: str) -> None:
    asker = customer.contacts[1].id
    told: Told = {"thread_id": f"request-{request}", "request_id": request, "topic": "product_request"}
    told |= {"direction": "out", "channel": "email", "purpose": "support", "contact_ids": [asker], "summary": words}
    script.tell("mail", "cs.contact.logged", customer.id, script.at(day, "11:30"), by(customer.csm, "cs", asker) | told)
