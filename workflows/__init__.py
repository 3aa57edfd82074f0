"""What we do about it: the pure core, which reads no clock, does no I/O and draws no randomness."""
