"""For who watches the mirror: alerts, a dashboard, the exporter, and where Prometheus finds it."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from components.kubernetes import child_of, declared
from manifests.declaration import Declaration


class MirrorMonitoring(pulumi.ComponentResource):
    """What `monitoring` asks for. Alerts and dashboard wait for nothing of the mirror: they shall be there
    before it runs. The exporter comes after what it looks at (`exporter_after`).
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
