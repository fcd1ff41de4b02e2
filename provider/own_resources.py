"""The life of our own custom resources in the plugin.

In a program of ours they are dynamic resources; here the same providers answer, called by the engine without
the detour. What they do, and when, is theirs to say.
"""

from __future__ import annotations

import asyncio
import builtins
import importlib
from collections.abc import Callable
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.dynamic import ResourceProvider
from pulumi.runtime import proto, rpc

PROVIDERS = {
    "Identities": "components.identity:IdentityProvider",
    "Baseline": "components.baseline:BaselineProvider",
    "FirstDeployment": "components.first_deployment:FirstDeploymentProvider",
    "Proof": "components.verification:VerificationProvider",
}
"""By kind, which is the last part of the resource's type: module and class."""


class OwnResources:
    """Answers the engine. A preview makes nothing: the plugin does not announce that it could."""

    async def check(self, request: Any, context: Any) -> Any:
        """Judge inputs before anything is changed, in every preview too."""
        olds, news = _plain(request.olds), _plain(request.news)
        result = await _told(context, provider_of(request.urn).check, olds, news)
        failures = [proto.CheckFailure(property=one.property, reason=one.reason) for one in result.failures]
        return proto.CheckResponse(inputs=await _wire(result.inputs), failures=failures)

    async def diff(self, request: Any) -> Any:
        """Say whether something has changed."""
        result = provider_of(request.urn).diff(request.id, _plain(request.olds), _plain(request.news))
        changes = proto.DiffResponse.DIFF_SOME if result.changes else proto.DiffResponse.DIFF_NONE
        return proto.DiffResponse(changes=changes)

    async def create(self, request: Any, context: Any) -> Any:
        """Make it."""
        result = await _told(context, provider_of(request.urn).create, _plain(request.properties))
        return proto.CreateResponse(id=result.id, properties=await _wire(result.outs))

    async def update(self, request: Any, context: Any) -> Any:
        """Make it anew."""
        olds, news = _plain(request.olds), _plain(request.news)
        result = await _told(context, provider_of(request.urn).update, request.id, olds, news)
        return proto.UpdateResponse(properties=await _wire(result.outs))

    async def read(self, request: Any) -> Any:
        """Return what is known: a refresh looks at nothing."""
        return proto.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)

    async def delete(self, request: Any) -> Any:
        """Remove it."""
        provider_of(request.urn).delete(request.id, _plain(request.properties))
        return empty_pb2.Empty()  # type: ignore[attr-defined]


def provider_of(urn: str) -> ResourceProvider:
    """Make the provider of one of our resources. They keep nothing, so each request has its own."""
    kind = urn.split("::")[2].rpartition(":")[2]
    module, _, name = PROVIDERS[kind].partition(":")
    provider: ResourceProvider = getattr(importlib.import_module(module), name)()
    return provider


async def _told(context: Any, act: Callable[..., Any], *arguments: Any) -> Any:
    """Act in a thread, since a verification takes minutes. An error that we raised for people reaches them
    without a traceback; Python's own are bugs, and go on.
    """
    try:
        return await asyncio.to_thread(act, *arguments)
    except Exception as problem:
        if hasattr(builtins, type(problem).__name__):
            raise
        await context.abort(grpc.StatusCode.UNKNOWN, str(problem))


def _plain(struct: Any) -> dict[str, Any]:
    found: dict[str, Any] = rpc.deserialize_properties(struct, True)
    return found


async def _wire(outputs: Any) -> Any:
    return await rpc.serialize_properties(outputs or {}, {})
