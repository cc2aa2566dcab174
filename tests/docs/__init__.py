"""The documentation says what the program does: every block runs, every link leads somewhere, every list is whole."""
