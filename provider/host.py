"""The plugin's gRPC server: the SDK's for components, with our own custom resources beside it."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import grpc.aio
from pulumi.provider.server import ProviderServicer
from pulumi.runtime.proto import provider_pb2_grpc

from components.own_resource import host
from provider.construct import PREPARED, Components
from provider.inputs import prepared
from provider.own_resources import OwnResources


class Servicer(ProviderServicer):
    """Constructs components; checks, makes and removes the custom resources in them.

    Several components of one program are constructed side by side: the SDK keeps what is global to each in
    context variables, and nothing here blocks the loop.
    """

    def __init__(self, args: Sequence[str], engine_address: str) -> None:
        super().__init__(Components(), list(args), engine_address)
        self._own = OwnResources()

    @staticmethod
    async def _construct_inputs(inputs: Any, input_dependencies: Any) -> dict[str, Any]:
        """Read settings and both regions first: the SDK's decoding would make a whole section secret where
        one value in it is. The engine starts plugins in the program's folder.
        """
        return {PREPARED: await asyncio.to_thread(prepared, inputs, Path.cwd())}

    async def Check(self, request: Any, context: Any) -> Any:
        """Check the inputs of one of our own resources."""
        return await self._own.check(request, context)

    async def Diff(self, request: Any, context: Any) -> Any:
        """Compare the inputs of one of our own resources with its state."""
        return await self._own.diff(request, context)

    async def Create(self, request: Any, context: Any) -> Any:
        """Create one of our own resources."""
        return await self._own.create(request, context)

    async def Update(self, request: Any, context: Any) -> Any:
        """Update one of our own resources."""
        return await self._own.update(request, context)

    async def Read(self, request: Any, context: Any) -> Any:
        """Return the state of one of our own resources."""
        return await self._own.read(request)

    async def Delete(self, request: Any, context: Any) -> Any:
        """Delete one of our own resources."""
        return await self._own.delete(request, context)


def main(arguments: Sequence[str]) -> None:
    """Serve until the engine ends the process. Pulumi reads the port from the first line of the output."""
    parser = argparse.ArgumentParser(description="Pulumi resource provider region-mirror")
    parser.add_argument("engine", help="address of Pulumi's engine")
    # The CLI hands its own flags (--logtostderr, -v=9, --tracing ...) to every plugin.
    options, _ = parser.parse_known_args(arguments)
    host()

    async def serve() -> None:
        server = grpc.aio.server(options=[("grpc.max_receive_message_length", 400 * 1024 * 1024)])
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(Servicer(arguments, options.engine), server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        print(port, flush=True)
        await server.wait_for_termination()

    try:
        asyncio.run(serve())
    except KeyboardInterrupt:
        sys.exit(130)
