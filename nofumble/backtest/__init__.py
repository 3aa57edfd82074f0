"""Backtests outside the core: histories from files and stores, the processes that fold, and what is kept of it (B5)."""
