"""What does not go together between the mirrors of one stack, and where the message says it stands."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from settings.load import load_stack
from settings.problems import Problem, SettingsError
from settings.stack_file import parse_stack_file
from tests.unit.settings.sample import raw

SOURCE = {"cluster": "prod", "namespace": "kafka", "listener": "tls", "user": "mirror-source"}
HUB = {"alias": "hub", "cluster": "hub", "namespace": "kafka", "context": "hub", "listener": "tls"}


def stack(mirrors: Any, **common: Any) -> dict[str, Any]:
    return {"source": SOURCE, "target": HUB, "mirror": {"topics": ["orders"]}, "mirrors": mirrors, **common}


def mirror(alias: str, *topics: str, **more: Any) -> dict[str, Any]:
    return {
        "source": {"alias": alias, "context": alias},
        "mirror": {"topics": list(topics or ["orders"]), **more.pop("mirror", {})},
        **more,
    }


def refused(sections: dict[str, Any]) -> tuple[Problem, ...]:
    with pytest.raises(SettingsError) as error:
        load_stack(sections)
    return error.value.problems


def test_mirrors_with_disjoint_topics_share_a_target() -> None:
    found = load_stack(stack({"one": mirror("east", "orders"), "two": mirror("north", "payments")}))
    assert found.names == ("one", "two")
    assert [settings.source.alias for settings in found] == ["east", "north"]


def test_a_mirrors_own_settings_win_key_by_key() -> None:
    mirrors = {"one": mirror("east", workers={"replicas": 5}), "two": mirror("north", "payments")}
    one, two = load_stack(stack(mirrors, workers={"replicas": 3, "max_unavailable": 2}))
    assert (one.workers.replicas, one.workers.max_unavailable) == (5, 2)
    assert two.workers.replicas == 3


def test_equal_aliases_are_refused_with_the_reason() -> None:
    (problem,) = refused(stack({"one": mirror("east", "orders"), "two": mirror("east", "payments")}))
    assert problem.path == "mirrors.one"
    assert problem.value == "east -> hub"
    assert "east.checkpoints.internal and mm2-offset-syncs.east.internal" in problem.rule
    assert "one mirror with the topics of both" in problem.remedy


@pytest.mark.parametrize("on", ["one", "one-heartbeats"])
def test_the_heartbeats_of_one_mirror_are_no_workers_of_another(on: str) -> None:
    """Connect's group and topics of the heartbeats derive from the mirror's name, as those of a mirror do."""
    names = {"one": mirror("east", "orders"), "one-heartbeats": mirror("north", "payments")}
    names["one"]["mirror"]["heartbeats_interval_seconds"] = 5
    (problem,) = refused(stack({name: names[name] for name in sorted(names, key=lambda each: each != on)}))
    assert "gives Connect's group one-heartbeats to the heartbeats of one mirror" in problem.rule


def test_equal_source_aliases_are_refused_whatever_the_target_is_called() -> None:
    own = {"target": {"alias": "hub2"}}
    (problem,) = refused(stack({"one": mirror("east"), "two": mirror("east", "payments", **own)}))
    assert "would share" in problem.rule


def test_equal_source_aliases_are_fine_with_different_targets() -> None:
    own = {"target": {"alias": "west", "context": "west"}}
    assert load_stack(stack({"one": mirror("east"), "two": mirror("east", **own)})).names == ("one", "two")


def test_offset_syncs_on_the_source_are_named_after_the_target() -> None:
    where = {"offset_syncs_topic_location": "source"}
    own = {"target": {"context": "west"}}  # another cluster, but the same alias
    problems = refused(
        stack({"one": mirror("east", mirror=where), "two": mirror("east", mirror=where, **own)})
    )
    assert any("mm2-offset-syncs.hub.internal" in problem.rule for problem in problems)


@pytest.mark.parametrize(
    ("key", "value"),
    [("group_id", "two"), ("configs_topic", "__two-config"), ("status_topic", "__two-offset")],
)
def test_connects_group_and_topics_are_a_mirrors_own(key: str, value: str) -> None:
    mirrors = {"one": mirror("east", mirror={key: value}), "two": mirror("north", "payments")}
    (problem,) = refused(stack(mirrors))
    assert problem.path == f"mirrors.one.mirror.{key}"
    assert "mirror two" in problem.rule


def test_a_user_is_copied_once() -> None:
    mirrors = {"one": mirror("east"), "two": mirror("north", "payments")}
    problems = refused(stack(mirrors, users={"copy": ["ann"]}))
    assert [problem.path for problem in problems] == ["mirrors.one.users.copy[0]"]


def test_a_user_is_copied_once_into_a_namespace_with_two_kafka_clusters() -> None:
    """A KafkaUser has one name in its namespace, and belongs to one cluster."""
    other = {"target": {"alias": "west", "cluster": "west"}}
    mirrors = {"one": mirror("east"), "two": mirror("north", "payments", **other)}
    [problem] = refused(stack(mirrors, users={"copy": ["ann"]}))
    assert problem.path == "mirrors.one.users.copy[0]"
    assert problem.rule == "is also copied by mirror two to the same namespace"
    elsewhere = {"target": {"alias": "west", "cluster": "west", "namespace": "other"}}
    mirrors = {"one": mirror("east"), "two": mirror("north", "payments", **elsewhere)}
    assert load_stack(stack(mirrors, users={"copy": ["ann"]})).names == ("one", "two")


@pytest.mark.parametrize("name", ["one-verifier", "one-ann-password"])
def test_names_on_the_target_do_not_meet(name: str) -> None:
    mirrors = {"one": mirror("east", users={"copy": ["ann"]}), name: mirror("north", "payments")}
    problems = refused(stack(mirrors))
    assert any(f"would create {name!r}" in problem.rule for problem in problems)


def test_one_topic_from_two_sources_is_refused() -> None:
    (problem,) = refused(stack({"one": mirror("east"), "two": mirror("north")}))
    assert "may both write topic 'orders'" in problem.rule
    assert "replication_policy default" in problem.remedy


def test_the_default_policy_keeps_sources_apart() -> None:
    common = {"topics": [".*"], "replication_policy": "default"}
    mirrors = {"one": {"source": {"alias": "east"}}, "two": {"source": {"alias": "north", "context": "n"}}}
    assert load_stack(stack(mirrors, mirror=common)).names == ("one", "two")


def two_way(**common: Any) -> dict[str, Any]:
    ends = {
        alias: {"alias": alias, "cluster": alias, "namespace": "kafka", "context": alias, "listener": "tls"}
        for alias in ("east", "west")
    }
    mirrors = {
        f"{one}-{other}": {"source": {**ends[one], "user": "u"}, "target": ends[other]}
        for one, other in (("east", "west"), ("west", "east"))
    }
    return {"mirrors": mirrors, "mirror": {"topics": [".*"], **common}}


def test_identity_both_ways_is_refused() -> None:
    (problem,) = refused(two_way())
    assert problem.path == "mirrors.west-east"
    assert "in a loop (east-west, west-east)" in problem.rule


def test_default_policy_both_ways_is_fine() -> None:
    assert len(load_stack(two_way(replication_policy="default")).mirrors) == 2


def test_a_circle_is_found_whatever_the_clusters_are_called() -> None:
    sections = two_way(replication_policy="default")
    sections["mirrors"]["west-east"]["target"] = {
        **sections["mirrors"]["west-east"]["target"],
        "alias": "home",
    }
    (problem,) = refused(sections)
    assert "the aliases differ: east-west has east -> west, west-east has west -> home" in problem.rule


def test_a_cluster_is_not_mirrored_onto_itself() -> None:
    (problem,) = refused(
        {key: raw()[key] for key in raw()}
        | {"source": {**raw()["target"], "alias": "x", "user": "u", "listener": "tls"}}
    )
    assert problem.path == "target.cluster"


def test_a_common_problem_is_told_once_and_where_it_stands() -> None:
    mirrors = {"one": mirror("east"), "two": mirror("north", "payments")}
    problems = refused(stack(mirrors, workers={"replicas": 0}, users={"copi": ["x"]}))
    assert [problem.path for problem in problems] == ["workers.replicas", "users.copi"]


def test_an_own_problem_is_told_where_it_stands() -> None:
    mirrors = {"one": mirror("e e", workers={"replicas": 0}), "two": mirror("north", "payments", zzz={})}
    problems = refused(stack(mirrors))
    assert [problem.path for problem in problems] == [
        "mirrors.one.source.alias",
        "mirrors.one.workers.replicas",
        "mirrors.two.zzz",
    ]


def test_what_no_section_says_is_missing_in_the_mirror() -> None:
    (problem,) = refused(stack({"one": {"source": {"context": "east"}}}))
    assert problem.path == "mirrors.one.source.alias"


def test_mirrors_are_judged_against_each_other_although_one_is_broken() -> None:
    mirrors = {"one": mirror("east", workers={"replicas": 0}), "two": mirror("east", "payments")}
    paths = [problem.path for problem in refused(stack(mirrors))]
    assert paths == ["mirrors.one.workers.replicas", "mirrors.one"]


@pytest.mark.parametrize("mirrors", ["text", ["list"], 5])
def test_mirrors_are_a_mapping(mirrors: object) -> None:
    assert refused(stack(mirrors))[0].path == "mirrors"


@pytest.mark.parametrize("own", ["text", None, 5])
def test_a_mirror_is_a_mapping(own: object) -> None:
    problems = refused(stack({"one": own}))
    assert problems[0].path == "mirrors.one"
    assert "mapping of sections" in problems[0].rule


def test_a_bad_name_is_its_keys_problem() -> None:
    (problem,) = refused(stack({"One Mirror": mirror("east")}))
    assert problem.path == "mirrors.One Mirror"
    assert "lower-case" in problem.rule


@pytest.mark.parametrize("where", ["common", "own"])
def test_a_name_besides_the_key_is_refused(where: str) -> None:
    named = {"topics": ["orders"], "name": "other"}
    sections = stack({"one": {"source": {"alias": "east"}, **({"mirror": named} if where == "own" else {})}})
    if where == "common":
        sections["mirror"] = named
    (problem,) = refused(sections)
    assert problem.path == ("mirror.name" if where == "common" else "mirrors.one.mirror.name")


def test_a_mirror_that_stands_there_twice_is_refused() -> None:
    text = "config:\n  region-mirror:mirrors:\n    one: {}\n    one: {}\n"
    assert yaml.safe_load(text), "PyYAML itself would take the last one"
    with pytest.raises(SettingsError, match="twice"):
        parse_stack_file(text)
