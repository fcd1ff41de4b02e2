"""What a process that looks again and again remembers: the exporter, and `status --watch`."""

from __future__ import annotations

from dataclasses import dataclass, field

from mirror.verify.values.copied_unsynced import CopiedUnsynced
from mirror.verify.values.group_partition import UnwrittenCheckpoints
from mirror.verify.values.matched_windows import MatchedWindows
from mirror.verify.values.partition_lag import OpenTransactions
from mirror.verify.values.source_partition import SeenAfterPosition


@dataclass(frozen=True, slots=True)
class Memory:
    """What looks have seen that no later one can see any more. Give it to the next session of a process that
    lasts: sessions end with every look that fails, and where credentials were renewed.
    """

    seen_after: SeenAfterPosition = field(default_factory=SeenAfterPosition)
    """What looks have read after MM2's positions, for when the source has deleted it."""
    open_transactions: OpenTransactions = field(default_factory=OpenTransactions)
    """Since when looks have seen transactions of the source open, where timestamps do not tell."""
    unwritten: UnwrittenCheckpoints = field(default_factory=UnwrittenCheckpoints)
    unsynced: CopiedUnsynced = field(default_factory=CopiedUnsynced)
    matched: MatchedWindows | None = None
    """Windows that need not be read in each look; None where each look has to read all, as a proof does."""
