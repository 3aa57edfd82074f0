"""Has somebody who changes a thing seen what is there? By its ETag (RFC 9110)."""

from nofumble.web.problems import Problem


def is_match(said: str | None, etag: str) -> bool:
    """Tell whether what was seen is what is there; `*` is whatever is there."""
    wanted = {one.strip().removeprefix("W/") for one in (said or "").split(",")}
    return "*" in wanted or etag in wanted


def changed(etag: str) -> Problem:
    """Return the refusal for who has not seen what is there."""
    return Problem(412, "somebody else changed it since you saw it", "read it again", headers={"ETag": etag})
