"""Heuristics: pure functions from rows to findings, each with its rule, its thresholds and its doubt."""
