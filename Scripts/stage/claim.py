"""What one of several runs on this machine has to itself."""

import socket


def claim(name):
    """Takes the name until what is returned is closed, or this process has ended in any way; None: another has it.

    The kernel keeps the name, as that of a socket without a file.
    """
    held = socket.socket(socket.AF_UNIX)
    try:
        held.bind(f"\0weir-{name}")
    except OSError:
        held.close()
        return None
    return held


def claim_first(kind, numbers):
    """The first of the numbers that nobody has, and the claim to it."""
    for number in numbers:
        if held := claim(f"{kind}-{number}"):
            return number, held
    raise RuntimeError(f"every {kind} is in use by another run")
