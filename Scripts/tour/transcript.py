"""A transcript: headings, commands with their real output, and what is checked of it."""

import shlex
import textwrap

WIDTH = 116


class NotAsTold(Exception):
    """A step's outcome is not what the tour says it is."""


class Transcript:
    """Prints as it goes; `steps` counts the checks that held."""

    def __init__(self):
        self.chapters = 0
        self.steps = 0

    def chapter(self, title):
        self.chapters += 1
        heading = f"{self.chapters}. {title}"
        print(f"\n\n{heading}\n{'=' * len(heading)}", flush=True)

    def say(self, text):
        print()
        print(textwrap.fill(" ".join(text.split()), WIDTH), flush=True)

    def show(self, command, output):
        """A command line and what it printed."""
        print(f"\n  $ {command}")
        print(textwrap.indent(output.rstrip("\n") or "(no output)", "  "), flush=True)

    def side_by_side(self, left_title, left, right_title, right):
        """Two outputs in two columns."""
        left_lines, right_lines = left.rstrip("\n").split("\n"), right.rstrip("\n").split("\n")
        width = max(len(line) for line in [left_title, *left_lines])
        print()
        for pair in [(left_title, right_title), ("-" * len(left_title), "-" * len(right_title)),
                     *zip_longest(left_lines, right_lines)]:
            print(f"  {pair[0]:{width}}    {pair[1]}".rstrip())
        print(end="", flush=True)

    def check(self, what, holds):
        """Says what was checked, or ends the tour."""
        if not holds:
            print(f"\n  NOT AS TOLD: {what}", flush=True)
            raise NotAsTold(what)
        self.steps += 1
        print(f"  -> {what}", flush=True)


def zip_longest(left, right):
    """Pairs of lines, the shorter side filled with empty ones."""
    for index in range(max(len(left), len(right))):
        yield (left[index] if index < len(left) else "", right[index] if index < len(right) else "")


def psql_line(endpoint, *arguments):
    """The command as a person would type it, the password left to the environment."""
    address = f"postgresql://{endpoint.user}@{endpoint.host}:{endpoint.port}/{endpoint.database}"
    return " ".join(["psql", address, *map(quoted, arguments)])


def quoted(argument):
    """An argument as a person would quote it for the shell."""
    if "'" in argument and not any(character in argument for character in '"$`\\'):
        return f'"{argument}"'
    return shlex.quote(argument)
