"""How are things made that open a door, and what is kept of them? A hash: who reads the store opens nothing."""

import hashlib
import secrets

_BYTES = 32


def new_secret(prefix: str = "") -> str:
    """Return 256 random bits as text; a prefix tells people and scanners what it is."""
    return prefix + secrets.token_urlsafe(_BYTES)


def hash_of(secret: str) -> bytes:
    """Return what is kept: SHA-256, which is enough for 256 random bits."""
    return hashlib.sha256(secret.encode()).digest()


def same(one: str, other: str) -> bool:
    """Compare in a time that tells nothing."""
    return secrets.compare_digest(one.encode(), other.encode())
