"""Runs `weirctl detect` over documents."""

import json
import pathlib
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).parents[2]
WEIRCTL = ROOT / ".build/release/weirctl"


def spans(documents, weirctl=WEIRCTL):
    """The spans found in each document, in characters."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for index, document in enumerate(documents):
            path = pathlib.Path(folder, f"{index:06}")
            path.write_bytes(document.text.encode())
            paths.append(str(path))
        found = {path: [] for path in paths}
        for start in range(0, len(paths), 500):
            output = subprocess.run(
                [weirctl, "detect", "-o", "json", *paths[start : start + 500]], check=True, capture_output=True
            ).stdout
            for entry in json.loads(output):
                found[entry["file"]].append((entry["start"], entry["end"], entry["kind"]))
    return [in_characters(document.text, found[path]) for document, path in zip(documents, paths)]


def in_characters(text, byte_spans):
    places = {}
    offset = 0
    for index, character in enumerate(text):
        places[offset] = index
        offset += len(character.encode())
    places[offset] = len(text)
    return [(places[start], places[end], kind) for start, end, kind in byte_spans]


def masked(data, weirctl=WEIRCTL):
    """The bytes of `data` with identifiers redacted."""
    return subprocess.run([weirctl, "detect", "--mask", "-"], input=data, check=True, capture_output=True).stdout


def speed(paths, rounds, weirctl=WEIRCTL):
    """One line: bytes, identifiers and megabytes a second."""
    return subprocess.run(
        [weirctl, "detect", "--measure", str(rounds), *paths], check=True, capture_output=True, text=True
    ).stdout.strip()
