"""No password, no private key in plain text in state, preview, logs, reports or process arguments."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import psutil
import pytest
from lightkube.resources.core_v1 import Secret

from lab import processes
from tests.lab.support.lab import NAMESPACE, Regions
from tests.lab.support.stack import Stack


def secrets(regions: Regions) -> Iterator[tuple[str, str]]:
    """Every password and private key of both regions, with the place it belongs to."""
    for region in ("east", "west"):
        for secret in regions.kubernetes(region).list(Secret, namespace=NAMESPACE):
            for key, encoded in (secret.data or {}).items():
                if key == "password" or key.endswith((".password", ".key")):
                    plain = base64.b64decode(encoded).decode()
                    name = f"{region}/{secret.metadata.name}/{key}"
                    # One line of a key's body is enough to know it by, however it may be wrapped or escaped.
                    yield name, plain.splitlines()[1] if "-----BEGIN" in plain else plain
                    yield f"{name} (base64)", encoded[:64] if "-----BEGIN" in plain else encoded


@pytest.fixture(scope="module")
def known(mirror: Stack, regions: Regions) -> dict[str, str]:
    """All there is to look for; a search for nothing would prove nothing."""
    found = {name: text for name, text in secrets(regions) if len(text) >= 12}
    assert any("mirror-source/password" in name for name in found)
    assert any(name.endswith("user.key") for name in found)
    return found


def leaks(known: dict[str, str], text: str) -> list[str]:
    """The names of the secrets that stand in `text`."""
    return [name for name, secret in known.items() if secret in text]


def test_the_state_holds_none(known: dict[str, str], mirror: Stack) -> None:
    assert leaks(known, mirror.state()) == []


def test_a_preview_of_everything_shows_none(known: dict[str, str], mirror: Stack) -> None:
    assert leaks(known, mirror.preview("--show-sames", "--show-reads").ok().output) == []


def test_the_report_shows_none(known: dict[str, str], mirror: Stack) -> None:
    assert leaks(known, mirror.verify().output + mirror.verify("--json").output) == []


def test_no_log_of_the_lab_holds_one(known: dict[str, str], regions: Regions) -> None:
    logs = sorted(regions.lab.logs.rglob("*.log"))
    assert logs
    assert {log.name: leaks(known, log.read_text(errors="replace")) for log in logs} == {
        log.name: [] for log in logs
    }


def test_no_process_has_one_in_its_arguments_or_environment(known: dict[str, str], regions: Regions) -> None:
    seen = 0
    for status in processes.statuses(regions.lab):
        if status.pid is not None:
            process = psutil.Process(status.pid)
            text = " ".join([*process.cmdline(), *process.environ().values()])
            assert leaks(known, text) == [], status.name
            seen += 1
    assert seen
