"""The shells and the wiring: command line, store, clock, errors, and what joins the pure core to them."""

__version__ = "0.1.0"
