"""Compares spans found with spans labelled, by characters that are letters or digits."""

import collections

STRUCTURED = [
    "Date",
    "Phone",
    "Fax",
    "Email",
    "SSN",
    "MRN",
    "HealthPlan",
    "Account",
    "License",
    "Vehicle",
    "Device",
    "URL",
    "IPAddress",
    "Other",
]
UNSTRUCTURED = ["Name", "Address", "Biometric", "Photo"]


class Score:
    """Counts over documents.

    An identifier is found when each of its letters and digits is in spans of its kind, and hidden when each is in any
    span. A span is right when it shares a letter or digit with an identifier of its kind.
    """

    def __init__(self):
        self.labelled = collections.Counter()
        self.found = collections.Counter()
        self.hidden = collections.Counter()
        self.spans = collections.Counter()
        self.right = collections.Counter()
        self.free = self.masked_free = 0
        self.missed = []
        self.wrong = []

    def add(self, document, spans):
        text = document.text
        meaningful = [c.isalnum() for c in text]
        labels = collections.defaultdict(set)
        for start, end, kind in spans:
            for at in range(start, end):
                labels[at].add(kind)
        truth = [None] * len(text)
        for start, end, kind in document.spans:
            truth[start:end] = [kind] * (end - start)
            body = [at for at in range(start, end) if meaningful[at]]
            self.labelled[kind] += 1
            self.hidden[kind] += all(labels[at] for at in body)
            if all(kind in labels[at] for at in body):
                self.found[kind] += 1
            else:
                self.missed.append((kind, text[start:end], text[max(0, start - 30) : end + 15]))
        for start, end, kind in spans:
            self.spans[kind] += 1
            if any(truth[at] == kind and meaningful[at] for at in range(start, end)):
                self.right[kind] += 1
            else:
                self.wrong.append((kind, text[start:end], text[max(0, start - 30) : end + 15]))
        for at, kind in enumerate(truth):
            if kind is None and meaningful[at]:
                self.free += 1
                self.masked_free += bool(labels[at])

    def recall(self, kinds):
        return ratio(sum(self.found[k] for k in kinds), sum(self.labelled[k] for k in kinds))

    def hiding(self, kinds):
        return ratio(sum(self.hidden[k] for k in kinds), sum(self.labelled[k] for k in kinds))

    def precision(self, kinds):
        return ratio(sum(self.right[k] for k in kinds), sum(self.spans[k] for k in kinds))

    def overmasking(self):
        """The share of letters and digits outside identifiers that are masked."""
        return ratio(self.masked_free, self.free)


def ratio(part, whole):
    return part / whole if whole else float("nan")
