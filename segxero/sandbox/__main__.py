"""`python -m segxero.sandbox '{"port": 8100}'`: a sandbox as a process of its own; any of SandboxOptions as JSON."""

import json
import sys

from segxero.sandbox import SandboxOptions, serve

if __name__ == "__main__":
    serve(SandboxOptions(**json.loads(sys.argv[1])))
