"""The login of a cluster's administrator, as a person writes it down for `--source-admin-config`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any


def written(config: Mapping[str, Any], folder: Path) -> str:
    """Write librdkafka's properties, one a line, and return the file's path."""
    file = folder / "admin.properties"
    lines = [f"{name}={str(value).strip()}".replace("\n", "\\n") for name, value in config.items()]
    file.write_text("\n".join(lines))
    return str(file)
