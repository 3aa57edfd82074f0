"""How is a definition written where people work? Drafts, their examination in another process, trials with a limit."""
