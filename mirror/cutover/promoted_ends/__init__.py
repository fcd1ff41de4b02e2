"""The ends of the target's logs at the promotion: everything behind them was written by clients.

`record` writes them into the journal (`journal_entries`), as `read` finds them on the target: the step
`promote` records them after both connectors have stopped, and before copied users may write. They need the
target only, so a failover records them as well. Where they are missing (an older release promoted the mirror,
or the journal is lost), the copy of the last mirrored record says the same, by content
(`mirror.cutover.recovery.scan`).

A part has its own promotion, and its own ends: they are recorded before the mirror excludes it, because
clients write from that change on. The promotion of the rest does not see the topics of a part any more.
"""
