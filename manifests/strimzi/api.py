"""The two versions of Strimzi's API in which resources are declared."""

from __future__ import annotations

from manifests.estate import StrimziApi

GROUP = "kafka.strimzi.io"


def api_version(api: StrimziApi) -> str:
    """Return `apiVersion` of Strimzi's resources: v1 since Strimzi 0.49, v1beta2 before 1.0."""
    return f"{GROUP}/{api}"
