"""What does somebody see on a first walk through the made-up company? Steps, each with a page to look at."""

from dataclasses import dataclass

from nofumble.web.roles import Permission


@dataclass(frozen=True, slots=True)
class Step:
    """One step: a headline, what there is to see, where it is, and who may go there."""

    title: str
    text: str
    path: str
    words: str
    permission: Permission


STEPS: tuple[Step, ...] = (
    Step(
        "A company to play with",
        "These customers and colleagues are made up, and a quarter of their life was played for you. Nothing that you "
        "do here reaches anybody.",
        "/accounts",
        "Look at the customers",
        "account.read",
    ),
    Step(
        "The inbox is where a day begins",
        "Here stands what waits for you, by customer, with the reason. Open a line to read why it is there: which "
        "events, which clock, and what would have prevented it.",
        "/inbox",
        "Open the inbox",
        "work.read",
    ),
    Step(
        "Ask before you contact a customer",
        "May I? answers with everything that is open at a customer, and the answer is noted: who looks after it knows.",
        "/may-i",
        "Ask",
        "preflight.ask",
    ),
    Step(
        "Nothing lies between two teams",
        "Each loop towards a customer is in somebody's hands. The board shows for how long, and when the customer was "
        "last told.",
        "/loops",
        "See where the balls lie",
        "report.read",
    ),
    Step(
        "Let time pass, and be somebody else",
        "On the page of the demo you move the clock, and look with the eyes of anybody who works here. Sign a contract "
        "as a seller, do nothing for three days, and see who is warned.",
        "/demo",
        "Go to the demo",
        "self",
    ),
)
"""The walk, in its order; a step that somebody may not take is left out."""
