"""Names of topics and groups, and patterns that settings take or refuse, to be tried on Java's classes."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import strategies as st

from settings.patterns import fault
from tests.lab.support.mirror_filters import drawn

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
