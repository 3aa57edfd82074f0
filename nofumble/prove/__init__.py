"""The proof for users: kill whatever runs, redeliver, pause, and count what is lost and what is doubled."""
