"""MirrorMaker 2 beside the target: Strimzi's KafkaMirrorMaker2, the metrics' rules where asked for, and the
ConfigMap for the last look at the source.
"""

from __future__ import annotations

import pulumi

from components.kubernetes import child_of, custom_resource, declared
from manifests.declaration import Declaration


class MirrorMaker2(pulumi.ComponentResource):
    """The KafkaMirrorMaker2. Pulumi does not wait for `Ready`, because it does not depend on the tasks.

    `wait_seconds` is for stacks without verification: they wait for `Ready` instead.
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
        child = child_of(self, opts)
        declared(declaration.last_look, child)
        if declaration.metrics is not None:
            rules = declared(declaration.metrics, child)
            child = pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=[rules]))
        self.resource = custom_resource(declaration.mirror_maker2, child, wait_seconds=wait_seconds)
        for manifest in declaration.heartbeats:
            custom_resource(manifest, child)
        self.register_outputs({})
