"""What kinds of deeds does the audit know, and how is it read? For the API and the page."""

from collections.abc import Mapping
from typing import Literal, get_args

from nofumble.store.web_store import AuditFilter, AuditRow
from nofumble.web.context import Context

Kind = Literal["seen", "changed", "overrode", "sent", "doors", "erased", "request"]

ACTS: Mapping[Kind, tuple[str, ...]] = {
    "seen": ("GET %",),
    "changed": ("work.changed", "preflight.answered", "clock.moved"),
    "overrode": ("work.overridden",),
    "sent": ("events.sent", "quarantine.released", "parked.linked"),
    "doors": ("sign-in%", "user.%", "token.%", "demo.became"),
    "erased": ("person.erased",),
    "request": ("POST %", "PUT %", "DELETE %"),
}
"""Each kind, and how its acts are written (patterns of LIKE)."""

assert set(ACTS) == set(get_args(Kind)), "each kind has its acts"


def acts_of(kind: Kind | None) -> list[str] | None:
    """Return the patterns of a kind's acts; None, which is all, for no kind."""
    return None if kind is None else list(ACTS[kind])


def audit_of(
    context: Context, wanted: AuditFilter, *, before: int | None = None, limit: int
) -> tuple[list[AuditRow], int | None]:
    """Return lines of the audit, newest first, and the seq behind which more follow."""
    found = context.store.audit(wanted, before=before, limit=limit + 1)
    shown = found[:limit]
    return shown, shown[-1].seq if len(found) > limit else None
