"""Tornado Cash: the notes of its pools, where they are read from, and rules about who may have taken them out."""
