"""Why, and why not: what the past of an account says about work that is there, or is not (B4, R18)."""
