"""The life of our own custom resources in the plugin.

In a program of ours they are dynamic resources; here the same providers answer, called by the engine without
the detour. What they do, and when, is theirs to say.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.dynamic import ResourceProvider
from pulumi.runtime import proto, rpc

from components.verification import MirrorNotProvenError, VerificationProvider

PROVIDERS: dict[str, Callable[[], ResourceProvider]] = {"Proof": VerificationProvider}
"""By kind, which is the last part of the resource's type."""


class OwnResources:
    """Answers the engine. A preview makes nothing: the plugin does not announce that it could."""

    def __init__(self) -> None:
        self._providers = {kind: make() for kind, make in PROVIDERS.items()}

    async def check(self, request: Any) -> Any:
        """Judge inputs before anything is changed, in every preview too."""
        result = self._provider(request).check(_plain(request.olds), _plain(request.news))
        failures = [proto.CheckFailure(property=one.property, reason=one.reason) for one in result.failures]
        return proto.CheckResponse(inputs=await _wire(result.inputs), failures=failures)

    async def diff(self, request: Any) -> Any:
        """Say whether something has changed."""
        result = self._provider(request).diff(request.id, _plain(request.olds), _plain(request.news))
        changes = proto.DiffResponse.DIFF_SOME if result.changes else proto.DiffResponse.DIFF_NONE
        return proto.DiffResponse(changes=changes)

    async def create(self, request: Any, context: Any) -> Any:
        """Make it."""
        provider = self._provider(request)
        result = await _told(context, provider.create, _plain(request.properties))
        return proto.CreateResponse(id=result.id, properties=await _wire(result.outs))

    async def update(self, request: Any, context: Any) -> Any:
        """Make it anew."""
        provider = self._provider(request)
        olds, news = _plain(request.olds), _plain(request.news)
        result = await _told(context, provider.update, request.id, olds, news)
        return proto.UpdateResponse(properties=await _wire(result.outs))

    async def read(self, request: Any) -> Any:
        """Return what is known: a refresh looks at nothing."""
        return proto.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)

    async def delete(self, request: Any) -> Any:
        """Remove it."""
        self._provider(request).delete(request.id, _plain(request.properties))
        return empty_pb2.Empty()  # type: ignore[attr-defined]

    def _provider(self, request: Any) -> ResourceProvider:
        kind = request.urn.split("::")[2].rpartition(":")[2]
        return self._providers[kind]


async def _told(context: Any, act: Callable[..., Any], *arguments: Any) -> Any:
    """Act in a thread, since a verification takes minutes; its failure is a message without a traceback."""
    try:
        return await asyncio.to_thread(act, *arguments)
    except MirrorNotProvenError as problem:
        await context.abort(grpc.StatusCode.UNKNOWN, str(problem))


def _plain(struct: Any) -> dict[str, Any]:
    found: dict[str, Any] = rpc.deserialize_properties(struct, True)
    return found


async def _wire(outputs: Any) -> Any:
    return await rpc.serialize_properties(outputs or {}, {})
