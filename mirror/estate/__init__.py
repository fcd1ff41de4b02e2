"""What exists at the source and at the target: clusters, users, credentials.

`read_estate` reads it from both Kubernetes before Pulumi declares anything, and raises all problems together.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mirror.estate.connection import connect
    from mirror.estate.credential_rules import judge_password
    from mirror.estate.findings import EstateError
    from mirror.estate.reading import read_estate

__all__ = ["EstateError", "connect", "judge_password", "read_estate"]
_MODULES = {
    "EstateError": "findings",
    "connect": "connection",
    "judge_password": "credential_rules",
    "read_estate": "reading",
}


def __getattr__(name: str) -> Any:
    """Import on first use: who compares only owners needs no reader of certificates."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
