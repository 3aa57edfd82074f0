"""The pages that people work on: one module each, with a `router`."""

from fastapi import APIRouter

from nofumble.web.pages import (
    accounts,
    audit,
    authoring,
    backtests,
    company_login,
    demo,
    erasures,
    inbox,
    live,
    me,
    quarantine,
    reports,
    signing_in,
    telling,
    tokens,
    tour,
    users,
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
    tour.router,
    audit.router,
    users.router,
    tokens.router,
    erasures.router,
    me.router,
)
"""Every module of pages; their order is that in which paths are compared."""
