"""What each side answered, and whether the client could tell the two apart."""

import re

from wire import fields, message, row

#: The gateway's own errors name a request of its own.
REQUEST_MARK = b" of the audit log."
#: The database's word of a failed transaction, and what the gateway answers itself: a refusal, no such cursor, no such
#: prepared statement.
FAILURES = [b"C25P02\0", REQUEST_MARK, b"C34000\0", b"C26000\0"]
FAILED = b"no statement runs in a failed transaction"
REQUEST = re.compile(rb"[0-9a-f]{32}/[0-9]+ of the audit log\.")
#: Statements that may show pseudonyms, which differ as their values do.
PSEUDONYMS = re.compile(rb"\bclient\b|\btmp\b|FETCH|EXECUTE|FROM (room|item)\b")
#: Octets from which on a pseudonym stands for one value alone.
UNIQUE = 16
HEXADECIMAL = re.compile(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{12,}|[0-9]{6,}")


def messages(answer):
    """An answer as `(type, body)` pairs."""
    at, found = 0, []
    while at + 5 <= len(answer):
        end = at + 1 + int.from_bytes(answer[at + 1:at + 5])
        found.append((answer[at:at + 1], answer[at + 5:end]))
        at = end
    return found


def outcome(answer):
    """`executed`, `refused` by the gateway, or `failed` in the database."""
    if b"E\0" not in answer:
        return "executed"
    for kind, body in messages(answer):
        if kind == b"E":
            return "refused" if REQUEST_MARK in body else "failed"
    return "executed"


def differs(sent, left, right):
    """Whether two answers to a statement show the client a difference."""
    if left == right or alike(left) == alike(right):
        return False
    return not (PSEUDONYMS.search(sent) and similar(messages(alike(left)), messages(alike(right))))


def alike(answer):
    """The answer without what may differ between two servers.

    Whether a statement the gateway would answer itself finds its transaction failed already depends on when the gateway
    heard of the failure.
    """
    if answer.endswith(b"E") and len(answer) < 600 and any(sign in answer for sign in FAILURES):
        return FAILED
    if REQUEST_MARK in answer:
        answer = REQUEST.sub(REQUEST_MARK, answer)
    if b"A\0\0" not in answer:
        return answer
    # A notification names the process that sent it.
    bodies = [(kind, body[4:] if kind == b"A" else body) for kind, body in messages(answer)]
    return b"".join(message(kind, body) for kind, body in bodies)


def similar(left, right):
    """Whether two answers differ in pseudonyms alone: cells of one shape, one for one where they are long."""
    if [kind for kind, _ in left] != [kind for kind, _ in right]:
        return False
    there, back = {}, {}
    for (kind, one), (_, other) in zip(left, right):
        if one == other:
            continue
        if kind not in (b"D", b"d"):
            return False
        for first, second in zip(row(one), row(other)) if kind == b"D" else [(one, other)]:
            if not fits(first, second):
                return False
            if kind == b"D" and first and len(first) >= UNIQUE and (
                    there.setdefault(first, second) != second or back.setdefault(second, first) != first):
                return False
    return True


def fits(one, other):
    """Whether two pseudonyms show the same: of texts where digits, letters and others are, of octets the number."""
    if one is None or other is None:
        return one is other
    if is_text(one) and is_text(other):
        return shape(one) == shape(other)
    return len(one) == len(other)


def is_text(cell):
    return cell.isascii() and cell.decode().translate({9: None, 10: None}).isprintable()


def shape(text):
    """A whole number may lose digits at its front, and a hash is as long as a hash is."""
    text = HEXADECIMAL.sub(b"#", text)
    return re.sub(rb"[a-z]", b"a", re.sub(rb"[A-Z]", b"A", re.sub(rb"[0-9]+", b"9", text)))


class Marks:
    """The forms a side's governed values would be known by."""
    def __init__(self, forms):
        self.folded, self.exact = forms

    def within(self, octets):
        """The first mark among the octets."""
        folded = octets.lower()
        return next((mark for mark in self.folded if mark in folded), None) or next(
            (mark for mark in self.exact if mark in octets), None)

    def told(self, answer, sent):
        """The first mark in the answer; none where the client sent one itself, in whatever form it comes back."""
        return None if self.within(sent) else self.within(answer)


def told(body):
    """An error or notice as a person reads it."""
    return " ".join(f"{letter}={text}" for letter, text in fields(body).items())
