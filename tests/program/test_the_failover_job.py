"""The Job of a failover: golden manifests of the dry run and of the real one, with the least permissions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from manifests.in_cluster.failover_job import failover_job
from mirror.cli import MODULE, build
from mirror.commands import failover_job as command
from mirror.problems import CouldNotRun
from settings.model import Settings
from tests.unit.settings.sample import settings

IMAGE = "r.example.com/region-mirror:1"


def given(**changes: Any) -> Settings:
    return settings(verification__image=IMAGE, verification__runner="job", **changes)


def rights(stack: Settings, *, promote: bool) -> set[tuple[str, str, str]]:
    """What the account may do: verb, kind, and the name of the one object (`*`: any)."""
    role = failover_job(stack, promote=promote)[1]
    return {
        (verb, kind, name)
        for rule in role["rules"]
        for verb in rule["verbs"]
        for kind in rule["resources"]
        for name in rule.get("resourceNames", ["*"])
    }


def test_the_manifests_are_the_golden_ones(golden: Callable[[str, str], None]) -> None:
    stack = given(users__copy=["orders-consumer"], cutover__leave_out_groups=["audit-archive"])
    both = [*failover_job(stack, promote=False), *failover_job(stack, promote=True)]
    golden("failover-job.yaml", yaml.safe_dump_all(both, sort_keys=False, width=110))


def test_the_account_of_a_dry_run_may_change_nothing() -> None:
    for stack in (given(users__copy=["ann"]), given(users__copy=[], users__selector={"copy": "yes"})):
        found = rights(stack, promote=False)
        assert {verb for verb, _, _ in found} <= {"get", "list"}
        assert ("get", "secrets", "east-to-west") not in found, "the login that may set offsets"


def test_the_account_that_fails_over_may_change_its_own_objects_only() -> None:
    more = rights(given(users__copy=["ann"]), promote=True) - rights(
        given(users__copy=["ann"]), promote=False
    )
    assert more == {
        ("get", "secrets", "east-to-west"),
        ("patch", "kafkamirrormaker2s", "east-to-west"),
        ("create", "configmaps", "*"),
        ("patch", "configmaps", "east-to-west-cutover"),
        ("create", "leases", "*"),
        ("update", "leases", "east-to-west-cutover"),
        ("patch", "kafkausers", "east-to-west"),
        ("patch", "kafkausers", "ann"),
    }


def printed(stack: Settings, monkeypatch: pytest.MonkeyPatch, *options: str) -> Result:
    monkeypatch.setattr(command, "choose_one", lambda *_: (stack, Path()))
    return CliRunner().invoke(build(MODULE), ["failover", "job", *options])


def args(ran: Result) -> list[str]:
    assert ran.exit_code == 0, ran.output
    *_, job = yaml.safe_load_all(ran.stdout)
    found: list[str] = job["spec"]["template"]["spec"]["containers"][0]["args"]
    return found[1:]


def test_only_the_word_promote_makes_it_fail_over(monkeypatch: pytest.MonkeyPatch) -> None:
    assert args(printed(given(), monkeypatch)) == ["--dry-run"]
    accepted = ("--accept-unread-partitions", "--accept-unconfirmed-stop")
    options = ("--promote", *accepted, "--leave-out-group", "g", "--source-is-alive")
    assert args(printed(given(), monkeypatch, *options)) == [
        "--yes",
        "--leave-out-group=g",
        "--source-is-alive",
        "--accept-unconfirmed-stop",
        "--accept-unread-partitions",
    ]


def test_without_an_image_there_is_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = printed(settings(), monkeypatch)
    assert isinstance(ran.exception, CouldNotRun)
    assert "add --image IMAGE" in str(ran.exception)
    assert ran.stdout == ""
    *_, job = yaml.safe_load_all(printed(settings(), monkeypatch, "--image", IMAGE).stdout)
    assert job["spec"]["template"]["spec"]["containers"][0]["image"] == IMAGE
