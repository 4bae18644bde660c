"""A local Xero with its limits, refusals and faults: the demo, the dry run and the tests speak to it."""

from segxero.sandbox.app import create_app
from segxero.sandbox.options import SandboxOptions, read_countries, read_organisations
from segxero.sandbox.server import LocalSandbox, serve

__all__ = ["LocalSandbox", "SandboxOptions", "create_app", "read_countries", "read_organisations", "serve"]
