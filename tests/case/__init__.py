"""Tests of ``case/``."""
