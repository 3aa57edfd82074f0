"""What else reaches the accounts in a quarter: tickets, usage, invoices, surveys, campaigns, news, people away?"""

from __future__ import annotations

from datetime import datetime, timedelta

from nofumble.sample.company import Customer
from nofumble.sample.customer_life import LAST_DAY
from nofumble.sample.script import Script, Told, by, by_contact, written

_TROUBLES = (
    "the export is slow",
    "a sensor shows no data",
    "cannot invite a colleague",
    "the report is empty on Mondays",
    "wrong time zone in the planner",
)
_IN_EACH_SEVEN = 2  # which of seven customers waits for another team: some, spread over the list
_STORIES = (("award", "positive"), ("funding", "positive"), ("hiring", "positive"), ("strike", "negative"))
_COMMENTS = ("does what it should", "support is quick", "the reports take too long", "we would miss it")


def need_support(script: Script, customer: Customer, since: int) -> None:
    """Tell a few tickets of severity 2 to 4, each answered and closed within days."""
    draw = script.draw
    for number in range(draw.randint(2, 4)):
        ticket: Told = {"ticket_id": f"T-{customer.id}-{number}", "severity": draw.choice((2, 3, 3, 3, 4, 4))}
        ticket |= {"area": draw.choice(("reporting", "integrations", "planning")), "title": draw.choice(_TROUBLES)}
        day = draw.randint(since, LAST_DAY - 3)
        _ticket(script, customer, ticket, script.at(day, f"{draw.randint(9, 13):02d}:{draw.randint(10, 59)}"))


def _ticket(script: Script, customer: Customer, ticket: Told, at: datetime) -> None:
    draw, owner, asker = script.draw, customer.team["support_owner"], script.draw.choice(customer.contacts).id
    ours = by(owner, "support", asker) | ticket
    opened = by_contact(asker) | ticket | {"requester": asker, "to_team": "first line", "waiting_on": "us"}
    script.tell("desk", "support.ticket.opened", customer.id, at, opened)
    at += timedelta(minutes=draw.randint(6, 90))
    script.tell("desk", "support.ticket.replied", customer.id, at, ours | {"waiting_on": "customer"})
    if script.chance(percent=30):  # three in ten go to the second line
        at += timedelta(minutes=draw.randint(10, 60))
        moved: Told = {"from_team": "first line", "to_team": "second line", "waiting_on": "us"}
        script.tell("desk", "support.ticket.transferred", customer.id, at, ours | moved)
    at += timedelta(hours=draw.randint(2, 20))
    script.tell("desk", "support.ticket.resolved", customer.id, at, dict(ours))
    script.tell("desk", "support.ticket.closed", customer.id, at + timedelta(hours=26), dict(ours))
    if script.chance(percent=40):  # two in five answer the survey
        told = by_contact(asker) | {"ticket_id": ticket["ticket_id"], "score": draw.choice((3, 4, 5, 5))}
        script.tell("survey", "support.csat.received", customer.id, at + timedelta(hours=30), told)


