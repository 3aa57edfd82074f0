"""May we contact this customer for this purpose now? The pre-flight answer (R15)."""

from typing import Annotated

import typer

from nofumble.cli.act import SOURCE
from nofumble.cli.options import AsJson, nearest
from nofumble.cli.output import Weight, clean, paint, say, write, write_json, write_parts, write_table
from nofumble.cli.run import apply_now
from nofumble.cli.session import open_session
from nofumble.cli.stored_work import find_account
from nofumble.cli.when import brief
from nofumble.errors import WrongUse
from nofumble.readers.audience import read_audience
from workflows.preflight import Answer, Decision, known_purposes

_IN_WORDS: dict[Decision, tuple[str, Weight]] = {
    "allow": ("yes", "good"),
    "allow_with_notice": ("yes, and others are told of it", "good"),
    "hold": ("not now", "warn"),
    "deny": ("no", "critical"),
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("may-i", epilog="Example: nofumble may-i upsell --account acme --as max")(may_i_contact)


def may_i_contact(
    purpose: Annotated[str, typer.Argument(metavar="PURPOSE", help="What for, such as upsell, survey or testimonial.")],
    account: Annotated[
        str | None, typer.Option("--account", metavar="ID", help="The account, or a reference to it.")
    ] = None,
    contact: Annotated[str | None, typer.Option("--contact", metavar="ID", help="Whom at the customer.")] = None,
    person: Annotated[
        str, typer.Option("--as", metavar="PERSON", envvar="NOFUMBLE_PERSON", help="Who asks: a person id.")
    ] = "",
    audience: Annotated[
        str | None,
        typer.Option("--audience", metavar="FILE", help="A list to clean: CSV with contact_id or email, or - ."),
    ] = None,
    stage: Annotated[
        str, typer.Option("--stage", metavar="NAME", help="With --audience: for whom a mailing is, such as prospect.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Ask before you contact a customer, or all the contacts of a list.

    Answers allow, allow_with_notice, hold or deny, with the reasons and the earliest time; of a list, who may be
    contacted, and why each of the others may not.
    """
    if purpose not in known_purposes():
        raise nearest(purpose, known_purposes(), what="purpose", see="nofumble may-i --help")
    if audience is not None:
        if account is not None or contact is not None or person:
            raise WrongUse("--audience asks for everybody in the list; leave --account, --contact and --as out")
        _clean_list(purpose, audience, stage, as_json=as_json)
        return
    if account is None:
        raise WrongUse("missing option '--account': the customer to ask for; --audience FILE asks for a whole list")
    _ask_for_account(purpose, account, contact, person, as_json=as_json)


def _clean_list(purpose: str, path: str, stage: str, *, as_json: bool) -> None:
    from nofumble.catalogue import open_world
    from nofumble.screening import screen

    listed = read_audience(path)
    with open_session() as session:
        world = open_world(session.store, session.organisation, now=session.now)
        found = screen(session.store, world, listed, purpose, stage=stage, now=session.now)
    if as_json:
        write_json([{"purpose": purpose, **found.as_json()}])
        return
    gone = sum(map(len, found.removals.values()))
    write(f"{len(found.cleaned)} of {gone + len(found.cleaned)} may be contacted: {clean(purpose)}")
    write_table(
        ("removed", "account", "because"),
        [
            (clean(contact), clean(found.account_of[contact] or ""), code.replace("_", " "))
            for code, contacts in found.removals.items()
            for contact in contacts
        ],
    )
    for contact in found.cleaned:
        write(clean(contact))


def _ask_for_account(purpose: str, account: str, contact: str | None, person: str, *, as_json: bool) -> None:
    from nofumble.acting import take_envelopes
    from nofumble.asking import ask, question_of
    from nofumble.catalogue import open_world

    with open_session() as session:
        account_id = find_account(session.store, account)
        world = open_world(session.store, session.organisation, now=session.now)
        now = session.now
        answer, state = ask(session.store, world, account_id, purpose, person=person, contact=contact or "", now=now)
        if person:
            question = question_of(account_id, purpose, person, answer, now=now, source=SOURCE)
            take_envelopes(session.store, session.organisation, [question], source=SOURCE, now=now)
            apply_now(session)
    if contact is not None and contact not in state.contacts:
        say(f"{contact} is no known contact of {account_id}; the answer is for the account as a whole")
    if as_json:
        asked = {"account": account_id, "purpose": purpose, "contact": contact, "as": person or None}
        write_json([{**asked, **answer.as_json()}])
    else:
        _write(account_id, purpose, answer)


def _write(account_id: str, purpose: str, answer: Answer) -> None:
    words, weight = _IN_WORDS[answer.decision]
    write(f"{paint(words, weight)}: {clean(purpose)} at {clean(account_id)} ({answer.decision})")
    write_parts(
        [
            *(("because", f"{reason['words']} ({reason['code']})") for reason in answer.reasons),
            ("earliest", brief(answer.earliest) if answer.earliest else ""),
            ("ask", answer.speak_to or ""),
        ]
    )
