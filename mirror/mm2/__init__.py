"""What MirrorMaker 2 knows of the consumer groups' offsets, and what it will do with them.

`translate_offsets` is `RemoteClusterUtils.translateOffsets` for Python.
"""

from __future__ import annotations

from mirror.mm2.client import OffsetAndMetadata, translate_offsets

__all__ = ["OffsetAndMetadata", "translate_offsets"]
