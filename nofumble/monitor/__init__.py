"""What others may see of a process that works: is it alive, may it be sent work, what has it done (F66)."""
