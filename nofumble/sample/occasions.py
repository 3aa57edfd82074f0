"""What happens once in a quarter, at an account that no story is about, and calls for a workflow of its own?

Each occasion is one that chance alone would not bring: a champion leaves, a campaign asks for the wrong people, the CSM
changes. Their days and hours are fixed, so they take nothing from the chance of the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from nofumble.sample.company import Customer
from nofumble.sample.script import Script, Told, by, by_contact, written

_SOON = timedelta(minutes=5)
_SILENT_FROM = 40


def bring_occasions(script: Script, customers: Mapping[str, Customer]) -> None:
    """Write down the occasions of the `customers`, by id, that are there."""
    for account, occasions in _OCCASIONS.items():
        if account in customers:
            for occasion in occasions:
                occasion(script, customers[account])


def _speaks_for_us(script: Script, customer: Customer) -> None:
    """A reference call that marketing asked for: thanks the next day, and a gift that comes late."""
    boss = customer.boss.id
    act: Told = {"act_id": "V-601", "kind": "reference_call", "asked": True, "public": False, "contact_id": boss}
    at = script.at(24, "15:00")
    script.tell("campaigns", "customer.advocacy.performed", customer.id, at, by_contact(boss) | act, lag=_SOON)
    thanks: Told = {"direction": "out", "channel": "phone", "topic": "thanks", "contact_ids": [boss]}
    thanks |= {"thread_id": "thanks-V-601", "summary": "thank you for the call with our prospect"}
    script.tell(
        "notes", "cs.contact.logged", customer.id, script.at(25, "10:00"), by(customer.csm, "cs") | thanks, lag=_SOON
    )


def _wrong_audience(script: Script, customer: Customer) -> None:
    """A mail for prospects is planned for customers; the list is cleaned, and one copy goes out all the same."""
    people = [contact.id for contact in customer.contacts]
    campaign: Told = {"campaign_id": "P-31", "kind": "promo", "stage": "prospect", "contact_ids": people}
    campaign |= {"send_at": written(script.at(36, "09:00")), "audience_count": len(people), "title": "first month free"}
    planned = by("felix", "marketing") | campaign
    script.tell("campaigns", "marketing.campaign.scheduled", customer.id, script.at(33, "10:00"), planned, lag=_SOON)
    mail: Told = {"campaign_id": "P-31", "kind": "promo", "stage": "prospect", "contact_id": people[0]}
    script.tell(
        "campaigns",
        "marketing.email.sent",
        customer.id,
        script.at(36, "09:00"),
        by("felix", "marketing") | mail,
        lag=_SOON,
    )


def _prefers_the_phone(script: Script, customer: Customer) -> None:
    """A note says so in the first week, and three weeks later somebody writes."""
    note: Told = {"tags": ["prefers_phone"], "text": "please call, nobody here reads mail"}
    script.tell("notes", "cs.note.logged", customer.id, script.at(4, "11:00"), by(customer.csm, "cs") | note, lag=_SOON)
    mail: Told = {"direction": "out", "channel": "email", "purpose": "support", "thread_id": "M-4101"}
    mail |= {"contact_ids": [customer.boss.id], "summary": "the new invoice address"}
    written_by = by(customer.team["am"], "sales", customer.boss.id, customer.csm)
    script.tell("mail", "sales.contact.logged", customer.id, script.at(20, "10:30"), written_by | mail, lag=_SOON)


def _champion_leaves(script: Script, customer: Customer) -> None:
    """Her goodbye mail, and six days later the name of who follows her."""
    gone, heir = customer.boss, customer.contacts[1]
    left: Told = {"contact_id": gone.id, "role_from": "sponsor", "confirmed": True}
    script.tell(
        "notes", "customer.contact.left", customer.id, script.at(28, "09:30"), by(customer.csm, "cs") | left, lag=_SOON
    )
    follows: Told = {"contact_id": heir.id, "role_from": heir.role, "role_to": "champion", "title": "Director"}
    script.tell(
        "notes",
        "customer.contact.role_changed",
        customer.id,
        script.at(34, "14:00"),
        by(customer.csm, "cs") | follows,
        lag=_SOON,
    )


def _review_put_off(script: Script, customer: Customer) -> None:
    """A dispute about an invoice, then the review is declined, and a fortnight later moved."""
    boss = customer.boss.id
    disputed = by_contact(boss) | {"invoice_id": "I-4401", "reason": "charged twice"}
    script.tell("billing", "finance.invoice.disputed", customer.id, script.at(35, "09:00"), disputed, lag=_SOON)
    review: Told = {"meeting_id": "R-granite-q1", "type": "review", "review_cycle": "2026", "by": "customer"}
    for day, verb in ((38, "declined"), (48, "rescheduled")):
        refused = by_contact(boss) | review | {"reason": "no time this month"}
        script.tell("calendar", f"cs.meeting.{verb}", customer.id, script.at(day, "11:00"), refused, lag=_SOON)


def _new_owner(script: Script, customer: Customer) -> None:
    """Another CSM takes the account over, with what is open."""
    new = "ruth" if customer.csm != "ruth" else "dana"
    change: Told = {"change_id": "W-51", "from": customer.csm, "to": new, "reason": "a better fit of languages"}
    script.tell("people", "cs.owner.changed", customer.id, script.at(40, "09:00"), by("kim", "cs") | change, lag=_SOON)


def _grows(script: Script, customer: Customer) -> None:
    """Value is there, and then somebody asks for the price of a second site."""
    value: Told = {"product": customer.products[0], "criterion": "stops down by a third", "said_by": customer.boss.id}
    value |= {"metric": "unplanned stops", "value": 34.0}
    script.tell(
        "notes",
        "cs.value.realized",
        customer.id,
        script.at(22, "16:00"),
        by_contact(customer.boss.id) | value,
        lag=_SOON,
    )
    asks: Told = {"thread_id": "price-orchid", "channel": "email", "from": customer.boss.id, "to": [customer.csm]}
    asks |= {"tags": ["pricing"], "summary": "what would a second site cost?"}
    asked = by_contact(customer.boss.id, customer.csm) | asks
    script.tell("mail", "customer.message.received", customer.id, script.at(42, "10:15"), asked, lag=_SOON)


def _falls_silent(script: Script, customer: Customer) -> None:
    """From one week to the next half of the people of one product are gone, and stay away."""
    for day in range(10, 62, 5):
        users = 60 if day < _SILENT_FROM else 22
        used: Told = {"actor": {"system": "usage"}, "day": script.day(day).isoformat(), "product": "Beacon"}
        used |= {"active_users": users, "seats_used": users, "seats_bought": 90}
        script.tell(
            "usage", "product.usage.rolled_up", customer.id, script.at(day, "22:00"), used, lag=timedelta(hours=2)
        )


def _does_not_renew(script: Script, customer: Customer) -> None:
    """The contract is cancelled with notice."""
    cancelled = by_contact(customer.boss.id) | {"contract_id": f"C-{customer.id}", "reason": "merged with a competitor"}
    script.tell("crm", "sales.contract.cancelled", customer.id, script.at(50, "10:00"), cancelled, lag=_SOON)


def _renews(script: Script, customer: Customer) -> None:
    """The renewal comes near within the quarter."""
    due: Told = {"renewal_date": script.day(100).isoformat()}
    script.tell("crm", "account.updated", customer.id, script.at(1, "09:00"), due, lag=_SOON)


def _team_is_asked(script: Script, customer: Customer) -> None:
    """Customer success asks finance for a statement, since the customer waits for it."""
    asks: Told = {
        "request_id": "Q-701",
        "from_team": "cs",
        "to_team": "finance",
        "what": "a statement of all open invoices",
    }
    asks |= {"customer_waiting": True, "needed_by": script.day(33).isoformat()}
    script.tell(
        "notes", "team.request.created", customer.id, script.at(30, "10:00"), by(customer.csm, "cs") | asks, lag=_SOON
    )


def _compared(script: Script, customer: Customer) -> None:
    """What eleven customers of its kind need on average is known, and its own figure is better."""
    figure: Told = {"benchmark_id": "B-81", "metric": "hours without a stop", "value": 412.0, "median": 305.0}
    figure |= {"accounts": 11, "cell": f"{customer.industry}, all tiers", "actor": {"system": "reports"}}
    script.tell("notes", "cs.benchmark.ready", customer.id, script.at(41, "08:00"), figure, lag=_SOON)


def _meets_a_peer(script: Script, customer: Customer) -> None:
    """Another customer asks whom it could talk to about a second site, and both say that they like to."""
    boss = customer.boss
    match: Told = {
        "peer": "tallow",
        "contact_id": boss.id,
        "peer_contact": "the head of service",
        "basis": "a second site",
    }
    match |= {"allowed": True, "peer_allowed": True}
    script.tell(
        "notes", "cs.peers.matched", customer.id, script.at(39, "15:00"), by(customer.csm, "cs") | match, lag=_SOON
    )
    made: Told = {"direction": "out", "channel": "email", "topic": "intro_made", "contact_ids": [boss.id]}
    made |= {"thread_id": "peer-orchid", "summary": "you two should talk; I leave it to you"}
    script.tell(
        "notes", "cs.contact.logged", customer.id, script.at(41, "09:30"), by(customer.csm, "cs") | made, lag=_SOON
    )


def _has_too_much_to_do(script: Script, customer: Customer) -> None:
    """What is due of its CSM is measured on three mornings: it fits, it does not, and it fits again."""
    peer = "ruth" if customer.csm != "ruth" else "dana"
    for day, hours in ((44, 62.0), (45, 104.0), (47, 70.0)):
        task: Told = {"title": f"Prepare the review of {customer.name}", "account": customer.id, "hours": 24.0}
        task |= {"id": f"W-{day}", "due": script.day(day + 8).isoformat()}
        free: Told = {"person": peer, "due_hours": 40.0, "free_hours": 80.0, "accounts": []}
        load: Told = {"actor": {"system": "capacity"}, "person": customer.csm, "due_hours": hours, "free_hours": 80.0}
        load |= {"tasks": [task], "peers": [free]}
        script.tell("people", "people.load.measured", customer.csm, script.at(day, "07:00"), load, lag=_SOON)


def _is_looked_after_by_another(script: Script, customer: Customer) -> None:
    """The CSM is away for twelve working days; what the customer wants meanwhile is open with her delegate."""
    csm, other = customer.csm, "chloe"
    leave: Told = {"person": csm, "from": written(script.at(44, "00:00")), "to": written(script.at(56, "00:00"))}
    script.tell("people", "people.user.away_set", csm, script.at(40, "12:00"), leave | {"delegate": other}, lag=_SOON)
    asked = by(other, "cs") | {"request_id": "F-371", "area": "reporting", "title": "one report for both sites"}
    asked |= {"problem": "they do it by hand today", "asker": customer.boss.id, "accounts": [customer.id]}
    script.tell("tracker", "product.request.submitted", customer.id, script.at(53, "10:20"), asked, lag=_SOON)


_OCCASIONS: Mapping[str, tuple[Callable[[Script, Customer], None], ...]] = {
    "cobalt": (_champion_leaves,),
    "delta": (_is_looked_after_by_another,),
    "ferro": (_wrong_audience, _prefers_the_phone),
    "granite": (_review_put_off,),
    "juniper": (_new_owner,),
    "orchid": (_speaks_for_us, _grows, _meets_a_peer, _compared),
    "quarry": (_team_is_asked,),
    "russet": (_does_not_renew, _has_too_much_to_do),
    "tallow": (_falls_silent,),
    "yarrow": (_renews,),
}
"""Account → what happens there."""
