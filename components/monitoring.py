"""For who watches the mirror: alerts, a dashboard, and where Prometheus finds the exporter."""

from __future__ import annotations

import pulumi

from components.kubernetes import child_of, config_map, custom_resource
from manifests.declaration import Declaration


class MirrorMonitoring(pulumi.ComponentResource):
    """What `monitoring` asks for. Nothing of the mirror comes first: alerts shall be there before it runs."""

    def __init__(
        self,
        name: str,
        declaration: Declaration,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("region-mirror:index:MirrorMonitoring", name, {}, opts)
        child = child_of(self, opts)
        for manifest in declaration.monitoring:
            if manifest["kind"] == "ConfigMap":
                config_map(manifest, child)
            else:
                custom_resource(manifest, child)
        self.register_outputs({})
