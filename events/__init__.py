"""What can happen to an account: the types of events, and the one way to read them.

Import names from the modules: `from events.envelope import Event`,
`from events.parsing import parse_event`, `from events.catalogue import EVENT_TYPES`.
"""

__all__: list[str] = []
