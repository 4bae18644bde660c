"""The place of a local stack: free ports on this machine, and an environment made from scratch."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from segxero.processes import free_port

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPlace:
    """The ports that a person or a program calls."""

    receiver_port: int
    sandbox_port: int
    flower_port: int

    @classmethod
    def choose(cls) -> Self:
        """Choose free ports."""
        return cls(receiver_port=free_port(), sandbox_port=free_port(), flower_port=free_port())

    @property
    def receiver_url(self) -> str:
        return f"http://{HOST}:{self.receiver_port}"

    @property
    def sandbox_url(self) -> str:
        return f"http://{HOST}:{self.sandbox_port}"

    @property
    def flower_url(self) -> str:
        return f"http://{HOST}:{self.flower_port}"


def make_environment(directory: Path, place: DemoPlace) -> dict[str, str]:
    """Return an environment with nothing of the user's in it: made-up credentials, and Xero is the sandbox."""
    temporary = directory / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    # Through these, a measurement of coverage reaches the processes of the tests.
    measured = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
    return measured | {
        "HOME": str(directory),
        "TMPDIR": str(temporary),
        "LANG": "C.UTF-8",
        "PORT": str(place.receiver_port),
        "HOST": "127.0.0.1",
        "FLOWER_PORT": str(place.flower_port),
        "FLOWER_ADDRESS": HOST,
        "XERO_CLIENT_ID": "sandbox",
        "XERO_CLIENT_SECRET": secrets.token_urlsafe(24),
        "XERO_API_URL": place.sandbox_url,
        "XERO_IDENTITY_URL": place.sandbox_url,
        "XERO_LOGIN_URL": place.sandbox_url,
        "SEGXERO_SECRET_KEY": secrets.token_urlsafe(32),
    }
