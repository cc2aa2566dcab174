"""Tests of ``graph/``."""
