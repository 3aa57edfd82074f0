"""The API below /api/v1: one module for each thing, with a `router`."""

from fastapi import APIRouter

from nofumble.web.api import me

ROUTERS: tuple[APIRouter, ...] = (me.router,)
"""Every module of the API."""
