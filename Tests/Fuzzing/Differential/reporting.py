"""Findings and counts as a person reads them."""

import comparison
from comparison import messages

#: Characters of a statement, and messages of an answer, that are shown.
LONGEST, MOST = 1500, 9


def told(seed, finding):
    """A finding: the statements, and where the sides' answers part."""
    lines = [f"--- seed {seed}, play {finding.play}" + (f": mark {finding.mark!r}" if finding.mark else "")]
    lines += [f"    {step.sql[:LONGEST]}" for step in finding.steps]
    for name, answer in (("A", finding.left), ("B", finding.right)):
        shown = [
            f"{kind.decode()} {comparison.told(body)}" if kind in b"EN" else f"{kind.decode()} {body[:160]}"
            for kind, body in messages(answer) if kind not in b"12nT3S"
        ]
        lines.append(f"    {name}: {'; '.join(shown[:MOST]) or 'closed'}")
    return "\n".join(lines)


def share(part, whole):
    return f"{100 * part / whole:.1f} %" if whole else "-"


def report(seed, counts, findings, seconds):
    """The lines of a run's verdict."""
    yield (f"seed {seed}: {counts['statements']} statements in {counts['plays']} plays, {seconds:.0f} s,"
           f" {counts['statements'] / seconds:.0f} a second")
    for kind in ("executed", "refused", "failed"):
        yield f"  {kind:10}{counts[kind]:10}  {share(counts[kind], counts['statements'])}"
    yield f"  {'closed':10}{counts['closed']:10}  sessions, {counts['changes of the schema']} changes of the schema"
    yield (f"of {counts['valid']} statements that the database itself executes, the gateway lets"
           f" {share(counts['valid and executed'], counts['valid'])} through;")
    yield (f"{counts['telling']} of them tell the two databases apart around the gateway, and of those"
           f" {share(counts['telling and executed'], counts['telling'])} are let through, masked")
    yield f"leaks: {findings}"
