"""What waits for its customer to be known? Said by the API and the page, and let go by a link."""

from nofumble.errors import WrongUse
from nofumble.web.context import Context
from nofumble.web.problems import Problem
from nofumble.web.sending import send

WAITS_FOR_LINK = "a reference is a system and what the customer is called there, such as zendesk:8812"


def link(context: Context, ref: str, account: str) -> None:
    """Say whose a reference is: everything that waits for it goes to that customer, each by its time.

    Raises Problem 404 for a customer that there is not, 422 for what is no reference, WrongUse when the event of the
    link does not hold.
    """
    system, _, external = ref.strip().partition(":")
    if not system or not external:
        raise Problem(422, f"{ref!r} is no reference", WAITS_FOR_LINK, path="ref")
    if context.store.account(account) is None:
        raise Problem(404, f"no customer is called {account!r}", "take one of the list", path="account")
    try:
        send(context, "account.linked", account, {"system": system, "external_id": external})
    except WrongUse as refused:
        raise Problem(422, str(refused), WAITS_FOR_LINK, path="ref") from refused
    context.note("parked.linked", account=account, about=ref)
