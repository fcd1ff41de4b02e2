"""Each kind of wrong input ends in one clear message, exit code and all, with nothing registered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.lab.support.command import Ran
from tests.lab.support.lab import Regions
from tests.lab.support.stack import Stack
from tests.unit.support.pki import issue

Change = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="module")
def refused(regions: Regions, mirror: Stack) -> Callable[[Change], Ran]:
    """Preview a stack file that was changed so; it must be refused without a traceback."""
    stack = Stack.create(regions.lab.root / "wrong", regions.lab.root, "wrong", regions.pulumi_environment())
    right = stack.file.read_text()

    def preview(change: Change) -> Ran:
        stack.file.write_text(right)
        stack.configure(change)
        ran = stack.preview()
        assert ran.code != 0, ran.output
        assert "Traceback" not in ran.output
        assert "KafkaMirrorMaker2" not in ran.stdout.replace("KafkaMirrorMaker2's", ""), "nothing registered"
        return ran

    return preview


def test_wrong_settings_are_all_named_at_once(refused: Callable[[Change], Ran]) -> None:
    def change(config: dict[str, Any]) -> None:
        config["mirror"]["replicas"] = 0
        config["mirror"]["topcis"] = ["orders"]
        config["target"]["alias"] = "we st"

    output = refused(change).output
    assert "mirror.replicas" in output
    assert "topics" in output
    assert "target.alias" in output


def test_settings_that_do_not_go_together_are_named(refused: Callable[[Change], Ran]) -> None:
    output = refused(lambda config: config["target"].update(alias="east")).output
    assert "target.alias" in output
    assert "must differ from source.alias" in output


def test_a_missing_source_secret_is_named(refused: Callable[[Change], Ran]) -> None:
    def change(config: dict[str, Any]) -> None:
        config["source"]["user"] = "nobody"

    assert "nobody" in refused(change).output


def test_a_user_that_does_not_exist_is_named(refused: Callable[[Change], Ran]) -> None:
    def change(config: dict[str, Any]) -> None:
        config["users"]["copy"] = ["orders-producer", "ghost"]

    output = refused(change).output
    assert "ghost" in output


def test_an_expired_certificate_is_named(refused: Callable[[Change], Ran], regions: Regions) -> None:
    expired = issue("old-user", days=-1)
    regions.put_secret("east", "old-user", {"user.crt": expired.pem, "user.key": expired.key_pem})

    def change(config: dict[str, Any]) -> None:
        config["source"].update(user="old-user", authentication="tls", listener="mtls")

    output = refused(change).output
    assert "old-user" in output
    assert "expired" in output


def test_a_source_kubernetes_that_does_not_answer_is_named(
    refused: Callable[[Change], Ran], regions: Regions
) -> None:
    silent = regions.lab.root / "silent.kubeconfig"
    text = regions.lab.kubeconfig("east").read_text()
    port = next(line.rsplit(":", 1)[1] for line in text.splitlines() if "server:" in line)
    silent.write_text(text.replace(f":{port.strip()}", ":9"))
    silent.chmod(0o600)

    def change(config: dict[str, Any]) -> None:
        config["source"]["kubeconfig"] = ".lab/silent.kubeconfig"

    assert "east" in refused(change).output
