#!/usr/bin/env python3
"""Measures the operator and prints one table."""

import argparse

import admission

PARTS = {"admission": admission.measure}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), metavar="PART",
                        help=f"these parts alone: {', '.join(PARTS)}")
    options = parser.parse_args()
    print("| measure | |\n|---|---:|", flush=True)
    for part in options.only:
        for what, value in PARTS[part]():
            print(f"| {what} | {value} |", flush=True)


if __name__ == "__main__":
    main()
