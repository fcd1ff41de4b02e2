"""Settings that are sound by themselves, but not with each other."""

from __future__ import annotations

from typing import Any

import pytest

from settings.load import load
from settings.problems import SettingsError
from tests.unit.settings.sample import raw, settings


def refused(**changes: object) -> list[str]:
    with pytest.raises(SettingsError) as error:
        load(raw(**changes))
    return [str(problem) for problem in error.value.problems]


def test_both_clusters_need_an_alias_of_their_own() -> None:
    (problem,) = refused(target__alias="east")
    assert problem.startswith("target.alias = 'east': must differ from source.alias")


def test_the_source_needs_an_address() -> None:
    (problem,) = refused(source__listener=None)
    assert problem.startswith("source.listener: is missing, and so is source.bootstrap_servers")


def test_bootstrap_servers_stand_in_for_the_listener() -> None:
    given = settings(source__listener=None, source__bootstrap_servers="a.example.com:9094,b.example.com:9094")
    assert given.source.bootstrap_servers == "a.example.com:9094,b.example.com:9094"


def test_an_alias_with_the_separator_is_refused_where_topics_carry_it() -> None:
    (problem,) = refused(mirror__replication_policy="default", source__alias="us.east")
    assert "MM2 could not determine the source of a topic" in problem


def test_an_alias_with_the_separator_is_fine_where_topics_keep_their_names() -> None:
    assert settings(source__alias="us.east").source.alias == "us.east"


@pytest.mark.parametrize("user", ["east-to-west", "east-to-west-verifier"])
def test_a_copied_user_may_not_be_one_of_the_mirrors_own(user: str) -> None:
    (problem,) = refused(users__copy=["orders-consumer", user])
    assert problem.startswith(f"users.copy[1] = '{user}'")
    assert "Choose another mirror.name" in problem


@pytest.mark.parametrize(
    "user",
    ["east-to-west-east-user", "east-to-west-east-cluster-ca-cert", "west-cluster-ca-cert"],
)
def test_a_copied_users_secret_may_not_be_one_of_the_mirrors_own(user: str) -> None:
    (problem,) = refused(users__copy=[user])
    assert "its Secret would be" in problem


def test_a_copied_users_secret_may_not_be_anothers_password() -> None:
    (problem,) = refused(users__copy=["ann", "east-to-west-ann-password"])
    assert "ann's password" in problem


def test_the_name_of_a_users_password_has_to_stay_legal() -> None:
    (problem,) = refused(users__copy=["u" * 240])
    assert "too long" in problem


def test_acls_do_not_fence_a_source_with_a_user_operator() -> None:
    (problem,) = refused(cutover__fence="acls")
    assert "User Operator deletes ACLs that no KafkaUser declares" in problem


@pytest.mark.parametrize("fence", [None, "strimzi"])
def test_a_fence_command_that_is_never_run_is_refused(fence: str | None) -> None:
    (problem,) = refused(cutover__fence=fence, cutover__fence_command=["stop-producers"])
    assert "has no effect unless cutover.fence is manual" in problem


def test_the_fence_is_what_the_origin_of_the_source_allows() -> None:
    assert settings().fence == "strimzi"
    assert settings(cutover__fence="manual", cutover__fence_command=["stop"]).fence == "manual"


def workload(**changes: object) -> dict[str, object]:
    return {
        "side": "source", "role": "consumer", "namespace": "shop", "labels": {"app": "readers"}, **changes,
    }  # fmt: skip


def test_workloads_are_named_by_labels() -> None:
    (problem,) = refused(cutover__workloads=[workload(), workload(side="target", labels={})])
    assert "cutover.workloads[1].labels" in problem
    assert "every workload of the namespace would be scaled" in problem


def test_a_workload_has_one_role() -> None:
    (problem,) = refused(cutover__workloads=[workload(), workload(role="producer")])
    assert "cutover.workloads[1]" in problem
    assert "selects the same workloads as cutover.workloads[0]" in problem


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"role": "reader"}, "cutover.workloads[0].role"),
        ({"role": None}, "cutover.workloads[0].role"),
        ({"labels": {"a b": "c"}}, "cutover.workloads[0].labels"),
        ({"label": {"app": "x"}}, "cutover.workloads[0].label"),
    ],
)
def test_a_wrong_entry_of_a_list_is_named_by_its_number(changes: dict[str, object], expected: str) -> None:
    (problem,) = refused(cutover__workloads=[workload(**changes)])
    assert expected in problem


def test_the_kubernetes_of_a_workload_is_known() -> None:
    assert settings(cutover__workloads=[workload()]).cutover.workloads_of("source", "consumer")
    sections = raw(cutover__workloads=[workload()], users__copy=[])
    sections["source"] = {
        "alias": "east", "user": "u", "bootstrap_servers": "a:1",
        "credentials": {"public_ca": True, "password": {"secure": "v1:x"}},
    }  # fmt: skip
    with pytest.raises(SettingsError, match="the source's Kubernetes is unknown") as caught:
        load(sections)
    assert "cutover.workloads[0].kubeconfig" in str(caught.value)
    sections["cutover"]["workloads"] = [workload(kubeconfig="east.yaml")]
    load(sections)


