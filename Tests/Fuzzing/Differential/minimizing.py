"""Makes a finding small: fewer steps, then fewer words of the last one."""

import re
import time

from steps import simple

#: Seconds one finding may take.
BUDGET = 30
TOKENS = re.compile(r"\s+|'(?:[^']|'')*'|\"[^\"]*\"|\w+|\d+|::|.", re.S)


def minimized(fuzzer, finding):
    """A finding of the same kind with less in it; the same one when it does not come again on new sessions."""
    deadline = time.monotonic() + BUDGET

    def again(steps):
        if time.monotonic() > deadline:
            return None
        fuzzer.reconnect()
        steps = [*steps, simple("ROLLBACK")]
        found = fuzzer.difference(steps, *fuzzer.exchange(fuzzer.sessions, steps))
        return found and type(finding)(finding.play, *found)

    best = again(finding.steps)
    if not best:
        return finding
    best = _fewer(best, lambda kept: again([*kept, best.steps[-1]]), best.steps[:-1]) or best
    last, before = best.steps[-1], best.steps[:-1]
    return _fewer(best, lambda kept: again([*before, last.of("".join(kept))]), TOKENS.findall(last.sql)) or best


def _fewer(found, attempt, parts):
    """Leaves out ever smaller runs of the parts while `attempt` still finds something."""
    size = len(parts)
    while size:
        at = 0
        while at < len(parts):
            kept = parts[:at] + parts[at + size:]
            smaller = attempt(kept)
            if smaller:
                found, parts = smaller, kept
            else:
                at += size
        size //= 2
    return found
