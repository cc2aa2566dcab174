"""Who says what about an address, and when."""
