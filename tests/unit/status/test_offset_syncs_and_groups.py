"""Offset syncs tell where a group resumes, and whether it passes by records."""

from __future__ import annotations

from mirror.clients.records import TopicPartition
from mirror.mm2.formats import OffsetSync
from mirror.mm2.store import OffsetSyncStore
from mirror.status.resuming import ResumePoints


def test_offset_syncs_tell_where_a_group_resumes() -> None:
    one, store = TopicPartition("orders", 0), OffsetSyncStore()
    for upstream, downstream in ((0, 0), (100, 110), (200, 230)):
        store.apply(OffsetSync(one, upstream, downstream))
    places = ResumePoints(store)
    found = [places.resumes_at(one, target) for target in (0, 1, 110, 111, 229, 230, 999)]
    assert found == [0, 1, 100, 101, 101, 200, 201]
    assert places.resumes_at(one, None) is None
    assert [places.passes_by(one, committed, 231) for committed in (100, 200, 201, 300)] == [101, 1, 0, 0]
    assert [places.passes_by(one, 50, target) for target in (110, 111, 230)] == [0, 51, 51]
    assert places.passes_by(one, 50, None) == 0
    assert places.resumes_at(TopicPartition("orders", 1), 5) is None
    assert ResumePoints(OffsetSyncStore()).resumes_at(one, 5) is None
