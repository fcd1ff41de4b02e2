"""Two regions, two stack files, the identity policy both ways: neither stack sees the other's mirror."""

from __future__ import annotations

from typing import Any

from mirror.estate.loops import unseen
from settings.load import load
from settings.model import Settings
from tests.unit.settings.sample import raw


def one_way(source: str, target: str, policy: str = "identity", **more: Any) -> Settings:
    """A stack of its own, whose source is known by its address alone."""
    given = raw(
        users__copy=[],
        target__alias=target,
        mirror__name=f"{source}-to-{target}",
        mirror__topics=["events"],
        mirror__replication_policy=policy,
    )
    credentials = {"public_ca": True, "password": {"secure": "v1:x"}}
    outside = {"credentials": credentials, "bootstrap_servers": f"{source}.example.com:9096"}
    return load({**given, "source": {"alias": source, "user": "mirror", **(more or outside)}})


def test_each_of_the_two_stacks_warns_with_the_way_out() -> None:
    for source, target in (("east", "west"), ("west", "east")):
        (warning,) = unseen(one_way(source, target))
        assert f"whether a mirror of {target} writes to {source}" in warning
        assert "in a circle for ever" in warning
        assert "declare both mirrors in one stack file" in warning


def test_exported_files_show_no_mirror_either() -> None:
    files = {"cluster_ca": "ca.yaml", "user": "user.yaml"}
    assert len(list(unseen(one_way("east", "west", exported=files, bootstrap_servers="e:9093")))) == 1


def test_names_with_a_prefix_make_no_circle() -> None:
    assert list(unseen(one_way("east", "west", "default"))) == []


def test_a_source_that_is_read_needs_no_warning() -> None:
    live = {"cluster": "east", "namespace": "kafka", "listener": "scram"}
    assert list(unseen(one_way("east", "west", **live))) == []
