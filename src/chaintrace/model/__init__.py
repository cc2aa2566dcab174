"""What a chain's nouns are: chain, address, asset, amount, transfer."""
