"""`verification.runner: job`: the checks run in a Job beside the target, with no more rights than needed."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from lightkube.resources.core_v1 import Secret

from mirror.audit.selection import PartitionSlice
from mirror.clients.records import TopicPartition
from mirror.verify.register import NAMES
from settings.acls import Acl
from settings.names import Names
from tests.lab.support import kafka
from tests.lab.support.account import as_the_account, needing, without_each
from tests.lab.support.indexed_audit import audit
from tests.lab.support.known_secrets import leaks, leaks_of_file
from tests.lab.support.lab import NAMESPACE, Regions
from tests.lab.support.objects import BATCH, CORE, RBAC, Objects
from tests.lab.support.own_mirror import OwnMirror, own_mirror
from tests.lab.support.wait import until

IMAGE = "registry.example.com/platform/region-mirror:lab"
EVERY_MINUTE = "* * * * *"


@pytest.fixture(scope="module")
def objects(regions: Regions) -> Objects:
    """Region west's objects."""
    return Objects(regions)


def users(mirror: OwnMirror) -> dict[str, str]:
    """Its copied users, one of each kind: name and authentication."""
    return {f"{mirror.name}-app": "scram-sha-512", f"{mirror.name}-device": "tls"}


@pytest.fixture(scope="module")
def made(regions: Regions) -> Iterator[OwnMirror]:
    """A mirror of one topic and two users, verified by a Job."""
    with own_mirror(regions, "job") as mirror, ExitStack() as undo:
        acls = [Acl("topic", mirror.topic(), "literal", ("Read", "Describe"))]
        for name, authentication in users(mirror).items():
            regions.make_user("east", name, authentication, acls)
            undo.callback(regions.remove_user, "east", name)

        def in_a_job(config: dict[str, Any]) -> None:
            config["verification"] = {"runner": "job", "image": IMAGE, "deadline_seconds": 300}
            config["users"]["copy"] = list(users(mirror))

        mirror.stack.configure(in_a_job)
        mirror.stack.remember()
        kafka.create_topic(regions.kafka("east"), mirror.topic(), partitions=2)
        mirror.produce("a", "b", "c")
        mirror.produce("d", partition=1)
        mirror.stack.up().ok()
        yield mirror


@pytest.fixture(scope="module")
def names(made: OwnMirror) -> Names:
    """The names of what was declared."""
    return made.names


def report(objects: Objects, names: Names) -> dict[str, str]:
    """What stands in the ConfigMap with the newest report."""
    data: dict[str, str] = objects.get(CORE, "configmaps", names.verification).get("data") or {}
    return data


