"""With `monitoring.exporter` it runs beside the target: golden, restricted, and after the mirror."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from manifests.declaration import Declaration
from manifests.in_cluster.exporter import SETTINGS_VERSION, exporter
from settings.load import load
from settings.model import Settings
from settings.stack_file import parse_stack_file
from tests.program.conftest import Declare, owned
from tests.program.sample import SECRETS, estate
from tests.unit.settings.sample import settings

EXPORTER = {
    "monitoring__enabled": True,
    "monitoring__exporter": True,
    "verification__image": "r.example.com/region-mirror:1",
}


def manifests(**changes: Any) -> dict[str, dict[str, Any]]:
    """By kind."""
    given = settings(**(EXPORTER | changes))
    return {one["kind"]: one for one in exporter(given, estate(given))}


def template(**changes: Any) -> dict[str, Any]:
    """The pod's template."""
    found: dict[str, Any] = manifests(**changes)["Deployment"]["spec"]["template"]
    return found


def test_the_manifests_are_the_golden_ones(golden: Callable[[str, str], None]) -> None:
    shown = manifests(
        monitoring__exporter_interval_seconds=300,
        monitoring__scrape_namespaces=["monitoring"],
        monitoring__exporter_resources={"requests": {"memory": "256Mi"}},
        verification__image_pull_secrets=["registry"],
        verification__service_account_annotations={"team": "platform"},
    )
    plain = json.loads(json.dumps(list(shown.values())))  # labels that are shared would be aliases
    golden("exporter.yaml", yaml.safe_dump_all(plain, sort_keys=False, width=110))


@pytest.mark.parametrize(
    "changes",
    [{"monitoring__exporter": False}, {"monitoring__exporter": False, "monitoring__enabled": False}],
)
def test_nobody_asked_nothing_is_there(changes: dict[str, Any]) -> None:
    assert manifests(verification__image=None, **changes) == {}


@pytest.mark.parametrize("probe", ["readinessProbe", "livenessProbe"])
def test_an_exporter_that_computes_has_time_to_answer(probe: str) -> None:
    """`/healthz` took more than the kubelet's default of one second beside a dozen threads that computed."""
    [container] = template()["spec"]["containers"]
    assert container[probe]["timeoutSeconds"] >= 10


def granted(role: list[dict[str, Any]], resource: str) -> set[str]:
    """The names of the objects of a kind that a Role allows to read."""
    return {name for rule in role for name in rule.get("resourceNames", ()) if resource in rule["resources"]}


