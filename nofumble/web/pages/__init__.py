"""The pages that people work on: one module each, with a `router`."""

from fastapi import APIRouter

from nofumble.web.pages import (
    accounts,
    authoring,
    backtests,
    company_login,
    demo,
    inbox,
    live,
    me,
    quarantine,
    reports,
    signing_in,
    telling,
    versions,
    why_not,
    work,
    workflows,
)

ROUTERS: tuple[APIRouter, ...] = (
    signing_in.router,
    company_login.router,
    live.router,
    inbox.router,
    work.router,
    accounts.router,
    reports.router,
    workflows.router,
    why_not.router,
    backtests.router,
    authoring.router,
    versions.router,
    quarantine.router,
    telling.router,
    demo.router,
    me.router,
)
"""Every module of pages; their order is that in which paths are compared."""
