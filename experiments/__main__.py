"""``python -m experiments`` is the command ``testbed``."""

from experiments.cli import main

main()
