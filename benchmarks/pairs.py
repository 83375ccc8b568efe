"""Shared by the scripts that time pairs of functions on the column of docstrings."""

import argparse

import record
import texts


def start(purpose: str, rounds: int) -> tuple[texts.Text, int]:
    """Parse the arguments and print the environment. Returns the text and the number of rounds."""
    parser = argparse.ArgumentParser(description=purpose)
    parser.add_argument("--rounds", type=int, default=rounds, help=f"turns of each (default {rounds})")
    parser.add_argument("--quick", action="store_true", help="little text: are the answers the same?")
    options = parser.parse_args()
    text = texts.medium(options.quick)
    print(record.heading(record.environment()))
    print(f"{len(text.documents):,} rows, {text.nbytes / 1e6:.1f} MB ({text.note}, {text.fingerprint})\n")
    return text, 1 if options.quick else options.rounds
