"""A JSON-RPC node as a fetcher: what it is asked, and what its answers say."""
