"""An explorer with Blockscout's REST API v2 as a fetcher: what it is asked, and what its answers say."""
