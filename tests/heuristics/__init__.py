"""Tests of ``heuristics/``."""
