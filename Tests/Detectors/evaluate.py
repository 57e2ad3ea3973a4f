"""`make detectors`: precision and recall on a synthetic corpus, beside presidio-analyzer's, and the cost of a scan."""

import argparse
import json
import pathlib
import re
import subprocess
import tempfile
import time

import corpus
import scanner
import scoring

PEER = scanner.ROOT / ".cache/presidio/bin/python"


def peer_spans(documents, threshold):
    """Presidio's spans and the seconds it took; its Phone is a Fax where one is labelled, as it knows no such kind."""
    started = time.monotonic()
    output = subprocess.run(
        [PEER, pathlib.Path(__file__).with_name("peer.py"), str(threshold)],
        check=True,
        capture_output=True,
        input=json.dumps([document.text for document in documents]).encode(),
    ).stdout
    seconds = time.monotonic() - started
    result = []
    for document, spans in zip(documents, json.loads(output)):
        faxes = [(start, end) for start, end, kind in document.spans if kind == "Fax"]
        result.append(
            [
                (start, end, "Fax" if kind == "Phone" and any(start < b and a < end for a, b in faxes) else kind)
                for start, end, kind in spans
            ]
        )
    return result, seconds


def instructions_per_byte(path):
    """Counted by callgrind: what two rounds more take, divided among them."""
    counts = []
    with tempfile.TemporaryDirectory() as folder:
        # Without what valgrind cannot read of Swift's debugging information.
        program = pathlib.Path(folder, "weirctl")
        subprocess.run(["strip", "-o", program, scanner.WEIRCTL], check=True)
        for rounds in (1, 3):
            run = subprocess.run(
                ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out", program]
                + ["detect", "--measure", str(rounds), path],
                capture_output=True,
                text=True,
            )
            counts.append(int(re.search(r"Collected : (\d+)", run.stderr).group(1)))
    return (counts[1] - counts[0]) / 2 / pathlib.Path(path).stat().st_size


def row(name, score, peer, kinds):
    cells = [f"{score.recall(kinds):.3f}", f"{score.precision(kinds):.3f}", f"{score.hiding(kinds):.3f}"]
    if peer:
        cells += [f"{peer.recall(kinds):.3f}", f"{peer.precision(kinds):.3f}"]
    print(f"{name:<14}{sum(score.labelled[k] for k in kinds):>7}" + "".join(f"{cell:>11}" for cell in cells))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--seed", type=int, default=9001, help="seeds from 9000 on are held out: nobody has looked at their misses"
    )
    parser.add_argument("--documents", type=int, default=1000)
    parser.add_argument("--threshold", type=float, default=0.35, help="score from which a span of presidio's counts")
    parser.add_argument("--misses", type=int, default=0, help="show so many misses and wrong spans of each kind")
    parser.add_argument("--alone", action="store_true", help="without presidio and without callgrind")
    options = parser.parse_args()

    documents = corpus.corpus(options.seed, options.documents)
    score = scoring.Score()
    for document, spans in zip(documents, scanner.spans(documents)):
        score.add(document, spans)
    peer = None
    if not options.alone and PEER.exists():
        peer = scoring.Score()
        found, seconds = peer_spans(documents, options.threshold)
        for document, spans in zip(documents, found):
            peer.add(document, spans)

    size = sum(len(document.text.encode()) for document in documents)
    print(f"{len(documents)} documents of seed {options.seed}, {size} bytes")
    print(f"{'':<21}{'weir':>11}{'':>22}{'presidio':>11}" if peer else "")
    print(
        f"{'kind':<14}{'labelled':>8}{'recall':>10}{'precision':>11}{'hidden':>11}"
        + (f"{'recall':>11}{'precision':>11}" if peer else "")
    )
    for kind in scoring.STRUCTURED + scoring.UNSTRUCTURED:
        row(kind, score, peer, [kind])
    row("structured", score, peer, scoring.STRUCTURED)
    row("all", score, peer, scoring.STRUCTURED + scoring.UNSTRUCTURED)
    print(
        f"letters and digits masked outside identifiers: {score.overmasking():.4f}"
        + (f", presidio {peer.overmasking():.4f}" if peer else "")
    )
    if peer:
        print(f"presidio: {seconds:.1f} s with its start, {size / seconds / 1e6:.3f} MB/s")
    for title, cases in (("missed", score.missed), ("wrong", score.wrong)):
        for kind in scoring.STRUCTURED + scoring.UNSTRUCTURED:
            for case in [case for case in cases if case[0] == kind][: options.misses]:
                print(title, *map(repr, case))
    if options.alone:
        return
    with tempfile.TemporaryDirectory() as folder:
        notes = pathlib.Path(folder, "notes.txt")
        notes.write_text("\n\n".join(d.text for d in documents if d.form == "note") * 4)
        data = pathlib.Path(folder, "data.json")
        data.write_text("[" + ",".join(d.text for d in documents if d.form == "json") + "]")
        for path in (notes, data):
            instructions = instructions_per_byte(str(path))
            print(f"{path.name}: {scanner.speed([str(path)], 20)}, {instructions:.1f} instructions a byte")


if __name__ == "__main__":
    main()
