"""Tests of ``labels/read/``."""
