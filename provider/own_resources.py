"""Our own custom resources in the plugin.

In a Python program of ours they are dynamic resources. Here the engine calls the same providers directly.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime import proto, rpc

from components.attempt import AttemptProvider
from components.baseline import BaselineProvider
from components.cutover import CutoverProvider
from components.destroy_guard import DestroyGuardProvider
from components.first_deployment import FirstDeploymentProvider
from components.identity import IdentityProvider
from components.internal_topics import InternalTopicsProvider
from components.own_resource import DeploymentStoppedError, OwnProvider
from components.verification import VerificationProvider

PROVIDERS: dict[str, type[OwnProvider]] = {
    provider.kind: provider
    for provider in (
        IdentityProvider,
        AttemptProvider,
        BaselineProvider,
        FirstDeploymentProvider,
        VerificationProvider,
        DestroyGuardProvider,
        InternalTopicsProvider,
        CutoverProvider,
    )
}
"""By kind, which is the last part of the resource's type."""


class OwnResources:
    """Answers the engine's requests. In a preview the engine asks for `check` and `diff` only."""

    async def check(self, request: Any, context: Any) -> Any:
        """Check the inputs before anything is changed, in every preview too."""
        olds, news = _plain(request.olds), _plain(request.news)
        result = await _answer(context, provider_of(request.urn).check, olds, news)
        failures = [proto.CheckFailure(property=one.property, reason=one.reason) for one in result.failures]
        return proto.CheckResponse(inputs=await _wire(result.inputs), failures=failures)

    async def diff(self, request: Any, context: Any) -> Any:
        """Report whether the resource has changed. A baseline asks the source for its topics."""
        olds, news = _plain(request.olds), _plain(request.news)
        result = await _answer(context, provider_of(request.urn).diff, request.id, olds, news)
        changes = proto.DiffResponse.DIFF_SOME if result.changes else proto.DiffResponse.DIFF_NONE
        return proto.DiffResponse(changes=changes)

    async def create(self, request: Any, context: Any) -> Any:
        """Create the resource."""
        result = await _answer(context, provider_of(request.urn).create, _plain(request.properties))
        return proto.CreateResponse(id=result.id, properties=await _wire(result.outs))

    async def update(self, request: Any, context: Any) -> Any:
        """Update the resource."""
        olds, news = _plain(request.olds), _plain(request.news)
        result = await _answer(context, provider_of(request.urn).update, request.id, olds, news)
        return proto.UpdateResponse(properties=await _wire(result.outs))

    async def read(self, request: Any) -> Any:
        """Return the outputs in the state: a refresh reads nothing else."""
        return proto.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)

    async def delete(self, request: Any, context: Any) -> Any:
        """Delete the resource."""
        await _answer(context, provider_of(request.urn).delete, request.id, _plain(request.properties))
        return empty_pb2.Empty()  # type: ignore[attr-defined]


def provider_of(urn: str) -> OwnProvider:
    """Make the provider of one of our resources. Providers keep no state, so each request has its own."""
    kind = urn.split("::")[2].rpartition(":")[2]
    return PROVIDERS[kind]()


async def _answer(context: Any, act: Callable[..., Any], *arguments: Any) -> Any:
    """Call the provider in a thread, because a verification takes minutes. An error that is written for
    people reaches them without a traceback; every other error is a bug and keeps its traceback.
    """
    try:
        return await asyncio.to_thread(act, *arguments)
    except DeploymentStoppedError as problem:
        await context.abort(grpc.StatusCode.UNKNOWN, str(problem))


def _plain(struct: Any) -> dict[str, Any]:
    found: dict[str, Any] = rpc.deserialize_properties(struct, True)
    return found


async def _wire(outputs: Any) -> Any:
    return await rpc.serialize_properties(outputs or {}, {})
