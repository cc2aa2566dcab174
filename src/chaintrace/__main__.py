"""``python -m chaintrace``."""

from chaintrace.cli import main

main()
