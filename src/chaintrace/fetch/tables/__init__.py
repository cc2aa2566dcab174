"""Tables as fetchers: a lake of Parquet, a DuckDB database, any frame that can be filtered."""
