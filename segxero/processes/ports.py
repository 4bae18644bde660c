"""Free ports on this machine, for programs that are told theirs before they start."""

import itertools
import os
import socket

HOST = "127.0.0.1"
# Below the ports that systems give to outgoing connections: those are taken between our look and the program's bind,
# and while a program is restarted on its port.
FIRST, LAST = 20_000, 32_000
STEP = 61  # so that processes that look at the same time begin at different places

_numbers = itertools.count(os.getpid() * STEP)


def free_port() -> int:
    """Return a port that nobody uses now, and another one at every call. Raise OSError when there is none."""
    for number in itertools.islice(_numbers, LAST - FIRST):
        port = FIRST + number % (LAST - FIRST)
        with socket.socket() as probe:
            if _can_bind(probe, port):
                return port
    raise OSError(f"no port from {FIRST} to {LAST} is free")


def _can_bind(probe: socket.socket, port: int) -> bool:
    try:
        probe.bind((HOST, port))
    except OSError:
        return False
    return True
