"""The language of a definition: its grammar, its conditions, its durations, and the checker."""
