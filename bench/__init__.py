"""The same work for us and for the peers, side by side: `python -m bench`."""
