"""Of an older and a newer name of one property MM2 takes the newer one; the other mirrors other topics."""

from __future__ import annotations

import pytest

from mirror.importing.found import from_properties

PROPERTIES = """\
clusters = east, west
east.bootstrap.servers = east:9092
west.bootstrap.servers = west:9092
east->west.enabled = true
topics.exclude = payments.*
groups.exclude = audit-.*
"""
OLD = "topics.blacklist = scratch.*\ngroups.blacklist = test-.*\n"


@pytest.mark.parametrize("text", [PROPERTIES, PROPERTIES + OLD, OLD + PROPERTIES])
def test_the_older_name_does_not_replace_it(text: str) -> None:
    (mirror,) = from_properties(text, "mm2.properties", "", "")["spec"]["mirrors"]
    assert mirror["topicsExcludePattern"] == "payments.*"
    assert mirror["groupsExcludePattern"] == "audit-.*"
    assert not [key for key in mirror["sourceConnector"]["config"] if "blacklist" in key]


def test_the_older_name_alone_counts() -> None:
    text = PROPERTIES.replace("topics.exclude = payments.*\n", "topics.blacklist = scratch.*\n")
    (mirror,) = from_properties(text, "mm2.properties", "", "")["spec"]["mirrors"]
    assert mirror["topicsExcludePattern"] == "scratch.*"
