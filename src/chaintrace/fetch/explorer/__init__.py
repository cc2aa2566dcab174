"""What explorers of Ethereum-like chains have in common, whatever their API: lists of accounts, checked by receipts."""
