"""The pages that people work on: one module each, with a `router`."""

from fastapi import APIRouter

from nofumble.web.pages import accounts, inbox, me, quarantine, reports, signing_in, telling, work, workflows

ROUTERS: tuple[APIRouter, ...] = (
    signing_in.router,
    inbox.router,
    work.router,
    accounts.router,
    reports.router,
    workflows.router,
    quarantine.router,
    telling.router,
    me.router,
)
"""Every module of pages; their order is that in which paths are compared."""
