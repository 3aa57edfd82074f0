"""Stub."""


def register(app):
    pass
