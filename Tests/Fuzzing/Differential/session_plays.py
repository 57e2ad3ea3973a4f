"""Plays: sessions of many statements, to be begun and ended outside any transaction."""

from queries import Queries
from relations import Scope
from scenes_of_definition import code, definition, view
from scenes_of_names import names
from scenes_of_reading import (call, catalogue, copy, copy_from, cursor, explain, large_objects, parameters, several)
from scenes_of_state import encodings, prepared, settings, temporary, writing
from steps import by_some_path, simple

#: Shares of the scenes beside plain queries.
SCENES = {
    copy: 6, copy_from: 2, cursor: 3, explain: 3, several: 3, catalogue: 3, parameters: 8, call: 1, large_objects: 0.5,
    writing: 6, settings: 3, prepared: 1, temporary: 0.4, view: 0.4, code: 1, definition: 0.6,
    names: 3,
}
QUERIES = 60


class Playwright(Queries):
    """Writes plays of a random source; `callables` are the server's functions."""
    def __init__(self, callables):
        super().__init__(callables)
        self.scenes, self.shares = zip(*SCENES.items())

    def play(self, random, length, is_ascii):
        """About `length` steps; other encodings only where governed texts are ASCII."""
        self.begin(random)
        steps = [simple("DISCARD ALL")] if self.chance(0.1) else []
        while len(steps) < length:
            if random.random() * (QUERIES + sum(self.shares)) < QUERIES:
                steps.append(by_some_path(random, self.query()))
            else:
                steps += random.choices(self.scenes, self.shares)[0](self)
            if is_ascii and self.chance(0.02):
                steps += encodings(self)
        return [*steps, simple("ROLLBACK")]

    @staticmethod
    def sight(name=None, alias=None):
        """One relation in sight, or nothing."""
        return Scope.of(name, alias) if name else Scope()
