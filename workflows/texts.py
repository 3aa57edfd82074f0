"""What does a text of a definition say now? Its places filled, times in the form that is asked for."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from workflows.language.templates import Template, plain
from workflows.working_time import business_days_between

if TYPE_CHECKING:
    from workflows.steps import Run


def fill(run: Run, template: Template | None) -> str:
    """Fill a text of the definition."""
    return "" if template is None else template.fill(run.bindings, lambda form, value: _form(run, form, value))


def _form(run: Run, form: str, value: Any) -> str:
    if not isinstance(value, datetime):
        return plain(value)
    if form == "bd":
        return f"{business_days_between(run.instance.clock_from, value, run.calendar)}bd"
    return value.strftime("%Y-%m-%d" if form == "date" else "%Y-%m-%d %H:%M UTC")
