"""What are the stories that always occur in the made-up quarter, whatever the seed?

`plots` tells each in full, with its exact working days and hours, so that what comes out can be read against it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Story:
    """One story: the accounts in it, the workflow that it shows, and what to look for, in a sentence each.

    `alongside` are types of events that belong to the story although none of the workflows answers them.
    """

    title: str
    accounts: tuple[str, ...]
    workflow: str
    what_happens: str
    what_to_see: str
    alongside: tuple[str, ...] = ()


STORIES = (
    Story(
        "The pause after the signature",
        ("northwind", "alpine"),
        "signature_to_kickoff",
        "Northwind Freight signs on a Tuesday. The package is handed over and accepted the next day, the customer is "
        "introduced, and then nobody calls for the kickoff. Alpine Outfitters signs a week earlier and all goes well.",
        "a warning after 3 working days, an urgent one to both managers after 7, a critical one to the CCO after 10; "
        "none for Alpine",
        alongside=("customer.message.received",),
    ),
    Story(
        "The upsell that the CSM did not know of",
        ("harbour", "lumen"),
        "sales_contact_without_csm",
        "Julia offers Harbour & Sons a larger plan, and Ruth, their CSM, is not copied; a week later they put off the "
        "review that Ruth asked for. At Lumen Optics the same seems to happen, until the mail sync shows five hours "
        "later that Mei was on copy.",
        "an alert at Harbour with the reasons why Ruth was not in the loop; an alert at Lumen that is taken back, "
        "with the late evidence",
        alongside=("cs.meeting.declined",),
    ),
    Story(
        "The product request that lay still",
        ("quarry",),
        "product_request_relay",
        "Quarry Stone Group, a tier 1 customer, asks for a report per site. Nobody at product answers for six days, "
        "and after that nobody decides for a month.",
        "who had the ball for how long; the alerts to the product manager, the product lead and the CCO; what closed "
        "them",
    ),
    Story(
        "The day the planner stood still",
        ("mistral",),
        "crisis_hold_and_recovery",
        "A severity 1 ticket at Mistral Airways on a Tuesday morning: everybody stops selling, the plan is told every "
        "few hours, it is mended the next day, and the close-out is in our own words.",
        "four holds at once, who leads, what the customer was told and when, and the holds lifted five quiet days "
        "after the close-out",
    ),
)
