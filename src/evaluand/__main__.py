"""``python -m evaluand``."""

from evaluand.cli import main

main()
