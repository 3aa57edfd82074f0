"""Where do people and systems meet the engine? The API and the pages, over the same functions as the command line.

How a route is written
----------------------

A route is a plain function (`def`, never `async def` where it touches the store: it then runs in a thread) that says in
its signature what it needs. There is no other way in: `make_app` refuses a route that does not say it, and the table of
`roles.py` says who may::

    router = APIRouter()

    @router.get("/accounts/{account_id}")
    def account(account_id: str, context: Annotated[Context, needs("account.read")]) -> dict[str, Any]:
        context.check_account(account_id)  # 404 for one that this person does not see
        facts = facts_of(context.store.account(account_id))
        return context.masked({"id": account_id, **facts})   # without what the role does not see

`context` has the `store`, the `settings`, `now` (by the clock of the application, never the machine's), the `session`
(`person`, `roles`, `csrf`), and the `directory`. `everybody` in place of `needs(...)` opens a route to who is not
signed in. A route that changes something writes why with `context.note(...)`; that it was called is noted by itself.

A module of pages has a `router` and stands in `ROUTERS` of `pages/__init__.py`; one of the API in that of `api/`. A
form has the field `_csrf`, or htmx the header `X-CSRF-Token`, with `context.session.csrf`. Scripts and styles are files
of `static/`, served below `/static`: the Content-Security-Policy lets nothing inline pass. Templates are in
`templates/`. A refusal is `raise Problem(status, rule, remedy)`, an RFC 9457 document.
"""
