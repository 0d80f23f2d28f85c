"""`python -m journeys`: the command line."""

from journeys.cli import main

main(prog_name="journeys")
