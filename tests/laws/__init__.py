"""The laws of a trace, one file each; ``table`` says which method and direction has which."""
