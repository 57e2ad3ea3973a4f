#!/usr/bin/env python3
"""Measures the operator and prints one table."""

import argparse
import os
import pathlib
import platform

import admission
import scale

PARTS = {"admission": admission.measure, "sync": scale.synchronization, "pods": scale.memory,
         "policies": scale.policies, "failover": scale.failover}


def machine():
    """What was measured on."""
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0))
    return f"{cores} cores of {model or platform.machine()}, {memory:.0f} GB, {platform.release()}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), metavar="PART",
                        help=f"these parts alone: {', '.join(PARTS)}")
    options = parser.parse_args()
    print(machine() + "\n", flush=True)
    print("| measure | |\n|---|---:|", flush=True)
    for part in options.only:
        for what, value in PARTS[part]():
            print(f"| {what} | {value} |", flush=True)


if __name__ == "__main__":
    main()
