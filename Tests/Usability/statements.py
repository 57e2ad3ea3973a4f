"""Families of single statements, each played in a transaction of its own on both ways in and taken back."""

import dataclasses
import pathlib

FOLDER = pathlib.Path(__file__).resolve().parent / "statements"


@dataclasses.dataclass(frozen=True)
class Statement:
    """`masks`: the output columns that must come masked, beside those that hold a governed value as it is."""

    sql: str
    masks: tuple


def families():
    """By name, in the order of the files."""
    return {path.stem: list(read(path)) for path in sorted(FOLDER.glob("*.sql"))}


def read(path):
    masks = ()
    for line in path.read_text().splitlines():
        if line.startswith("-- masks:"):
            masks = tuple(line.removeprefix("-- masks:").replace(" ", "").split(","))
        elif line and not line.startswith("--"):
            yield Statement(line.removesuffix(";"), masks)
            masks = ()
