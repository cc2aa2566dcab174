"""A server with Esplora's REST API as a fetcher of Bitcoin: what it is asked, and what its answers say."""
