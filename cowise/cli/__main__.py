"""`python -m cowise.cli`: the same as the program `cowise`."""

from cowise.cli.program import main

main()
