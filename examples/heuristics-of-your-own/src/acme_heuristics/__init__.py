"""Heuristics of our own, one family a file."""
