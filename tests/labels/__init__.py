"""Tests of ``labels/``."""
