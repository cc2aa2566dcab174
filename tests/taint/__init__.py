"""Tests of ``taint/``."""
