"""The proof that two mirrors have no topic in common, against trying out every name of a small world."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import settings as profile
from hypothesis import strategies as st

from settings.overlap import Flow, both_write, flows_on
from settings.replication_policy import remote_topic

WORLD = ["".join(letters) for size in (1, 2, 3) for letters in itertools.product("ab.", repeat=size)] + [
    "heartbeats",
    "aheartbeats",
    "a.heartbeats",
    "b.aheartbeats",
]
WORLD += [f"{alias}.{name}" for alias in "ab" for name in WORLD]

patterns = st.sampled_from(
    [
        ".*",
        "a",
        "ab",
        "b",
        "a.*",
        r"a\..*",
        "b.*",
        r"b\..*",
        "[ab]",
        "a|b",
        "a+",
        "ab?",
        "(a|b).*",
        r"\.a",
        "a.b",
    ]
)
lists = st.lists(patterns, min_size=1, max_size=2, unique=True).map(tuple)
excludes = st.lists(patterns, max_size=2, unique=True).map(tuple)
policies = st.sampled_from(["identity", "default"])


def flow(source: str, target: str) -> st.SearchStrategy[Flow]:
    return st.builds(
        Flow,
        name=st.just(f"{source}-{target}"),
        source=st.just(source),
        target=st.just(target),
        policy=policies,
        topics=lists,
        topics_exclude=excludes,
    )


def copies(one: Flow) -> set[str]:
    return {remote_topic(one.policy, one.separator, one.source, topic) for topic in WORLD if one.takes(topic)}


@profile(max_examples=400)
@given(flow("a", "b"), flow("b", "a") | flow("b", "c") | flow("x", "a"))
def test_what_reads_on_is_found(one: Flow, other: Flow) -> None:
    if flows_on(one, other) is None:
        assert not {topic for topic in copies(one) if other.takes(topic)}


@profile(max_examples=400)
@given(flow("a", "c"), flow("b", "c"))
def test_what_both_write_is_found(one: Flow, other: Flow) -> None:
    if both_write(one, other) is None:
        assert not copies(one) & copies(other)
