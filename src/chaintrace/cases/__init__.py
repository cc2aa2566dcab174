"""Bundled real cases: data files in the library's own schema, with the origin of every row beside it."""
