"""Started by Pulumi (`PulumiPlugin.yaml`) as `python <this folder> <engine's address>`."""

from __future__ import annotations

import sys
from pathlib import Path

# Python puts this folder first, where the project's own belongs: the modules of this package are no
# top-level ones.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from provider.host import main  # noqa: E402

if __name__ == "__main__":
    main(sys.argv[1:])
