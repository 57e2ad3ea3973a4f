"""What programs that run have written."""

import os
import pathlib


def contents(folder):
    """Every file below with its bytes. One that is replaced while it is looked for is found under its new name."""
    for parent, _, names in os.walk(folder):
        for name in names:
            path = pathlib.Path(parent) / name
            try:
                if path.is_file():
                    yield path, path.read_bytes()
            except FileNotFoundError:
                continue
