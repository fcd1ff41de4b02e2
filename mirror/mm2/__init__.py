"""What MirrorMaker 2 keeps and writes: its resource, positions, offset syncs, checkpoints and identity.

`translate_offsets` is `RemoteClusterUtils.translateOffsets` for Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mirror.mm2.client import OffsetAndMetadata, translate_offsets

__all__ = ["OffsetAndMetadata", "translate_offsets"]


def __getattr__(name: str) -> Any:
    """Import the Kafka client on first use: a preview compares identities without one."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from mirror.mm2 import client

    return getattr(client, name)
