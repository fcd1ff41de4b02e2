"""The reference of the preview bench: a Pulumi program that declares given manifests, and nothing else.

Copied as `__main__.py` beside `manifests.json`. It is what one would write by hand, names and passwords at
hand: no settings, no reading of the source, no components, no verification.
"""

import json
from pathlib import Path

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.core.v1 import ConfigMap, Secret

declared = json.loads(Path("manifests.json").read_text())
provider = kubernetes.Provider(
    "target",
    kubeconfig=declared["kubeconfig"],
    enable_server_side_apply=True,
    enable_secret_mutable=True,
    enable_config_map_mutable=True,
)
options = pulumi.ResourceOptions(provider=provider)
for manifest in declared["manifests"]:
    name, metadata = manifest["metadata"]["name"], manifest["metadata"]
    if manifest["kind"] == "Secret":
        data = pulumi.Output.secret(manifest["data"])
        Secret(f"secret-{name}", metadata=metadata, type=manifest["type"], data=data, opts=options)
    elif manifest["kind"] == "ConfigMap":
        ConfigMap(f"config-map-{name}", metadata=metadata, data=manifest.get("data"), opts=options)
    else:
        CustomResource(
            f"{manifest['kind']}-{name}",
            api_version=manifest["apiVersion"],
            kind=manifest["kind"],
            metadata=metadata,
            spec=manifest["spec"],
            opts=options,
        )
