"""The API below /api/v1: one module for each thing, with a `router`."""

from fastapi import APIRouter

from nofumble.web.api import (
    accounts,
    audit,
    authoring,
    backtests,
    clock,
    erasures,
    events,
    me,
    notices,
    parked,
    quarantine,
    reports,
    tokens,
    users,
    work,
    workflows,
)

ROUTERS: tuple[APIRouter, ...] = (
    *(me.router, events.router, accounts.router, work.router, notices.router),
    *(workflows.router, authoring.router, backtests.router, reports.router, quarantine.router, parked.router),
    *(audit.router, tokens.router, users.router, clock.router, erasures.router),
)
"""Every module of the API."""
