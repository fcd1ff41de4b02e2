"""What MirrorMaker 2 keeps and writes: its resource, positions, offset syncs, checkpoints and identity.

`translate_offsets` is `RemoteClusterUtils.translateOffsets` for Python.
"""

from __future__ import annotations

from mirror.mm2.client import OffsetAndMetadata, translate_offsets

__all__ = ["OffsetAndMetadata", "translate_offsets"]
