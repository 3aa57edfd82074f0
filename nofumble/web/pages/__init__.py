"""The pages that people work on: one module each, with a `router`."""

from fastapi import APIRouter

from nofumble.web.pages import company_login, live, signing_in

ROUTERS: tuple[APIRouter, ...] = (signing_in.router, company_login.router, live.router)
"""Every module of pages; their order is that in which paths are compared."""
