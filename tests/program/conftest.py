"""Runs the program's components against Pulumi's mocks, in which nothing is deployed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks, set_mocks
from pulumi.runtime.sync_await import _ensure_event_loop

from components.ownership import owned_manifest
from components.region_mirror import RegionMirror
from manifests.estate import Estate
from settings.model import Settings
from tests.clean_environment import clean_environment as clean_environment
from tests.program.sample import estate as sample_estate

SIGNATURE = "4dabf18193072939515e22adb298388d"
"""The key by which Pulumi marks special values on the wire (`rpc._special_sig_key`)."""


BASELINE = {"content": "YmFzZWxpbmU=", "about": "2 topics with 3 partitions and 1 groups"}
"""What a look at the source would have brought."""
OWNER_ID = "0123456789abcdef"
"""The random id in the stack's state."""


@dataclass(frozen=True)
class Declared:
    """One resource that a program registered."""

    type: str
    name: str
    urn: str
    inputs: dict[str, Any]
    parent: str
    after: frozenset[str] = field(repr=False)
    timeouts: dict[str, str] = field(repr=False)
    formerly: frozenset[tuple[str, str]] = field(repr=False)
    """Its aliases, as (type, name); "" for a part that is as it is."""
    deleted_first: bool = field(repr=False)
    """Whether a replacement deletes the old object before it creates the new one."""
    retained: bool = field(repr=False)
    """Whether the object remains when Pulumi deletes the resource."""

    @property
    def kind(self) -> str:
        """The last part of the type."""
        return self.type.split(":")[-1]


class Recorder(MockMonitor):
    """Keeps what the mocks are not told: parents, dependencies, time-outs."""

    def __init__(self) -> None:
        super().__init__(_Echo())
        self.declared: list[Declared] = []

    def RegisterResource(self, request: Any) -> Any:
        response = super().RegisterResource(request)
        if request.type != "pulumi:pulumi:Stack":
            timeouts = {k: v for k in ("create", "update") if (v := getattr(request.customTimeouts, k))}
            self.declared.append(
                Declared(
                    request.type,
                    request.name,
                    response.urn,
                    pulumi.runtime.rpc.deserialize_properties(request.object),
                    request.parent,
                    frozenset(request.dependencies),
                    timeouts,
                    frozenset((one.spec.type, one.spec.name) for one in request.aliases),
                    request.deleteBeforeReplace,
                    request.retainOnDelete,
                )
            )
        return response


class _Echo(Mocks):
    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], None]:
        return {}, None

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        made: dict[str, Any] = dict(BASELINE) if args.typ.endswith(":Baseline") else {}
        if "owner" in args.inputs:  # the provider adds the stack's id
            made = {"owner": {**args.inputs["owner"], "id": OWNER_ID}}
        if args.typ.endswith(":KafkaMirrorMaker2"):  # the API server adds these
            made = {"metadata": {**args.inputs["metadata"], "uid": "5f3c", "generation": 1}}
        return f"{args.name}-id", {**args.inputs, **made}


@dataclass(frozen=True)
class Program:
    """What one run of the program declared, warned of, and would export."""

    resources: tuple[Declared, ...]
    outputs: dict[str, Any]

    def of(self, kind: str) -> tuple[Declared, ...]:
        """All resources of a kind."""
        return tuple(resource for resource in self.resources if resource.kind == kind)

    def one(self, kind: str, name: str | None = None) -> Declared:
        """The only resource of a kind, or of a kind and name."""
        (found,) = [resource for resource in self.of(kind) if name in (None, resource.name)]
        return found


Declare = Callable[..., Program]


def recording() -> Recorder:
    """A recorder that the next program registers with."""
    monitor = Recorder()
    # `set_mocks` makes the stack's resource, whose futures need a loop; since Python 3.14 none exists yet.
    _ensure_event_loop()
    set_mocks(
        monitor.mocks,
        project="region-mirror",
        stack="test",
        preview=False,
        logger=logging.getLogger("pulumi"),
        monitor=monitor,
    )
    return monitor


def owned(manifest: dict[str, Any]) -> dict[str, Any]:
    """The manifest as Pulumi is given it: its annotations record the stack."""
    return owned_manifest(manifest, f"region-mirror/test/{OWNER_ID}")


@pytest.fixture
def declare() -> Declare:
    """Run RegionMirror on settings and, where not given, the estate that fits them."""

    def run(settings: Settings, estate: Estate | None = None) -> Program:
        monitor = recording()
        outputs: dict[str, Any] = {}

        @pulumi.runtime.test
        def program() -> None:
            mirror = RegionMirror(settings.mirror.name, settings, estate or sample_estate(settings))
            outputs.update(mirror.outputs)

        program()
        return Program(tuple(monitor.declared), outputs)

    return run


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with tests/program/golden/<name>; `--update-golden` writes it instead."""

    def compare(name: str, text: str) -> None:
        path = Path(__file__).parent / "golden" / name
        if request.config.getoption("--update-golden"):
            path.write_text(text)
        assert path.exists(), f"{path.name} is missing: pytest tests/program --update-golden"
        assert text == path.read_text(), (
            f"{path.name} differs: look, then pytest tests/program --update-golden"
        )

    return compare


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer to rewrite the golden manifests."""
    parser.addoption("--update-golden", action="store_true", help="rewrite tests/program/golden")