def test_a_binding_is_for_copied_users() -> None:
    binding = {"name": "kafka-active", "users": ["orders-consumer", "stranger"]}
    (problem,) = refused(cutover__binding=binding)
    assert "cutover.binding.users[1]" in problem
    assert "is no copied user" in problem
    assert settings(cutover__binding=binding, users__selector={"move": "yes"})


def test_a_binding_has_a_name_of_its_own() -> None:
    (problem,) = refused(cutover__binding={"name": "east-to-west-cutover"})
    assert "is the name of one of the mirror's own objects" in problem
    assert settings(cutover__binding={"name": "east-to-west-cutover", "namespace": "shop"})


def test_a_command_line_may_repeat_an_argument() -> None:
    command = ["kubectl", "-n", "a", "-n", "a"]
    assert settings(cutover__switch_command=command).cutover.switch_command == tuple(command)


@pytest.mark.parametrize(
    "loggers",
    [
        {"logger.mirror.level": "DEBUG"},
        {"logger.mirror": "DEBUG"},
        {"logger.mirror.level": "DEBUG", "logger.mirror.name": " "},
    ],
)
def test_a_logger_needs_a_name(loggers: dict[str, str]) -> None:
    (problem,) = refused(workers__loggers=loggers)
    assert problem.startswith("workers.loggers.logger.mirror.name: is missing, so no worker could start")


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"workers__template": {"pod": None}, "workers__tolerations": [{"key": "a"}]}, "template.pod"),
        (
            {"workers__template": {"podDisruptionBudget": []}, "workers__max_unavailable": 1},
            "template.podDisruptionBudget",
        ),
        ({"workers__jvm_options": {"javaSystemProperties": "x=y"}}, "jvm_options.javaSystemProperties"),
        ({"workers__resources": {"requests": {"memory": "-1Gi"}}}, "resources.requests.memory"),
    ],
)
def test_a_part_of_the_pods_of_another_kind_is_no_traceback(changes: dict[str, Any], path: str) -> None:
    (problem,) = refused(**changes)
    assert problem.startswith(f"workers.{path}")


@pytest.mark.parametrize(
    ("key", "missing"),
    [
        ("logger.mirrorsourcetask.filter.Burst.level", "logger.mirrorsourcetask.filter.Burst.type"),
        ("filter.limit.level", "filter.limit.type"),
        ("rootLogger.filter.limit.rate", "rootLogger.filter.limit.type"),
        ("rootLogger.appenderRef.file.level", "rootLogger.appenderRef.file.ref"),
        (
            "rootLogger.appenderRef.console.filter.limit.rate",
            "rootLogger.appenderRef.console.filter.limit.type",
        ),
        ("appender.console.filter.limit.rate", "appender.console.filter.limit.type"),
        ("appender.console.policies.size.size", "appender.console.policies.size.type"),
    ],
)
def test_a_part_of_the_logging_needs_its_type(key: str, missing: str) -> None:
    """Each of these ends a worker with log4j2 2.25.4: `No type attribute provided for Filter Burst`."""
    found = refused(workers__loggers={key: "3"})
    assert any(one.startswith(f"workers.loggers.{missing}: is missing, so no worker could") for one in found)


def test_an_appender_of_the_users_own_is_complete() -> None:
    loggers = {
        "appender.plain.type": "Console",
        "appender.plain.name": "PLAIN",
        "appender.plain.layout.type": "PatternLayout",
        "appender.plain.layout.pattern": "%m%n",
        "rootLogger.appenderRef.plain.ref": "PLAIN",
        "appender.console.layout.pattern": "%m%n",
    }
    assert settings(workers__loggers=loggers).workers.loggers == loggers


@pytest.mark.parametrize(
    "loggers",
    [
        {"rootLogger.level": "DEBUG"},
        {"logger.mirror.level": "DEBUG", "logger.mirror.name": "org.apache.kafka.connect.mirror"},
        {"logger.reflections.level": "WARN"},
        {"logger.mirrorsourcetask.filter.burst.onMismatch": "NEUTRAL"},
        {"log4j.rootLogger": "DEBUG"},
    ],
)
def test_a_logger_may_have_its_name_from_strimzi_or_the_default(loggers: dict[str, str]) -> None:
    assert settings(workers__loggers=loggers).workers.loggers == loggers


def test_workers_with_log4j_1_ignore_a_logger_without_a_name() -> None:
    loggers = {"logger.mirror.level": "DEBUG"}
    assert settings(workers__version="3.9.1", workers__loggers=loggers).workers.loggers == loggers
