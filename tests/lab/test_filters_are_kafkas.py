"""Patterns, filters and replication policies answer as MM2's own classes do. Needs only the toolchain."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from settings import replication_policy as policy
from settings.filters import GROUPS_EXCLUDE_DEFAULT, TOPICS_EXCLUDE_DEFAULT, topic_matches
from settings.model import MirrorSettings, ReplicationPolicy
from settings.patterns import fault, matches
from tests.lab.support import java

Ask = Callable[[list[str]], list[str]]

NAMES = (
    *(
        "orders",
        "orders-1",
        "orders-a0",
        "orders.v1",
        "ORDERS",
        "payments.eu",
        "device-heartbeats",
        "a",
        "aa",
    ),
    *(
        "aaa",
        "ab",
        "aab",
        "b",
        "byb",
        "axa",
        "x",
        "xa",
        "x[",
        "^a",
        "a^",
        "-",
        "a-b",
        "a_b",
        "a.b",
        "&",
        "a&b",
        "]",
    ),
    *(
        "a}",
        "1",
        "12",
        "zürich",
        "ß",
        "K",
        "__x",
        "mm2-x.internal",
        "a.replica",
        "connect-s3",
        "console-consumer-1",
    ),
)
"""Of topics, and of groups, whose names may have any character."""

HAND_PICKED = (
    *(
        "orders",
        "orders.*",
        r"orders\.v[0-9]+",
        "(a|b)-.*",
        "(?i:orders)",
        "[^_].*",
        "a{3}",
        r"\w+-\d",
        "a|b",
        "x++",
    ),
    *(
        "^orders$",
        r"^orders\..*",
        r"(orders|payments)\..*",
        "a|",
        "(|a)+",
        "(a|b*)*",
        "(a*)*b",
        "(?>a|ab)b",
        "(a?){2}b",
    ),
    *(
        "[a-c-e]+",
        "[-a]+",
        "[a-]+",
        "[a-z0-9-_]+",
        r"[\^a]+",
        r"[a\^]+",
        r"[\-a]+",
        r"[\]]",
        "[a&b]+",
        "[.]",
        "[{]",
        "[a|b]+",
    ),
    *(
        "(?i:[Z-a])",
        "(?i:k)",
        "(?i:ß)",
        "(?s:.*)",
        "(?i-s:A)",
        "(?=a).*",
        "(?!a).*",
        ".*(?<=b)",
        ".*(?<!b)",
        r"\bab\b",
        r"a\B.*",
    ),
    *(
        "a}",
        "]",
        r"x\[",
        r"\W+",
        r"[\w.]+",
        "[^a-z]+",
        r"[^\d]",
        ".*?b",
        "a??b",
        "a{2}+b",
        "[!-/]+",
        "(?:a|(?:b))+",
        "a$",
        "$a",
        "a^b",
    ),
    *(
        "(a+)+",
        "(a|ab)(c|bcd)?",
        "(?:a+)++b",
        "(ab?)*+",
        "(?:a|ab)++",
        "(?:a|ab)?+b",
        "(?:ab|a)*+b",
        "a{02}",
        "a{0}b",
    ),
)
REFUSED = (
    *(
        "x[a[]",
        "orders-[a-z[0-9]]*",
        r"(a)x\1",
        "a{1,3}",
        "a{2,}",
        "[a-z&&[^b]]",
        "[a[^b]]",
        r"\Qa.b\E",
        r"\p{Alpha}+",
        "(?<n>a)",
    ),
    *(
        "{a",
        "a{x",
        "(?P<n>a)",
        "(?#c)a",
        "[]a]",
        "[a^b]",
        r"\Z",
        r"\h",
        r"\x",
        "a{99999999999}",
        "(?x: a )",
        "(?u:a)",
        r"\01",
    ),
)

pieces = st.sampled_from(
    [
        *(
            "a",
            "b",
            "x",
            "-",
            ".",
            r"\.",
            ".*",
            "[ab]",
            "[^a]",
            "[a-c]",
            "[a-z0-9]",
            r"[\w-]",
            r"\d",
            r"\w",
            r"\W",
            "^",
            "$",
            "|",
        ),
        *(
            "(a|b)",
            "(?:ab)",
            "(a",
            ")",
            "(?i:B)",
            "(?=a)",
            "(?!b)",
            "(?>ab|a)",
            "*",
            "+",
            "?",
            "{2}",
            "++",
            "*?",
            "[",
            "]",
            "{",
            "}",
        ),
        *("&&", "&", r"\\", r"\1", "é", r"\-", "[a[b]]", "[a^]", r"[\^a]", "(?s:.)", r"\b"),
    ]
)
drawn_patterns = st.lists(pieces, min_size=1, max_size=6).map("".join)
drawn_names = st.text("abx-.019_^&[]AÉé", min_size=1, max_size=6)


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Ask:
    class_path = java.compiled("MirrorFilters", tmp_path_factory.mktemp("java"))
    return lambda lines: java.answers(class_path, "org.apache.kafka.connect.mirror.MirrorFilters", lines)


def hexed(text: str) -> str:
    return text.encode().hex()


def drawn(count: int, *strategies: st.SearchStrategy[Any]) -> list[tuple[Any, ...]]:
    """As many examples as asked for, so that one Java process can answer them all."""
    found: list[tuple[Any, ...]] = []

    @settings(
        max_examples=count,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.tuples(*strategies))
    def collect(example: tuple[Any, ...]) -> None:
        found.append(example)

    collect()
    return found


def lists_of_patterns() -> Iterator[tuple[list[str], list[str]]]:
    """Patterns that settings take, with names: alone, and in a list."""
    for pattern in HAND_PICKED:
        assert fault(pattern) is None, pattern
        yield [pattern], list(NAMES)
        yield ["(b)y", pattern, "x|y"], list(NAMES)
    for patterns, names in drawn(
        3000, st.lists(drawn_patterns, min_size=1, max_size=3), st.lists(drawn_names, max_size=8)
    ):
        usable = [pattern for pattern in patterns if fault(pattern) is None]
        if usable:
            yield list(dict.fromkeys(usable)), [*names, *NAMES]


def line(kind: str, include: Sequence[str], exclude: Sequence[str] | None, names: Sequence[str]) -> str:
    left_out = "-" if exclude is None else hexed(",".join(exclude))
    return " ".join([kind, hexed(",".join(include)), left_out, *map(hexed, names)])


def test_patterns_that_settings_take_match_the_same_names(kafka: Ask) -> None:
    cases = list(lists_of_patterns())
    assert len(cases) > 500
    told = kafka([line("groups", patterns, [], names) for patterns, names in cases])
    for (patterns, names), answer in zip(cases, told, strict=True):
        ours = "".join("01"[matches(patterns, name)] for name in names)
        wrong = [name for name, one, other in zip(names, ours, answer, strict=False) if one != other]
        assert ours == answer, (patterns, wrong)


@pytest.mark.parametrize("pattern", REFUSED)
def test_other_patterns_are_refused(pattern: str) -> None:
    assert fault(pattern) is not None


def test_javas_union_and_numbering_are_why(kafka: Ask) -> None:
    """Python would read each of these otherwise, or Java not at all."""
    cases = [
        (["x[a[]"], ""),
        ([r"(b)y\1"], "byb"),
        ([r"(a)x\1", r"(b)y\1"], "byb"),
        (["orders-[a-z[0-9]]*"], "orders-a0"),
    ]
    assert kafka([line("topics", patterns, [], [name]) for patterns, name in cases]) == [
        "refused",
        "1",
        "0",
        "1",
    ]


def test_defaults_are_excluded_as_mm2_excludes_them(kafka: Ask) -> None:
    for kind, defaults in (("topics", TOPICS_EXCLUDE_DEFAULT), ("groups", GROUPS_EXCLUDE_DEFAULT)):
        names = [*NAMES, "mm2.internal", "mm2x-internal", "x.replica", "replica", "_x", "connect", "a__x"]
        expected = "".join("01"[not matches(defaults, name)] for name in names)
        assert kafka([line(kind, [".*"], None, names)]) == [expected], kind


TOPICS = (
    *(
        "orders",
        "east.orders",
        "west.orders",
        "north.west.orders",
        "eastorders",
        "heartbeats",
        "device-heartbeats",
        "o",
    ),
    *(
        "east.heartbeats",
        "west.device-heartbeats",
        "mm2-offset-syncs.west.internal",
        "mm2-offset-syncswestinternal",
    ),
    *(
        "west.checkpoints.internal",
        "westcheckpointsinternal",
        "payments-internal",
        ".x",
        "__x",
        "west.",
        "...",
        "a..b",
        "-west-x",
    ),
)


def test_policies_name_topics_as_mm2_does(kafka: Ask) -> None:
    kinds: tuple[ReplicationPolicy, ...] = ("identity", "default")
    topics = [
        *TOPICS,
        *(
            name
            for (name,) in drawn(
                300, st.from_regex(r"[a-c.\-]{1,5}(west|heartbeats)?[.\-]?[a-c]?", fullmatch=True)
            )
        ),
    ]
    cases = [(*case, "east", "west") for case in product(kinds, (".", "-", "_", "", "--"), topics)]
    told = kafka(
        [
            f"topic {kind} {hexed(separator)} {hexed(east)} {hexed(west)} {hexed(name)}"
            for kind, separator, name, east, west in cases
        ]
    )
    for (kind, separator, name, east, west), answer in zip(cases, told, strict=True):
        internal = policy.is_internal(separator, name)
        origin, upstream = (
            policy.topic_source(kind, separator, east, name),
            policy.upstream_topic(kind, separator, east, name),
        )
        cycle = policy.is_cycle(kind, separator, east, west, name)
        ours = [
            hexed(policy.remote_topic(kind, separator, east, name)),
            "-" if origin is None else hexed(origin),
            "-" if upstream is None else hexed(upstream),
            "01"[internal],
            "01"[not internal and not cycle],
        ]
        assert " ".join(ours) == answer, (kind, separator, name)


def test_a_topic_is_mirrored_if_filter_and_connector_take_it() -> None:
    mirror = MirrorSettings(name="east-to-west", topics=(".*",), replication_policy="default")
    for name in TOPICS:
        taken = topic_matches(mirror, name, source_alias="east", target_alias="west")
        assert taken == (
            not matches(TOPICS_EXCLUDE_DEFAULT, name)
            and not policy.is_internal(".", name)
            and not policy.is_cycle("default", ".", "east", "west", name)
        )
