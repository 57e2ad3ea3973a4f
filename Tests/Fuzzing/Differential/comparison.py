"""What each side answered, and whether the client could tell the two apart."""

import re

from wire import fields

#: The gateway's own errors name a request of its own.
REQUEST_MARK = b" of the audit log."
FAILED = b"no statement runs in a failed transaction"
REQUEST = re.compile(rb"[0-9a-f]{32}/[0-9]+ of the audit log\.")


def answers(wire, count):
    """The next `count` answers, each up to and including its ReadyForQuery; EOFError when there are no more."""
    buffer, at, start, found = wire.buffer, wire.at, wire.at, []
    receive = wire.socket.recv
    while len(found) < count:
        while len(buffer) < at + 5 or len(buffer) < at + 1 + (length := int.from_bytes(buffer[at + 1:at + 5])):
            data = receive(1 << 18)
            if not data:
                raise EOFError
            buffer += data
        is_last = buffer[at] == 0x5A
        at += 1 + length
        if is_last:
            found.append(bytes(buffer[start:at]))
            start = at
    del buffer[:at]
    wire.at = 0
    return found


def messages(answer):
    """An answer as `(type, body)` pairs."""
    at, found = 0, []
    while at < len(answer):
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


def alike(answer):
    """The answer without what may differ between two servers.

    Whether a statement that would be refused finds its transaction failed already depends on when the gateway heard of
    the failure.
    """
    if answer.endswith(b"E") and len(answer) < 600 and (b"C25P02\0" in answer or REQUEST_MARK in answer):
        return FAILED
    if REQUEST_MARK in answer:
        answer = REQUEST.sub(REQUEST_MARK, answer)
    return b"".join(kind + (body[4:] if kind == b"A" else body)
                    for kind, body in messages(answer)) if b"A\0\0" in answer else answer


def marked(answer, sent, marks):
    """The first mark in the answer; none where the client sent one itself, in whatever form it comes back."""
    for mark in marks:
        if mark in answer:
            said = sent.lower()
            return None if any(m.lower() in said for m in marks) else mark
    return None