def jobs(objects: Objects, names: Names) -> list[dict[str, Any]]:
    """The Jobs of this mirror, oldest first."""
    mine = [
        job
        for job in objects.all(BATCH, "jobs")
        if any(
            one["name"] == names.verification_cron_job for one in job["metadata"].get("ownerReferences") or []
        )
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


def test_all_checks_can_be_judged_in_the_job(made: OwnMirror, names: Names, objects: Objects) -> None:
    checks = {check["name"]: check for check in json.loads(report(objects, names)["report.json"])["checks"]}
    assert set(checks) == set(NAMES)
    assert checks["users-work"]["summary"].startswith("2 of 2 copied users logged in")
    assert "its own cluster alone" in checks["users-work"]["summary"]  # the source's is not read from there


def test_nothing_changes_after_that(made: OwnMirror) -> None:
    made.stack.preview("--refresh", "--expect-no-changes").ok()


def test_no_secret_is_in_what_the_job_is_made_of(
    made: OwnMirror, names: Names, objects: Objects, regions: Regions
) -> None:
    known = {}
    for secret in regions.kubernetes("west").list(Secret, namespace=NAMESPACE):
        for key, encoded in (secret.data or {}).items():
            if key == "password" or key.endswith((".password", ".key")):
                plain = base64.b64decode(encoded).decode()
                assert secret.metadata is not None
                known[f"{secret.metadata.name}/{key}"] = (
                    plain.splitlines()[1] if "-----BEGIN" in plain else plain
                )
    known = {name: text for name, text in known.items() if len(text) >= 12}
    assert known
    there = [*pods(objects, names), *jobs(objects, names), *objects.all(CORE, "configmaps")]
    assert len(pods(objects, names)) >= 1
    assert leaks(known, json.dumps(there)) == []
    logs = (regions.lab.logs / "pods").rglob("*.log*")
    assert {log.name: found for log in logs if (found := leaks_of_file(known, log))} == {}


def test_every_right_is_needed(
    made: OwnMirror, names: Names, objects: Objects, regions: Regions, tmp_path: Path
) -> None:
    look = as_the_account(regions, objects, names, tmp_path)
    until("a look with all rights", lambda: look(()).code == 0, seconds=180)
    rules = objects.get(RBAC, "roles", names.verification)["rules"]
    needless = []
    try:
        for what, fewer in without_each(rules):
            if what.endswith("-clients-ca-cert"):
                continue  # without it the copy of it beside each certificate counts: said in copied_users
            objects.patch(RBAC, "roles", names.verification, {"rules": fewer})
            # The API server's authorizer hears of it by a watch.
            try:
                checks = needing(what, names)
                until(what, lambda checks=checks: "forbidden" in look(checks).output, seconds=120)  # type: ignore[misc]  # a lambda's default
            except AssertionError as error:
                needless.append(str(error))
    finally:
        objects.patch(RBAC, "roles", names.verification, {"rules": rules})
    assert not needless
    until("a look with all rights again", lambda: look(()).code == 0, seconds=180)


def test_the_account_may_do_nothing_else(names: Names, objects: Objects) -> None:
    rules = objects.get(RBAC, "roles", names.verification)["rules"]
    assert {verb for rule in rules for verb in rule["verbs"]} == {"get", "patch"}
    assert all(rule["resourceNames"] for rule in rules)
    (patched,) = [rule for rule in rules if "patch" in rule["verbs"]]
    written = sorted([names.last_look, names.verification])
    assert (patched["resources"], patched["resourceNames"]) == (["configmaps"], written)


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
    # With a schedule from here on: its first run comes while the next test does something else.
    made.stack.configure(lambda config: config["verification"].update(schedule=EVERY_MINUTE))
    made.stack.up().ok()
    assert report(objects, names)["verdict"] == "proven"


def test_an_indexed_job_audits_every_record_in_slices(
    made: OwnMirror, names: Names, objects: Objects, regions: Regions, tmp_path: Path
) -> None:
    found = audit(made, names, objects, regions, tmp_path)
    assert (found.status["completedIndexes"], found.code) == ("0,1", 0)
    assert [one["compared"] for one in found.report["partitions"]] == [3, 1]


def test_a_schedule_verifies_without_an_up(made: OwnMirror, names: Names, objects: Objects) -> None:
    of_schedule = re.compile(rf"{re.escape(names.verification_cron_job)}-\d{{8}}")
    until(
        "a report of the CronJob's own",
        lambda: of_schedule.fullmatch(report(objects, names)["run"]),
        seconds=180,
        every=2,
    )
    assert report(objects, names)["verdict"] in ("proven", "findings")


def test_only_the_slice_that_differs_fails_and_is_not_tried_again(
    made: OwnMirror, names: Names, objects: Objects, regions: Regions, tmp_path: Path
) -> None:
    kafka.produce(regions.kafka("west"), made.copy(), ["of somebody else"], partition=1)
    second = TopicPartition(made.topic(), 1)
    (differs,) = (index for index in range(2) if PartitionSlice(index, 2).holds(second))
    found = audit(made, names, objects, regions, tmp_path)
    assert found.status["failedIndexes"] == str(differs)
    assert found.status["completedIndexes"] == str(1 - differs)
    assert found.logs == 2
    assert (found.code, found.report["counts"]) == (1, {"alien": 1})


def test_destroy_leaves_no_job_no_pod_and_no_process(
    made: OwnMirror, names: Names, objects: Objects, regions: Regions
) -> None:
    assert jobs(objects, names)
    made.stack.destroy().ok()
    until("the Jobs to go", lambda: not jobs(objects, names), seconds=120)
    until("their pods to go", lambda: not pods(objects, names), seconds=120)
    until("their logs to go", lambda: not list((regions.lab.logs / "pods").glob("*job-*")), seconds=60)
    assert not regions.running(f"pod-west-{names.mirror}")
