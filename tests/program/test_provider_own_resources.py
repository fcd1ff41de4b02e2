"""In the plugin our own resources are resources of its package, and each has a provider there."""

from __future__ import annotations

import asyncio
import re
import threading
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.runtime import proto, rpc

from components import own_resource
from components.own_resource import OwnProvider
from components.region_mirror import RegionMirror
from components.verification import MirrorNotProvenError
from provider import own_resources
from provider.construct import PREPARED, Components
from provider.inputs import Inputs
from provider.schema import COMPONENTS
from tests.program.conftest import Declared, recording
from tests.program.sample import estate
from tests.unit.settings.sample import settings as sample_settings

URN = "urn:pulumi:dev::shop::region-mirror:index:RegionMirror$region-mirror:index:Proof::mirror"


@pytest.fixture
def hosting(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process is the plugin."""
    monkeypatch.setattr(own_resource, "_hosting", True)


def declared(make: Any) -> tuple[str, ...]:
    """The types of all that a program registers."""
    return tuple(resource.type for resource in registered(make))


def registered(make: Any) -> list[Declared]:
    """All that a program registers."""
    monitor = recording()

    @pulumi.runtime.test
    def program() -> None:
        make()

    program()
    return monitor.declared


@pytest.mark.usefixtures("hosting")
def test_the_plugin_declares_nothing_dynamic() -> None:
    settings = sample_settings()
    types = declared(lambda: RegionMirror("mirror", settings, estate(settings)))
    assert not [one for one in types if one.startswith("pulumi-python:")]
    assert "region-mirror:index:Proof" in types


def test_a_python_program_declares_them_dynamic() -> None:
    settings = sample_settings()
    types = declared(lambda: RegionMirror("mirror", settings, estate(settings)))
    assert [one for one in types if one.startswith("pulumi-python:")]
    assert "region-mirror:index:Proof" not in types


def test_each_of_them_has_a_provider() -> None:
    sources = Path(own_resource.__file__).parent.glob("*.py")
    names = {
        name for source in sources for name in re.findall(r"own_resource\(\s*(\w+)\(\)", source.read_text())
    }
    assert names
    assert names == {provider.__name__ for provider in own_resources.PROVIDERS.values()}
    assert names == {provider.__name__ for provider in OwnProvider.__subclasses__()} - {"_Failing"}
    for kind in own_resources.PROVIDERS:
        provider = own_resources.provider_of(f"urn:pulumi:dev::shop::region-mirror:index:{kind}::mirror")
        assert isinstance(provider, OwnProvider)
        assert provider.kind == kind


@pytest.mark.usefixtures("hosting")
@pytest.mark.parametrize("kind", COMPONENTS)
def test_each_component_gives_the_outputs_of_its_schema(kind: str) -> None:
    settings = sample_settings()
    outputs: dict[str, Any] = {}

    def make() -> None:
        inputs = {PREPARED: Inputs(settings, estate(settings))}
        outputs.update(Components().construct("mirror", f"region-mirror:index:{kind}", inputs).state)

    declared(make)
    # Nothing is verified in a Job here.
    assert outputs.keys() >= COMPONENTS[kind][1].keys() - {"verificationReport"}


GUARDS = {"Identities", "FirstDeployment", "Baseline", "DestroyGuard"}


@pytest.mark.usefixtures("hosting")
@pytest.mark.parametrize(
    ("kind", "guards"),
    [("RegionMirror", GUARDS), ("MirrorMaker2", GUARDS), ("KafkaUsers", {"DestroyGuard"})],
)
def test_each_component_that_can_do_harm_has_its_guards(kind: str, guards: set[str]) -> None:
    settings = sample_settings()
    inputs = {PREPARED: Inputs(settings, estate(settings))}
    options = pulumi.ResourceOptions(aliases=[pulumi.Alias(name="before")])
    types = declared(lambda: Components().construct("mirror", f"region-mirror:index:{kind}", inputs, options))
    assert {one.rpartition(":")[2] for one in types} & GUARDS == guards


@pytest.mark.usefixtures("hosting")
@pytest.mark.parametrize("kind", ["RegionMirror", "KafkaUsers"])
@pytest.mark.parametrize(("phase", "remain"), [("replicate", False), ("promoted", True), ("retired", True)])
def test_copied_users_of_a_promoted_mirror_remain(kind: str, phase: str, remain: bool) -> None:
    """Clients log in with them, and no guard asks any more."""
    settings = sample_settings(mirror__phase=phase)
    inputs = {PREPARED: Inputs(settings, estate(settings))}
    found = registered(lambda: Components().construct("mirror", f"region-mirror:index:{kind}", inputs))
    copied = [one for one in found if one.name.startswith("west/") or one.name.endswith("-password")]
    assert len(copied) >= 3
    assert {one.retained for one in copied} == {remain}


def test_a_diff_does_not_block_the_other_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []

    def changed(*_: Any) -> bool:
        threads.append(threading.get_ident())
        return True

    monkeypatch.setattr(_Failing, "changed", changed, raising=False)
    monkeypatch.setitem(own_resources.PROVIDERS, "Proof", _Failing)

    async def diff() -> Any:
        empty = await rpc.serialize_properties({}, {})
        request = proto.DiffRequest(id="mirror", urn=URN, olds=empty, news=empty)
        return await own_resources.OwnResources().diff(request, _Context())

    assert asyncio.run(diff()).changes == proto.DiffResponse.DIFF_SOME
    assert threads != [threading.get_ident()]


class _Context:
    async def abort(self, code: Any, message: str) -> None:
        raise RuntimeError(message)


class _Failing(OwnProvider):
    error: Exception

    def name_of(self, inputs: Any) -> str:
        return "failing"

    def effect(self, inputs: Any, olds: Any) -> Any:
        raise self.error


async def _create(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    failing = _Failing()
    failing.error = error
    monkeypatch.setattr(own_resources, "provider_of", lambda _: failing)
    properties = await rpc.serialize_properties({}, {})
    request = proto.CreateRequest(urn=URN, properties=properties)
    await own_resources.OwnResources().create(request, _Context())


def test_a_failed_verification_is_its_message(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RuntimeError, match=r"^tail-matches failed$"):
        asyncio.run(_create(monkeypatch, MirrorNotProvenError("tail-matches failed")))


def test_a_bug_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(KeyError):
        asyncio.run(_create(monkeypatch, KeyError("settings")))
