"""Every suite the runner knows, in the order they run."""

from .suite import Suite


def every_suite() -> list[Suite]:
    return [
    ]
