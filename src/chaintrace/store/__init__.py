"""What was fetched, kept: rows, coverage and raw evidence, committed together."""
