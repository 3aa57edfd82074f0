"""A first walk through the made-up company, as a page of its own; the same opens by itself on the first visit."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from nofumble.web.context import Context, needs
from nofumble.web.drawing import draw

router = APIRouter()


@router.get("/tour")
def tour(context: Annotated[Context, needs("self")]) -> HTMLResponse:
    """Show the steps of the walk."""
    return draw(context, "tour.html", here="/demo")
