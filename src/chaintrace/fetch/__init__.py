"""Fetchers: where transfers come from. Every one brings rows of the one table and says what it could not read."""
