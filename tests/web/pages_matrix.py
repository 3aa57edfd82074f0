"""The pages in the matrix of roles: how each is asked, and who may. Written by hand, as the rest of the matrix."""

from typing import Any, NamedTuple

from nofumble.web.roles import ROLES

ALL = set(ROLES)
OPEN = ALL | {"nobody"}
LEADS = {"cs", "executive", "cs_ops", "admin"}
OPERATORS = {"cs_ops", "admin"}
WRITERS = {"cs", "cs_ops", "admin"}
"""Who writes the definition that is asked for, which is one of CS."""


class Ask(NamedTuple):
    """How an endpoint is asked, and by whom with success; what it is asked for need not be there."""

    who: set[str]
    body: Any = None
    form: Any = None


PAGES: dict[str, Ask] = {
    "GET /": Ask(ALL),
    "GET /inbox": Ask(ALL),
    "GET /work/{work_id}": Ask(ALL),
    "GET /work/{work_id}/{deed}": Ask(ALL),
    "POST /work/{work_id}": Ask(ALL, form={"deed": "accept"}),
    "GET /accounts": Ask(ALL),
    "GET /accounts/{account_id}": Ask(ALL),
    "GET /may-i": Ask(ALL),
    "POST /may-i": Ask(ALL, form={"account": "acme", "purpose": "survey"}),
    "GET /why-not": Ask(ALL),
    "GET /backtests": Ask(ALL),
    "POST /backtests": Ask(ALL, form={"definition": "name: x"}),
    "GET /backtests/{name}": Ask(ALL),
    "POST /backtests/{name}/cancel": Ask(ALL),
    "GET /backtests/{name}/against": Ask(ALL),
    "GET /loops": Ask(LEADS),
    "GET /capacity": Ask(ALL),
    "GET /overview": Ask(LEADS),
    "GET /workflows": Ask(ALL),
    "GET /workflows/{name}": Ask(ALL),
    "GET /workflows/{name}.svg": Ask(ALL),
    "GET /new-workflow": Ask(ALL),
    "POST /new-workflow": Ask(WRITERS, form={"name": "Not a name", "title": "x", "team": "cs"}),
    "GET /workflows/{name}/edit": Ask(WRITERS),
    "POST /workflows/{name}/edit": Ask(WRITERS, form={"definition": "x", "seen": "an older one"}),
    "POST /workflows/{name}/check": Ask(WRITERS, form={"definition": "x"}),
    "GET /workflows/{name}/versions": Ask(ALL),
    "POST /workflows/{name}/versions": Ask(WRITERS, form={"deed": "shadow", "seen": "an older one"}),
    "GET /workflows/{name}/shadow": Ask(WRITERS),
    "GET /quarantine": Ask(OPERATORS),
    "POST /quarantine/link": Ask(OPERATORS, form={"ref": "crm:1", "account": "nobody"}),
    "POST /quarantine/{id}": Ask(OPERATORS),
    "GET /send": Ask(ALL - {"executive"}),
    "GET /send/{form}": Ask({"sales", "cs_ops", "admin"}),
    "POST /send/{form}": Ask({"sales", "cs_ops", "admin"}, form={"account": "acme"}),
    "GET /demo": Ask(ALL),
    "POST /demo/clock": Ask({"admin"}, form={"by": "1h"}),
    "POST /demo/as": Ask(ALL, form={"person": "dana"}),
    "GET /tour": Ask(ALL),
    "GET /audit": Ask({"admin"}),
    "GET /users": Ask({"admin"}),
    "POST /users": Ask({"admin"}, form={"deed": "link", "person": "nobody-at-all"}),
    "GET /tokens": Ask(ALL),
    "POST /tokens": Ask(ALL, form={"name": "x", "scope": "self"}),
    "POST /tokens/{id}": Ask(ALL),
    "GET /erasures": Ask({"admin"}),
    "POST /erasures/preview": Ask({"admin"}, form={"person": "nobody-at-all"}),
    "POST /erasures": Ask({"admin"}, form={"person": "nobody-at-all", "reason": "x"}),
    "GET /me": Ask(ALL),
    "GET /sign-in": Ask(OPEN),
    "GET /first/{secret}": Ask(OPEN),
}
"""Every page, and every form of one."""

PARTS = {"deed": "accept", "form": "sign"}
"""What stands in the addresses of pages beside what the rest of the matrix has there."""
