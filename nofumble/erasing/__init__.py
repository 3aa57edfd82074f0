"""A person is forgotten: who it was is taken out of everything that is stored; ids and counts stay (R19, F58)."""
