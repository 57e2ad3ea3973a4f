"""Plays on both sides of a pair, compares what they answer, and counts."""

import collections
import dataclasses
import random
import time

import builtins_of_server
from comparison import Marks, differs, outcome
from exchange import Exchange
from schema_changes import CHANGES
from session_plays import Playwright
from steps import by_some_path
from values import SIDES, forms

#: Plays between two deals of values, and steps in a play.
PLAYS_A_ROUND, STEPS = 40, 40
#: Shares of the plays that are run around the gateways too, within which another session changes the schema, and of the
#: deals whose governed texts are all ASCII.
MEASURED, DISTURBED, ASCII = 0.02, 0.003, 0.3
#: Seconds after which a gateway has seen what another session did to the schema (`catalogueFreshness`), and a little.
FRESHNESS = 1.2
#: Seconds without a byte after which a side is stuck; the servers give up a statement before.
PATIENCE = 40


@dataclasses.dataclass
class Finding:
    """What told the sides apart: the steps up to it, and the two answers to the last of them."""

    play: int
    steps: list
    left: bytes
    right: bytes
    #: A form of a governed value, where that was seen.
    mark: bytes = None


class Fuzzer:
    """Play n of a seed is always the same, and so are the values it is played on."""
    def __init__(self, pair, seed, counts=None, measured=MEASURED, disturbed=DISTURBED):
        self.pair, self.seed, self.measured, self.disturbed = pair, seed, measured, disturbed
        self.playwright = Playwright(builtins_of_server.read(pair.owners[0]))
        self.sessions, self.around = pair.connect(), pair.connect_around()
        self.counts, self.findings = collections.Counter() if counts is None else counts, []
        self.marks = [Marks(forms(side)) for side in SIDES]

    def close(self):
        for session in [*self.sessions, *self.around]:
            session.close()

    def run(self, statements, first=0, progress=lambda fuzzer: None):
        """Plays from the given play on until so many statements were run or something was found; the next play."""
        number, next_play = first, self.source(first)
        while self.counts["statements"] < statements and not self.findings:
            if number % PLAYS_A_ROUND == 0 or number == first:
                self.begin_round(number)
            chance, steps = next_play
            exchange = Exchange(self.sessions, sent(steps), len(steps))
            next_play = self.source(number + 1)
            through = self.answers(exchange)
            self.compare(number, steps, through)
            if chance.random() < self.measured:
                self.measure(steps, through)
                self.begin_round(number)
            if chance.random() < self.disturbed:
                self.disturb(number, chance)
            progress(self)
            number += 1
        return number

    def source(self, number):
        """The play of that number, and the chance that decides what else is done with it."""
        chance = random.Random(f"{self.seed}/{number}")
        return chance, self.playwright.play(chance, STEPS, self.is_ascii(number))

    def is_ascii(self, number):
        return random.Random(f"{self.seed}/texts/{number // PLAYS_A_ROUND}").random() < ASCII

    def begin_round(self, number):
        """New rows and sessions, on servers that are alike again."""
        self.pair.align()
        self.pair.deal(random.Random(f"{self.seed}/deal/{number // PLAYS_A_ROUND}"), self.is_ascii(number))
        self.reconnect()

    def reconnect(self):
        for session in self.sessions:
            session.close()
        self.sessions = self.pair.connect()

    def exchange(self, sessions, steps):
        return self.answers(Exchange(sessions, sent(steps), len(steps)))

    def answers(self, exchange):
        """The answers of each side."""
        (left, left_closed), (right, right_closed) = exchange.answers(PATIENCE)
        if left_closed or right_closed:
            self.counts["closed"] += 1
            if exchange.sides[0].socket is self.sessions[0].socket:
                self.reconnect()
            else:
                self.around = self.pair.connect_around()
        return left, right

    def compare(self, number, steps, through):
        """Counts outcomes and notes the first difference."""
        left, right = through
        self.counts["plays"] += 1
        self.counts["statements"] += max(len(left), len(right))
        self.counts.update(map(outcome, left))
        found = self.difference(steps, left, right)
        if found:
            self.findings.append(Finding(number, *found))

    def difference(self, steps, left, right):
        """Where the sides part or show a mark: the steps so far, both answers, the mark."""
        is_clean = not any(
            marks.within(b"".join(answers)) for marks, answers in zip(self.marks, (left, right)))
        if left == right and is_clean:
            return None
        said = sent(steps)
        for index, step in enumerate(steps[:max(len(left), len(right))]):
            one, other = (answers[index] if index < len(answers) else b"" for answers in (left, right))
            mark = None if is_clean else self.marks[0].told(one, said) or self.marks[1].told(other, said)
            if mark or differs(step.sent, one, other):
                return steps[:index + 1], one, other, mark
        return None

    def measure(self, steps, through):
        """What the databases themselves answer, beside what their gateways let through. It tells them apart."""
        around = self.exchange(self.around, steps)
        for left, right, answer in zip(*around, through[0]):
            self.counts["measured"] += 1
            if outcome(left) != "executed":
                continue
            self.counts["valid"] += 1
            self.counts["valid and executed"] += outcome(answer) == "executed"
            self.counts["telling"] += left != right
            self.counts["telling and executed"] += left != right and outcome(answer) == "executed"

    def disturb(self, number, chance):
        """Another session changes the schema between two statements of this one, and takes it back."""
        change, undo, statements = chance.choice(CHANGES)

        def play():
            steps = [by_some_path(chance, sql) for sql in [*statements, "ROLLBACK", "RESET search_path"]]
            self.compare(number, steps, self.exchange(self.sessions, steps))

        self.counts["changes of the schema"] += 1
        play()
        self.pair.change(change)
        time.sleep(FRESHNESS)
        try:
            play()
        finally:
            self.pair.change(undo)
            time.sleep(FRESHNESS)
        play()


def sent(steps):
    return b"".join(step.sent for step in steps)
