"""Monitoring of the mirror: alerts, a dashboard, the exporter, and its ServiceMonitor."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from components.kubernetes import child_of, declared
from manifests.declaration import Declaration


class MirrorMonitoring(pulumi.ComponentResource):
    """The resources of the section `monitoring`. Alerts and dashboard are created before the mirror runs; the
    exporter is created after the resources that it reads (`exporter_after`).
    """

    def __init__(
        self,
        name: str,
        declaration: Declaration,
        opts: pulumi.ResourceOptions | None = None,
        *,
        exporter_after: Sequence[pulumi.Resource] = (),
    ) -> None:
        super().__init__("region-mirror:index:MirrorMonitoring", name, {}, opts)
        child = child_of(self, opts)
        for manifest in declaration.monitoring:
            declared(manifest, child)
        needed = list(exporter_after)
        for manifest in declaration.exporter:
            after = pulumi.ResourceOptions(depends_on=list(needed))
            needed.append(declared(manifest, pulumi.ResourceOptions.merge(child, after)))
        self.register_outputs({})
