"""TronGrid as a fetcher: what it and the java-tron nodes behind it are asked, and what their answers say."""
