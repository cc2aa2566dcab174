"""An explorer with Etherscan's API as a fetcher: what it is asked, and what its answers say."""
