"""Cases that are fetched from a running node, from the first call to the last figure."""
