"""How do conditions read how much a product is used? The product is that of the event at hand, else of the start."""

from __future__ import annotations

from typing import Any

from events.kinds import FieldKind
from workflows.language.conditions import Getter
from workflows.standing import Usage

ROUNDED = 2
_NOTHING = Usage()


def _usage(bindings: Any) -> Usage:
    standing = bindings.account.standing
    source = bindings.event or bindings.instance
    product = source.data.get("product") if source is not None else None
    return standing.usage.get(str(product or ""), _NOTHING) if standing is not None else _NOTHING


USAGE: dict[str, tuple[FieldKind, Getter]] = {
    "usage.drop": (FieldKind.DOUBLE, lambda b: round(_usage(b).drop, ROUNDED)),
    "usage.usual": (FieldKind.DOUBLE, lambda b: round(_usage(b).usual, ROUNDED)),
}