def reading(role: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rules that read; the only other one lets the exporter write its last look, by name."""
    [writing] = [rule for rule in role if not {"get", "list"} & set(rule["verbs"])]
    assert writing == {
        "apiGroups": [""],
        "resources": ["configmaps"],
        "verbs": ["patch"],
        "resourceNames": ["east-to-west-last-look"],
    }
    return [rule for rule in role if rule is not writing]


@pytest.mark.parametrize("tls", ["new-certificate", "keep-certificate"])
def test_by_default_it_reads_no_credential_of_a_copied_user(tls: str) -> None:
    role = manifests(users__copy=["orders", "tls-ledger"], users__tls=tls)["Role"]["rules"]
    assert granted(role, "secrets") == {
        "east-to-west-east-user",
        "east-to-west-east-cluster-ca-cert",
        "west-cluster-ca-cert",
        "east-to-west-verifier",
        "east-to-west",
    }
    assert granted(role, "kafkausers") == granted(role, "kafkas") == set()
    assert {one for rule in reading(role) for one in rule["verbs"]} == {"get"}


def test_a_selector_gives_it_no_list_of_users() -> None:
    role = manifests(users__copy=[], users__selector={"app": "shop"})["Role"]["rules"]
    assert {one for rule in reading(role) for one in rule["verbs"]} == {"get"}
    assert not [rule for rule in role if "kafkausers" in rule["resources"]]


def test_without_namespaces_no_network_policy() -> None:
    assert "NetworkPolicy" not in manifests()


def test_only_the_named_namespaces_may_connect() -> None:
    found = manifests(monitoring__scrape_namespaces=["monitoring", "grafana"])
    policy, labels = (
        found["NetworkPolicy"]["spec"],
        found["Deployment"]["spec"]["template"]["metadata"]["labels"],
    )
    assert policy["podSelector"]["matchLabels"] == labels
    assert policy["policyTypes"] == ["Ingress"]
    ((rule,), (port,)) = policy["ingress"], found["Service"]["spec"]["ports"]
    assert rule["ports"] == [{"port": port["targetPort"], "protocol": "TCP"}]
    (peer,) = rule["from"]
    (of,) = peer["namespaceSelector"]["matchExpressions"]
    assert of == {
        "key": "kubernetes.io/metadata.name",
        "operator": "In",
        "values": ["grafana", "monitoring"],
    }


def test_the_network_policy_is_there_before_the_pod(declare: Declare) -> None:
    program = declare(settings(**EXPORTER, monitoring__scrape_namespaces=["monitoring"]))
    assert program.one("NetworkPolicy").urn in program.one("Deployment").after


def test_the_command_has_the_same_limit_as_the_account() -> None:
    assert "--copied-users" not in template()["spec"]["containers"][0]["args"]
    logs_in = template(monitoring__exporter_copied_users=True)["spec"]["containers"][0]["args"]
    assert "--copied-users" in logs_in


def test_with_copied_users_it_reads_what_the_checks_read_and_writes_nothing_else() -> None:
    given = settings(**EXPORTER)
    job = settings(**EXPORTER, verification__runner="job")
    verb = {"get", "list"}
    role = manifests(monitoring__exporter_copied_users=True)["Role"]["rules"]
    assert {one for rule in reading(role) for one in rule["verbs"]} <= verb
    (verifying,) = [m for m in Declaration.of(job, estate(job)).verification if m["kind"] == "Role"]
    assert reading(role) == [rule for rule in verifying["rules"] if set(rule["verbs"]) <= verb]
    assert Declaration.of(given, estate(given)).verification == ()


def test_the_pod_is_restricted_and_holds_no_secret() -> None:
    spec = template()["spec"]
    (container,) = spec["containers"]
    assert spec["securityContext"] == {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert not {"hostPath", "secret"} & {key for volume in spec["volumes"] for key in volume}
    text = yaml.safe_dump(list(manifests().values()))
    assert "secretKeyRef" not in text
    assert not [secret for secret in SECRETS if secret in text]


def test_the_service_and_the_service_monitor_find_it() -> None:
    given = settings(**EXPORTER, monitoring__service_monitor=True)
    found = {one["kind"]: one for one in Declaration.of(given, estate(given)).manifests}
    labels = found["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert found["Deployment"]["spec"]["selector"]["matchLabels"] == labels
    assert found["Service"]["spec"]["selector"] == labels
    watched = found["ServiceMonitor"]["spec"]
    assert watched["selector"]["matchLabels"].items() <= found["Service"]["metadata"]["labels"].items()
    (port,) = found["Service"]["spec"]["ports"]
    assert port["name"] == watched["endpoints"][0]["port"]
    (container,) = template()["spec"]["containers"]
    assert port["targetPort"] == container["ports"][0]["name"]


def test_changed_settings_start_it_anew_and_others_do_not() -> None:
    def version(**changes: Any) -> str:
        return str(template(**changes)["metadata"]["annotations"][SETTINGS_VERSION])

    assert version() == version(monitoring__labels={"release": "x"}, monitoring__dashboard=False)
    assert version() != version(verification__max_lag_seconds=31)


def test_the_settings_are_those_of_the_stack() -> None:
    read: Settings = load(parse_stack_file(manifests()["ConfigMap"]["data"]["Pulumi.mirror.yaml"]))
    assert read.mirror == settings(**EXPORTER).mirror
    assert read.target.kubeconfig is None


def test_it_comes_after_the_mirror_and_the_alerts_do_not(declare: Declare) -> None:
    program = declare(settings(**EXPORTER))
    mirror, deployment = program.one("KafkaMirrorMaker2"), program.one("Deployment")
    assert mirror.urn in deployment.after
    assert mirror.urn not in program.one("PrometheusRule").after
    for kind in ("ServiceAccount", "Role", "RoleBinding"):
        assert program.one(kind).urn in deployment.after
    given = settings(**EXPORTER)
    for manifest in Declaration.of(given, estate(given)).exporter:
        inputs = program.one(manifest["kind"], manifest["metadata"]["name"]).inputs
        for key, value in owned(manifest).items():
            assert inputs[key] == value


def test_it_proves_nothing_anew() -> None:
    """What is watched is not what is mirrored."""

    def fingerprint(given: Settings) -> str:
        return Declaration.of(given, estate(given)).fingerprint

    assert fingerprint(settings()) == fingerprint(settings(**EXPORTER))
