"""A person says what happened, by a form that sends an event."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.requests import Request

from nofumble.cli.inbox import facts_of
from nofumble.clock import new_id
from nofumble.errors import WrongUse
from nofumble.web.context import Context, needs
from nofumble.web.drawing import draw
from nofumble.web.pages.accounts import contacts_for_forms, names_for_forms
from nofumble.web.problems import Problem
from nofumble.web.roles import may_send
from nofumble.web.sending import send
from nofumble.web.views.sending import FORMS, NotFilled, data_of
from nofumble.web.views.sending import Form as EventForm

router = APIRouter()

Short = Annotated[str, Query(max_length=200)]


async def fields_of(request: Request) -> dict[str, str]:
    """Return the fields of a form as texts."""
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


@router.get("/send")
def send_any(context: Annotated[Context, needs("event.send")], account: Short = "") -> HTMLResponse:
    """Show the first form that the person may use."""
    forms = forms_for(context)
    return _form(context, forms[0] if forms else None, account)


@router.get("/send/{form}")
def send_one(
    form: str, context: Annotated[Context, needs("event.send")], account: Short = "", sent: Short = ""
) -> HTMLResponse:
    """Show one form."""
    wanted = _wanted(context, form)
    return _form(context, wanted, account, done=f"Sent: {wanted.title.lower()}." if sent else "")


@router.post("/send/{form}")
def send_it(
    form: str,
    context: Annotated[Context, needs("event.send")],
    said: Annotated[dict[str, str], Depends(fields_of)],
) -> Response:
    """Send the event of a form, and say that it was sent."""
    wanted = _wanted(context, form)
    account = said.get("account", "").strip()
    account_id = context.store.resolve([account]).get(account, account)
    known = context.store.account(account_id)
    if known is None or not context.sees(account_id):
        return _form(context, wanted, account, said, problem=f"no customer is called {account!r}: take one of the list")
    csm = str((facts_of(known).get("roles") or {}).get("csm") or "")
    try:
        data = data_of(wanted, said, csm=csm, new_id=new_id)
        send(context, wanted.event, account_id, data)
    except (NotFilled, WrongUse) as refused:
        return _form(context, wanted, account, said, problem=str(refused))
    return RedirectResponse(f"/send/{form}?account={quote(account_id)}&sent=1", 303)


def forms_for(context: Context) -> list[EventForm]:
    """Return the forms whose events a person may send."""
    return [form for form in FORMS.values() if may_send(context.session.view, form.event)]


def _wanted(context: Context, name: str) -> EventForm:
    form = FORMS.get(name)
    if form is None:
        raise Problem(404, f"no form is called {name!r}", "take one of the page")
    if not may_send(context.session.view, form.event):
        raise Problem(403, f"your role sends no {form.event}", "ask somebody whose team it is")
    return form


def _form(
    context: Context,
    form: EventForm | None,
    account: str,
    said: Mapping[str, str] | None = None,
    *,
    problem: str = "",
    done: str = "",
) -> HTMLResponse:
    is_known = account != "" and context.store.account(account) is not None and context.sees(account)
    return draw(
        context,
        "send.html",
        here="/send",
        status=422 if problem else 200,
        forms=forms_for(context),
        form=form,
        account=account,
        said=said or {},
        problem=problem,
        done=done,
        accounts=names_for_forms(context),
        contacts=contacts_for_forms(context, context.state_of(account) if is_known else None),
    )
