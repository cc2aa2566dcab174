"""Transfers become pots with an in-line and an out-line; to and from NetworkX, pandas and Arrow."""
