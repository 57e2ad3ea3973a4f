"""A floor under the detectors' precision and recall, and what must hold for any input."""

import json
import random

import corpus
import pytest
import scanner
import scoring

DOCUMENTS = corpus.corpus(seed=77, count=150)


@pytest.fixture(scope="module")
def score():
    total = scoring.Score()
    for document, spans in zip(DOCUMENTS, scanner.spans(DOCUMENTS)):
        total.add(document, spans)
    return total


def test_structured_identifiers_are_found(score):
    assert score.recall(scoring.STRUCTURED) >= 0.97
    assert score.precision(scoring.STRUCTURED) >= 0.95


def test_hardly_anything_else_is_masked(score):
    assert score.overmasking() <= 0.01


def test_documents_stay_documents():
    for document in [d for d in DOCUMENTS if d.form == "json"][:15]:
        before, after = json.loads(document.text), json.loads(scanner.masked(document.text.encode()))
        assert before.keys() == after.keys()
        assert before != after


def test_any_bytes_are_read():
    chance = random.Random(5)
    pieces = [d.text.encode() for d in DOCUMENTS]
    for _ in range(25):
        data = bytearray(b"".join(chance.sample(pieces, 4)))
        for _ in range(chance.randint(1, 60)):
            at = chance.randrange(len(data))
            if chance.random() < 0.5:
                data[at] = chance.randrange(256)
            else:
                del data[at : at + chance.randint(1, 40)]
        scanner.masked(bytes(data))
