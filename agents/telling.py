"""What do accounts have to hear of others that they did not hear on the way? All that goes through the log, in one go.

Asked after each round of folding, by embedded agents and by workers alike.
"""

from agents.campaigns import tell_campaigns
from agents.conduct import tell_others
from agents.departures import tell_of_departures
from agents.ports import Store
from agents.world import World


def tell_accounts(store: Store, world: World) -> int:
    """Put into the log what accounts have to hear of others; return how many events that were.

    Raises:
        StoreUnavailable, OutcomeUnknown: nothing is lost; the same is told again, and known already.
    """
    return tell_others(store) + tell_of_departures(store, world) + tell_campaigns(store, world)
