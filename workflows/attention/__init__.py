"""Who is interrupted, when, and by what: notices, repeats, budgets and digests over what goes out (R13, R14)."""
