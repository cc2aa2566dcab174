"""Tornado Cash."""
