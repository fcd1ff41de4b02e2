"""MirrorMaker 2 beside the target: Strimzi's KafkaMirrorMaker2."""

from __future__ import annotations

import pulumi

from components.kubernetes import child_of, custom_resource
from manifests.declaration import Declaration


class MirrorMaker2(pulumi.ComponentResource):
    """The KafkaMirrorMaker2. `Ready` would not say that its tasks run, so it is not what is waited for.

    `wait_seconds` is for stacks without verification, which shall at least not succeed before Strimzi is
    content.
    """

    def __init__(
        self,
        name: str,
        declaration: Declaration,
        *,
        wait_seconds: int | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("region-mirror:index:MirrorMaker2", name, {}, opts)
        self.resource = custom_resource(
            declaration.mirror_maker2, child_of(self, opts), wait_seconds=wait_seconds
        )
        self.register_outputs({})
