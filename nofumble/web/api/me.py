"""Who am I here, and what may I do?"""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from nofumble.web.context import Anyone, Context, needs

router = APIRouter(tags=["me"])


class Me(BaseModel):
    """Who is signed in, and what the table of roles says of her."""

    person: str
    name: str
    roles: list[str]
    may: list[str]
    hides: list[str]
    accounts: str
    csrf: str = Field(description="what a change from a browser carries as X-CSRF-Token; empty for a token")


@router.get("/me")
def me(context: Annotated[Context, needs("self")]) -> Me:
    """Say who is signed in and what she may do."""
    session, known = context.session, context.directory.people.get(context.person)
    view = session.view
    name = (known.name if known is not None else None) or session.person
    return Me(
        person=session.person,
        name=name,
        roles=sorted(session.roles),
        may=sorted(view.may),
        hides=sorted(view.hides),
        accounts=view.accounts,
        csrf=session.csrf,
    )


@router.get("/health")
def health(context: Anyone) -> dict[str, str]:
    """Say that the server answers and its database does."""
    context.store.partitions()
    return {"status": "ready"}
