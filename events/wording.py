"""How do a refusal's path and value look in a message, however hostile they are?"""

import json

VALUE_CHARACTERS_MAX = 40  # enough to recognise a value, too little to flood a log
NAME_CHARACTERS_MAX = 40


def shown(value: object) -> str:
    """Return a value as a short, printable, ASCII piece of a sentence.

    >>> shown("1"), shown(1.5), shown({"a": 1}), shown(None)
    ('"1"', '1.5', 'an object', 'null')
    """
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, (list, tuple)):
        return "a list"
    if isinstance(value, str):
        return _clipped(json.dumps(value[: VALUE_CHARACTERS_MAX + 1]))
    return _clipped(json.dumps(value, default=repr))


def joined(path: str, part: str | int) -> str:
    """Return the path one step further in.

    >>> joined(joined("data", "participants"), 1)
    'data.participants[1]'
    """
    if isinstance(part, int):
        return f"{path}[{part}]"
    name = part if part.isascii() and part.isprintable() else ascii(part)[1:-1]
    if len(name) > NAME_CHARACTERS_MAX:
        name = name[:NAME_CHARACTERS_MAX] + "…"
    return f"{path}.{name}" if path else name


def _clipped(text: str) -> str:
    if len(text) <= VALUE_CHARACTERS_MAX + 2:
        return text
    return text[: VALUE_CHARACTERS_MAX + 1] + "…"
