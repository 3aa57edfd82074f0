"""What can a person tell the company by a form? Each form is one type of event, and a table of its fields."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["text", "long", "number", "money", "choice", "contact", "check", "csm"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name in the event's data, what is written beside it, and how it is asked."""

    name: str
    label: str
    kind: Kind = "text"
    choices: tuple[tuple[str, str], ...] = ()
    must: bool = False
    hint: str = ""
    given: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """One form: its name in addresses, the event that it sends, and whose story it begins."""

    name: str
    event: str
    title: str
    then: str
    fields: tuple[Field, ...]
    fixed: tuple[tuple[str, Any], ...] = ()


def _one_of(name: str, label: str, **choices: str) -> Field:
    """Return a field with choices: each by its value, in words."""
    return Field(name, label, "choice", tuple((value.lstrip("_"), words) for value, words in choices.items()))


_CONTACT = Field("contact_ids", "With whom at the customer", "contact")
_SUMMARY = Field("summary", "What was said", "long")
_CHANNEL = _one_of("channel", "How", email="e-mail", call="call", meeting="meeting", chat="chat")
_AREA = _one_of("area", "Area of the product", reporting="reporting", integrations="integrations")
_CONTRACT = Field("contract_id", "Contract number", must=True, hint="C-2100")

FORMS: Mapping[str, Form] = {
    form.name: form
    for form in (
        Form(
            "sign",
            "sales.contract.signed",
            "A contract was signed",
            "The seller gets the handoff, the CSM is asked to accept it, and the kickoff is watched.",
            (
                _CONTRACT,
                _one_of(
                    "kind", "Kind", new="new", new_product="a new product", renewal="renewal", expansion="expansion"
                ),
                Field("arr", "Worth a year, in EUR", "money", hint="120000"),
                Field("term_months", "Months", "number", given="12"),
            ),
        ),
        Form(
            "sales-contact",
            "sales.contact.logged",
            "Sales contacted a customer",
            "Without the CSM on copy, she hears of it at once.",
            (
                _one_of(
                    "purpose",
                    "What for",
                    upsell="upsell",
                    cross_sell="cross-sell",
                    renewal="renewal",
                    intro="introduction",
                    other="something else",
                ),
                _CHANNEL,
                _CONTACT,
                _SUMMARY,
                Field("cc", "The CSM was on copy", "csm"),
            ),
            (("direction", "out"),),
        ),
        Form(
            "request",
            "product.request.submitted",
            "A customer asks product for something",
            "Product is asked to acknowledge and to decide, and the customer is told.",
            (
                Field("title", "What is asked for", must=True, hint="A report per site"),
                Field("problem", "Which problem it solves for the customer", "long"),
                _AREA,
                Field("contact", "Who asks", "contact"),
            ),
        ),
        Form(
            "cs-contact",
            "cs.contact.logged",
            "CS was in touch with a customer",
            "What is open towards the customer counts as told.",
            (
                _one_of(
                    "purpose",
                    "What for",
                    checkin="check-in",
                    intro="introduction",
                    support="support",
                    other="something else",
                ),
                _CHANNEL,
                _CONTACT,
                _SUMMARY,
            ),
            (("direction", "out"),),
        ),
        Form(
            "kickoff",
            "cs.kickoff.scheduled",
            "The kickoff got its date",
            "The warning that no kickoff is planned goes away.",
            (_CONTRACT,),
        ),
        Form(
            "ticket",
            "support.ticket.opened",
            "A ticket was opened",
            "Severity 1 stops everybody from selling until it is mended.",
            (
                Field("title", "What is wrong", must=True),
                _one_of(
                    "severity", "Severity", _3="3, a nuisance", _2="2, something important", _1="1, all stands still"
                ),
                _AREA,
            ),
        ),
    )
}
"""Every form by its name; who may send which is said by the table of roles."""

_NUMBERS = frozenset({"severity"})
"""Choices that are numbers."""

DIGITS_MAX = 12
"""More is a slip of the hand."""

IDS: Mapping[str, tuple[str, str]] = {
    "product.request.submitted": ("request_id", "R"),
    "support.ticket.opened": ("ticket_id", "T"),
    "sales.contact.logged": ("thread_id", "M"),
}
"""Events that need a name of their own, which nobody types: the field, and how it begins."""


class NotFilled(Exception):
    """A field does not hold what it must; `field` is its name and the text says what to do."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


def data_of(form: Form, said: Mapping[str, str], *, csm: str | None, new_id: Callable[[], str]) -> dict[str, Any]:
    """Return the data of the event that a form sends, without the actor.

    Raises NotFilled with the field that does not hold.
    """
    data: dict[str, Any] = dict(form.fixed)
    for field in form.fields:
        text = said.get(field.name, "").strip()
        if field.must and not text:
            raise NotFilled(field.name, f"{field.label.lower()} is missing: fill it in")
        if text:
            data |= _value(field, text, csm)
    own = IDS.get(form.event)
    if own is not None:
        data[own[0]] = f"{own[1]}-{new_id()[:8]}"
    return data


def _value(field: Field, text: str, csm: str | None) -> dict[str, Any]:
    match field.kind:
        case "money":
            return {field.name: {"amount": _number(field, text) * 100, "currency": "EUR"}}
        case "number":
            return {field.name: _number(field, text)}
        case "csm":
            return {field.name: [csm]} if csm else {}
        case "contact":
            return {field.name: [text] if field.name.endswith("_ids") else text}
        case "choice":
            if text not in {value for value, _ in field.choices}:
                raise NotFilled(field.name, f"{text!r} is no choice of {field.label.lower()}: take one of the list")
            return {field.name: int(text) if field.name in _NUMBERS else text}
        case _:
            return {field.name: text}


def _number(field: Field, text: str) -> int:
    plain = text.replace(",", "").replace(" ", "")
    if not plain.isdigit() or len(plain) > DIGITS_MAX:
        raise NotFilled(field.name, f"{text!r} is no whole number: write {field.label.lower()} in digits")
    return int(plain)