def use_product(script: Script, customer: Customer, since: int) -> None:
    """Tell the usage of each week, as the nightly job of its last day knows it."""
    bought = 10 * (5 - customer.tier) + script.draw.randint(0, 30)
    for day in range(since + 4, LAST_DAY, 5):
        seats = min(bought, max(1, round(bought * script.draw.uniform(0.5, 0.95))))
        told: Told = {"actor": {"system": "usage"}, "day": script.day(day).isoformat(), "active_users": seats - 1}
        told |= {"seats_used": seats, "seats_bought": bought, "features": {"planner": seats, "reports": seats // 2}}
        script.tell("usage", "product.usage.rolled_up", customer.id, script.at(day, "23:00"), told)


def pay(script: Script, customer: Customer, since: int) -> None:
    """Tell an invoice and its payment; some are late, a few disputed."""
    draw = script.draw
    day = draw.randint(since, LAST_DAY - 12) if since < LAST_DAY - 12 else since
    invoice: Told = {"actor": {"system": "ledger"}, "invoice_id": f"I-{customer.id}-1"}
    invoice |= {"amount": {"amount": customer.arr // 4, "currency": "EUR"}}
    script.tell("billing", "finance.invoice.issued", customer.id, script.at(day, "07:00"), dict(invoice))
    if script.chance(percent=10):  # one in ten is not paid in time
        script.tell(
            "billing", "finance.invoice.overdue", customer.id, script.at(day + 10, "07:00"), invoice | {"days": 14}
        )
    elif script.chance(percent=6):  # one in twenty is disputed
        disputed = invoice | by_contact(customer.boss.id) | {"reason": "two seats too many"}
        script.tell("billing", "finance.invoice.disputed", customer.id, script.at(day + 3), disputed)
        script.tell("billing", "finance.invoice.dispute_resolved", customer.id, script.at(day + 8), dict(invoice))
    script.tell("billing", "finance.invoice.paid", customer.id, script.at(day + 11), dict(invoice))
    if script.chance(percent=30):  # an extra charge at three in ten
        charge: Told = {"charge_id": f"X-{customer.id}", "kind": "overage", "explained": True}
        charge |= {"amount": {"amount": draw.randrange(5_000, 90_000, 500), "currency": "EUR"}}
        script.tell(
            "billing", "finance.charge.added", customer.id, script.at(day + 2), {"actor": {"system": "ledger"}} | charge
        )


def survey(script: Script, customer: Customer) -> None:
    """Tell the survey wave of day 35: sent to two contacts, answered by most within days."""
    for number, contact in enumerate(customer.contacts[:2]):
        told: Told = {"wave": "2026-q1", "contact_id": contact.id}
        sent = script.at(35, "08:00") + timedelta(seconds=number)
        script.tell("survey", "survey.nps.sent", customer.id, sent, {"actor": {"system": "survey"}} | told)
        if script.chance(percent=70):  # seven in ten answer
            answer = told | {"response_id": f"A-{contact.id}", "score": script.draw.choice((5, 7, 8, 9, 9, 10))}
            answer |= {"comment": script.draw.choice(_COMMENTS)}
            at = script.at(35 + script.draw.randint(0, 6))
            script.tell("survey", "survey.nps.responded", customer.id, at, by_contact(contact.id) | answer)


def market(script: Script, customer: Customer, since: int) -> None:
    """Tell what marketing sends, what the press writes, and a gathering that some are asked to."""
    draw, contact = script.draw, script.draw.choice(customer.contacts).id
    marketer = customer.team["marketer"]
    for number, day in enumerate((12, 30, 50)):
        if day >= since:
            mail: Told = {"campaign_id": f"N-{number + 1}", "contact_id": contact}
            at = script.at(day, "07:30")
            script.tell("campaigns", "marketing.email.sent", customer.id, at, by(marketer, "marketing") | mail)
    shared: Told = {"content_id": "guide-to-shift-planning", "contact_id": contact, "kind": "guide"}
    day = draw.randint(since, LAST_DAY - 2)
    script.tell(
        "campaigns", "marketing.content.shared", customer.id, script.at(day), by(marketer, "marketing") | shared
    )
    if script.chance(percent=50):  # every other guide is read
        script.tell(
            "campaigns", "marketing.content.opened", customer.id, script.at(day + 1), by_contact(contact) | shared
        )
    if script.chance(percent=40):  # two in five are asked to the gathering
        asked: Told = {"event_id": "user-day", "contact_id": contact, "role": "guest"}
        script.tell(
            "campaigns",
            "marketing.event.invited",
            customer.id,
            script.at(20, "10:00"),
            by(marketer, "marketing") | asked,
        )
        script.tell(
            "campaigns", "marketing.event.attended", customer.id, script.at(55, "18:00"), by_contact(contact) | asked
        )
    kind, sentiment = draw.choice(_STORIES)
    story: Told = {
        "url": f"https://news.example/{customer.id}/{kind}",
        "title": f"{customer.name}: {kind}",
        "kind": kind,
    }
    story |= {
        "sentiment": sentiment,
        "cluster_id": f"{customer.id}-{kind}",
        "relevance": round(draw.uniform(0.4, 0.95), 2),
    }
    script.tell("news", "market.news.mentioned", customer.id, script.at(draw.randint(0, LAST_DAY)), story)


def run_company(script: Script, customers: tuple[Customer, ...]) -> None:
    """Tell what is not about one customer: releases by account, a person away, requests between teams, a complaint."""
    leave: Told = {"person": "chloe", "from": written(script.at(33, "00:00")), "to": written(script.at(38, "00:00"))}
    script.tell("people", "people.user.away_set", "chloe", script.at(28, "12:00"), leave | {"delegate": "dana"})
    script.tell("people", "people.user.returned", "chloe", script.at(38, "09:00"), {"person": "chloe"})
    for number, customer in enumerate(customers):
        if number % 4 == 1 and not customer.joins:
            shipped: Told = {"release_id": "2026.2", "notes": "faster exports", "request_ids": [f"F-{90 + number}"]}
            script.tell(
                "tracker",
                "product.release.published",
                customer.id,
                script.at(24, "09:00"),
                by("helen", "product") | shipped,
            )
        if number % 7 == _IN_EACH_SEVEN:
            _team_request(script, customer, number)
    by_id = {customer.id: customer for customer in customers}
    for account in ("ferro", "orchid"):
        if account in by_id:
            _small_crisis(script, by_id[account])


def _team_request(script: Script, customer: Customer, number: int) -> None:
    asked: Told = {"request_id": f"W-{number}", "to_team": "finance", "what": "an invoice per plant"}
    asked |= {"customer_waiting": True, "from": customer.csm}
    day = 3 + number
    script.tell("notes", "team.request.created", customer.id, script.at(day, "10:00"), by(customer.csm, "cs") | asked)
    for verb, clock in (("accepted", "12:30"), ("completed", "16:00")):
        done = by("henry", "finance") | {"request_id": f"W-{number}"}
        script.tell("notes", f"team.request.{verb}", customer.id, script.at(day, clock), done)


def _small_crisis(script: Script, customer: Customer) -> None:
    """At Ferro a severity 2 ticket lies open for four days; at Orchid the decision maker complains in writing."""
    owner, boss = customer.team["support_owner"], customer.boss.id
    if customer.id == "orchid":
        words: Told = {"from": boss, "level": "high", "about": "three wrong invoices in a row", "public": False}
        script.tell(
            "mail", "customer.complaint.received", customer.id, script.at(19, "13:20"), by_contact(boss) | words
        )
        _write_to(script, customer, 19, "14:10", "we look into the three invoices and write tomorrow", "crisis")
        _write_to(script, customer, 20, "11:40", "the three invoices are corrected", "resolved")
        _close_out(script, customer, 22)
        return
    ticket: Told = {"ticket_id": "T-8002", "severity": 2, "area": "integrations", "title": "no data from the foundry"}
    opened = by_contact(boss) | ticket | {"requester": boss, "to_team": "first line", "waiting_on": "us"}
    script.tell("desk", "support.ticket.opened", customer.id, script.at(16, "09:30"), opened)
    _write_to(script, customer, 19, "09:10", "the foundry's data is our first concern today", "crisis")
    script.tell("desk", "support.ticket.resolved", customer.id, script.at(20, "15:00"), by(owner, "support") | ticket)
    script.tell("desk", "support.ticket.closed", customer.id, script.at(21, "15:00"), by(owner, "support") | ticket)
    _close_out(script, customer, 22)


def _close_out(script: Script, customer: Customer, day: int) -> None:
    """Two days after the end the CSM says in plain words what went wrong, and asks again ten days later."""
    _write_to(script, customer, day, "10:30", "what happened, our fault in it, and what we changed", "close_out")
    for ref in ("T4", "T8") if customer.tier == 1 else ("T8",):
        case = ("crisis_hold_and_recovery", "crisis", ref)
        script.finish(customer.id, script.at(day, "14:00"), by(customer.csm, "cs"), case)
    _write_to(script, customer, day + 9, "10:30", "ten days on: is it really well again?", "check_in")


def _write_to(script: Script, customer: Customer, day: int, clock: str, summary: str, topic: str) -> None:
    boss = customer.boss.id
    told: Told = {"thread_id": f"crisis-{customer.id}", "direction": "out", "channel": "email", "purpose": "support"}
    told |= {"topic": topic, "contact_ids": [boss], "summary": summary}
    script.tell("mail", "cs.contact.logged", customer.id, script.at(day, clock), by(customer.csm, "cs", boss) | told)
