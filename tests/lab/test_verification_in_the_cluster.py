"""`verification.runner: job`: the checks run in a Job beside the target, with no more rights than needed."""

from __future__ import annotations

import base64
import copy
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from lightkube.resources.core_v1 import Secret

from mirror.kubernetes import Kubernetes
from settings.names import Names
from tests.lab.support import kafka
from tests.lab.support.command import Ran, run
from tests.lab.support.lab import NAMESPACE, Regions
from tests.lab.support.own_mirror import OwnMirror, own_mirror
from tests.lab.support.stack import CHECKOUT
from tests.lab.support.wait import until

IMAGE = "registry.example.com/platform/region-mirror:lab"
EVERY_MINUTE = "* * * * *"
CORE, BATCH, RBAC = "/api/v1", "/apis/batch/v1", "/apis/rbac.authorization.k8s.io/v1"


class Objects:
    """What the stack has in region west, as plain JSON."""

    def __init__(self, regions: Regions) -> None:
        self.api = Kubernetes.connect(regions.lab.kubeconfig("west"))

    def get(self, api: str, plural: str, name: str) -> dict[str, Any]:
        """One object."""
        path = f"{api}/namespaces/{NAMESPACE}/{plural}/{name}"
        return self.api.request("GET", path, name, verb="get")

    def all(self, api: str, plural: str) -> list[dict[str, Any]]:
        """Every object of a kind."""
        path = f"{api}/namespaces/{NAMESPACE}/{plural}"
        found: list[dict[str, Any]] = self.api.request("GET", path, plural, verb="list")["items"]
        return found

    def patch(self, api: str, plural: str, name: str, body: dict[str, Any]) -> None:
        """Change one object."""
        path = f"{api}/namespaces/{NAMESPACE}/{plural}/{name}"
        self.api.request("PATCH", path, name, verb="patch", body=body)

    def token(self, account: str) -> str:
        """A token of a ServiceAccount."""
        path = f"{CORE}/namespaces/{NAMESPACE}/serviceaccounts/{account}/token"
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"audiences": []}}
        answer = self.api.request("POST", path, account, verb="create", body=body)
        return str(answer["status"]["token"])


@pytest.fixture(scope="module")
def objects(regions: Regions) -> Objects:
    """Region west's objects."""
    return Objects(regions)


@pytest.fixture(scope="module")
def made(regions: Regions) -> Iterator[OwnMirror]:
    """A mirror of one topic, verified by a Job."""

    def in_a_job(config: dict[str, Any]) -> None:
        config["verification"] = {"runner": "job", "image": IMAGE, "deadline_seconds": 300}

    with own_mirror(regions, "job", in_a_job) as mirror:
        kafka.create_topic(regions.kafka("east"), mirror.topic())
        mirror.produce("a", "b", "c")
        mirror.stack.up().ok()
        yield mirror


@pytest.fixture(scope="module")
def names(made: OwnMirror) -> Names:
    """The names of what was declared."""
    (settings,) = made.stack.settings()
    return Names.of(settings)


def report(objects: Objects, names: Names) -> dict[str, str]:
    """What stands in the ConfigMap with the newest report."""
    data: dict[str, str] = objects.get(CORE, "configmaps", names.verification).get("data") or {}
    return data


def jobs(objects: Objects, names: Names) -> list[dict[str, Any]]:
    """The Jobs of this mirror, oldest first."""
    mine = [
        job
        for job in objects.all(BATCH, "jobs")
        if any(one["name"] == names.verification_cron_job for one in job["metadata"]["ownerReferences"])
    ]
    return sorted(mine, key=lambda job: str(job["metadata"]["creationTimestamp"]))


def pods(objects: Objects, names: Names) -> list[dict[str, Any]]:
    """Their pods."""
    return [
        pod
        for pod in objects.all(CORE, "pods")
        if pod["spec"].get("serviceAccountName") == names.verification
    ]


def test_the_report_of_the_job_becomes_an_output(made: OwnMirror, names: Names, objects: Objects) -> None:
    outputs = made.stack.outputs()
    written = report(objects, names)
    assert outputs["verificationReport"] == f"{NAMESPACE}/{names.verification}"
    assert written["verdict"] == "proven"
    checks = json.loads(written["report.json"])["checks"]
    assert outputs["verification"] == {check["name"]: check["summary"] for check in checks}
    assert written["run"] == jobs(objects, names)[-1]["metadata"]["name"]


def test_nothing_changes_after_that(made: OwnMirror) -> None:
    made.stack.preview("--expect-no-changes").ok()
    made.stack.preview("--refresh", "--expect-no-changes").ok()


def test_no_secret_is_in_what_the_job_is_made_of(
    made: OwnMirror, names: Names, objects: Objects, regions: Regions
) -> None:
    known = {}
    for secret in regions.kubernetes("west").list(Secret, namespace=NAMESPACE):
        for key, encoded in (secret.data or {}).items():
            if key == "password" or key.endswith((".password", ".key")):
                plain = base64.b64decode(encoded).decode()
                known[f"{secret.metadata.name}/{key}"] = (
                    plain.splitlines()[1] if "-----BEGIN" in plain else plain
                )
    known = {name: text for name, text in known.items() if len(text) >= 12}
    assert known
    there = [*pods(objects, names), *jobs(objects, names), *objects.all(CORE, "configmaps")]
    text = json.dumps(there) + "".join(
        path.read_text(errors="replace") for path in (regions.lab.logs / "pods").rglob("*.log")
    )
    assert len(pods(objects, names)) >= 1
    assert [name for name, secret in known.items() if secret in text] == []


