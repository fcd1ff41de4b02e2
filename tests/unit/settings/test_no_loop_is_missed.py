"""Where no loop is found, none is: every record is followed through small networks of mirrors."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import example, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from settings.loops import loops
from settings.overlap import Flow
from settings.replication_policy import remote_topic

TOPICS = ("a", "b", "ab", "a.b", "b.a", "c.a", "heartbeats", "a.heartbeats")
CLUSTERS = "abc"
patterns = st.sampled_from([".*", "a", "b", "a.*", r"a\..*", r"b\..*", r"[ab]", "a|b", ".*heartbeats"])


@st.composite
def networks(draw: st.DrawFn) -> list[Flow]:
    """Draw mirrors between three clusters, some of which call a cluster by another name."""
    ends = st.tuples(st.sampled_from(CLUSTERS), st.sampled_from(CLUSTERS)).filter(
        lambda pair: pair[0] != pair[1]
    )
    return [
        Flow(
            name=f"{source}-{target}",
            source=draw(st.sampled_from([source, source, source, f"{source}2"])),
            target=draw(st.sampled_from([target, target, target, f"{target}2"])),
            policy=draw(st.sampled_from(["identity", "default"])),
            topics=(draw(patterns),),
            topics_exclude=tuple(draw(st.lists(patterns, max_size=1))),
            separator=draw(st.sampled_from([".", ".", ".", "-"])),
            source_cluster=source,
            target_cluster=target,
        )
        for source, target in draw(st.lists(ends, min_size=2, max_size=4, unique=True))
    ]


def journeys(flows: list[Flow], cluster: str, topic: str, hops: int) -> Iterator[int]:
    """Follow a topic's records wherever they are copied, and yield how far they get."""
    yield hops
    if hops > 2 * len(flows):
        return
    for flow in flows:
        if flow.origin == cluster and flow.takes(topic):
            copy = remote_topic(flow.policy, flow.separator, flow.source, topic)
            yield from journeys(flows, flow.destination, copy, hops + 1)


MESH = [
    Flow(f"{one}-{other}", one, other, "default", (".*",))
    for one in CLUSTERS
    for other in CLUSTERS
    if one != other
]


@profile(max_examples=400)
@given(networks())
@example(MESH)
def test_every_journey_ends(flows: list[Flow]) -> None:
    if loops(flows):
        return
    for cluster in CLUSTERS:
        for topic in TOPICS:
            assert max(journeys(flows, cluster, topic, 0)) <= len(flows)


def test_the_journeys_find_loops() -> None:
    both = [Flow("there", "a", "b", "identity", (".*",)), Flow("back", "b", "a", "identity", (".*",))]
    assert max(journeys(both, "a", "a", 0)) > len(both)
    assert loops(both)
    assert not loops(MESH)
