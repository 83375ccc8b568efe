"""What the scripts have in common that time pairs, theirs and ours, on the column of docstrings: how they begin."""

import argparse

import record
import texts


def begun(purpose: str, rounds: int) -> tuple[texts.Text, int]:
    """The text and the number of rounds that were asked for; what figures depend on is printed first."""
    parser = argparse.ArgumentParser(description=purpose)
    parser.add_argument("--rounds", type=int, default=rounds, help=f"turns of each (default {rounds})")
    parser.add_argument("--quick", action="store_true", help="little text: are the answers the same?")
    options = parser.parse_args()
    text = texts.medium(options.quick)
    print(record.heading(record.environment()))
    print(f"{len(text.documents):,} rows, {text.nbytes / 1e6:.1f} MB ({text.note}, {text.fingerprint})\n")
    return text, 1 if options.quick else options.rounds