def as_the_account(regions: Regions, objects: Objects, names: Names, folder: Path) -> Callable[[], Ran]:
    """What the pod runs, run here with its ServiceAccount's token: a look as often as a test wants one."""
    config = yaml.safe_load(regions.lab.kubeconfig("west").read_text())
    config["users"][0]["user"] = {"token": objects.token(names.verification)}
    kubeconfig = folder / "kubeconfig"
    kubeconfig.write_text(yaml.safe_dump(config))
    settings = folder / "Pulumi.mirror.yaml"
    settings.write_text(
        objects.get(CORE, "configmaps", names.verification_settings)["data"]["Pulumi.mirror.yaml"]
    )
    argv = [sys.executable, "-m", "mirror", "verify", "--config-file", str(settings)]
    argv += ["--result-config-map", names.verification]
    env = regions.pulumi_environment() | {"KUBECONFIG": str(kubeconfig), "HOME": str(folder)}
    return lambda: run(argv, cwd=CHECKOUT, env=env)


def without_each(rules: list[dict[str, Any]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The rules of a Role, each time without one object that one of them allows."""
    for index, rule in enumerate(rules):
        for name in rule["resourceNames"]:
            fewer = copy.deepcopy(rules)
            fewer[index]["resourceNames"].remove(name)
            # A rule without names would allow them all.
            yield f"{rule['resources'][0]}/{name}", [one for one in fewer if one["resourceNames"]]


def test_every_right_is_needed(
    made: OwnMirror, names: Names, objects: Objects, regions: Regions, tmp_path: Path
) -> None:
    look = as_the_account(regions, objects, names, tmp_path)
    until("a look with all rights", lambda: look().code == 0, seconds=180)
    rules = objects.get(RBAC, "roles", names.verification)["rules"]
    missed = {}
    try:
        for what, fewer in without_each(rules):
            objects.patch(RBAC, "roles", names.verification, {"rules": fewer})
            # The API server's authorizer hears of it by a watch.
            try:
                until(what, lambda: "forbidden" in look().output, seconds=60)
            except AssertionError as error:
                missed[what] = str(error)
    finally:
        objects.patch(RBAC, "roles", names.verification, {"rules": rules})
    assert not missed
    until("a look with all rights again", lambda: look().code == 0, seconds=180)


def test_the_account_may_do_nothing_else(names: Names, objects: Objects) -> None:
    rules = objects.get(RBAC, "roles", names.verification)["rules"]
    assert {verb for rule in rules for verb in rule["verbs"]} == {"get", "patch"}
    assert all(rule["resourceNames"] for rule in rules)
    (patched,) = [rule for rule in rules if "patch" in rule["verbs"]]
    assert (patched["resources"], patched["resourceNames"]) == (["configmaps"], [names.verification])


def test_a_mirror_that_is_not_proven_fails_the_up_with_its_findings_every_time(
    made: OwnMirror, names: Names, objects: Objects
) -> None:
    def more_copies_than_brokers(config: dict[str, Any]) -> None:
        config["mirror"]["replication_factor"] = 3
        config["verification"]["deadline_seconds"] = 5

    made.stack.configure(more_copies_than_brokers)
    try:
        before = len(jobs(objects, names))
        for more in (1, 2):
            failed = made.stack.up()
            assert failed.code != 0, failed.output
            assert "MirrorNotProvenError" in failed.output
            assert "FAILED  topics-present" in failed.output
            assert f"{made.topic()}: " in failed.output
            assert len(jobs(objects, names)) == before + more
        assert report(objects, names)["verdict"] == "findings"
    finally:
        made.stack.as_before()
    made.stack.up().ok()
    assert report(objects, names)["verdict"] == "proven"


def test_a_schedule_verifies_without_an_up(made: OwnMirror, names: Names, objects: Objects) -> None:
    made.stack.configure(lambda config: config["verification"].update(schedule=EVERY_MINUTE))
    try:
        made.stack.up().ok()
        of_schedule = re.compile(rf"{re.escape(names.verification_cron_job)}-\d{{8}}")
        until(
            "a report of the CronJob's own",
            lambda: of_schedule.fullmatch(report(objects, names)["run"]),
            seconds=300,
            every=2,
        )
        assert report(objects, names)["verdict"] in ("proven", "findings")
    finally:
        made.stack.as_before()
        made.stack.up().ok()
    assert objects.get(BATCH, "cronjobs", names.verification_cron_job)["spec"]["suspend"] is True


def test_destroy_leaves_no_job_no_pod_and_no_process(
    made: OwnMirror, names: Names, objects: Objects, regions: Regions
) -> None:
    assert jobs(objects, names)
    made.stack.destroy().ok()
    until("the Jobs to go", lambda: not jobs(objects, names), seconds=120)
    until("their pods to go", lambda: not pods(objects, names), seconds=120)
    until("their logs to go", lambda: not list((regions.lab.logs / "pods").glob("*job-*")), seconds=60)
    assert not regions.running(f"pod-west-{names.mirror}")
