"""Readers of lists, one file a format. A list is from strangers: it is read within limits, or refused whole."""
