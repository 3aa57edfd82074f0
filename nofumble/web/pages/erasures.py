"""A person is forgotten: who is meant, what is known of her, and the proof afterwards. For an admin."""

from typing import Annotated, Any

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse

from nofumble.erasing.erasing import erase_person, preview_of
from nofumble.errors import WrongUse
from nofumble.store.web_store import AuditFilter
from nofumble.web.audit import acts_of, audit_of
from nofumble.web.context import Context, needs
from nofumble.web.drawing import draw

router = APIRouter()

SHOWN = 50
Admin = Annotated[Context, needs("person.erase")]
Name = Annotated[str, Form(max_length=200)]
Reason = Annotated[str, Form(max_length=2000)]


@router.get("/erasures")
def erasures(context: Admin) -> HTMLResponse:
    """Show the form, and who was erased before."""
    return _page(context)


@router.post("/erasures/preview")
def preview(context: Admin, person: Name, reason: Reason = "") -> HTMLResponse:
    """Show who is meant and where she is named, before anything is done."""
    try:
        return _page(context, person=person, reason=reason, preview=preview_of(context.store, person))
    except WrongUse as refused:
        return _page(context, person=person, reason=reason, problem=str(refused))


@router.post("/erasures")
def erase(context: Admin, person: Name, reason: Reason = "") -> HTMLResponse:
    """Erase a person, and show the proof."""
    session = context.session
    try:
        proof = erase_person(
            context.store,
            person,
            home=context.settings.home,
            reason=reason,
            by=session.person,
            how=session.how,
            now=context.now,
        )
    except WrongUse as refused:
        return _page(context, person=person, reason=reason, problem=str(refused))
    return _page(context, proof=proof)


def _page(
    context: Context,
    *,
    person: str = "",
    reason: str = "",
    preview: dict[str, Any] | None = None,
    proof: dict[str, Any] | None = None,
    problem: str = "",
) -> HTMLResponse:
    before, _ = audit_of(context, AuditFilter(acts=acts_of("erased")), limit=SHOWN)
    return draw(
        context,
        "erasures.html",
        here="/erasures",
        status=422 if problem else 200,
        person=person,
        reason=reason,
        preview=preview,
        proof=proof,
        before=before,
        problem=problem,
    )
