"""Options of a worker's JVM: those of `spec.jvmOptions` over what suits a small machine."""

from collections.abc import Mapping
from typing import Any

_HEAP = {"-Xms": "128m", "-Xmx": "512m"}
"""Strimzi gives -Xms128M and lets the container's memory limit the rest; the lab has no containers."""


def options(jvm_options: Mapping[str, Any]) -> list[str]:
    """The JVM's command line options for `spec.jvmOptions`."""
    heap = _HEAP | {key: str(jvm_options[key]) for key in _HEAP if key in jvm_options}
    switches: dict[str, Any] = dict(jvm_options.get("-XX") or {})
    properties = jvm_options.get("javaSystemProperties") or []
    # The second compiler costs a small machine more than a worker that lives for minutes wins by it. For
    # benchmarks `-XX: {TieredStopAtLevel: 4}` brings it back.
    switches = {"TieredStopAtLevel": 1, **switches}
    if not any(switch.startswith("Use") and switch.endswith("GC") for switch in switches):
        switches = {"UseSerialGC": True, **switches}
    return [
        *(f"{key}{value}" for key, value in heap.items()),
        *(_switch(key, value) for key, value in switches.items()),
        *(f"-D{item['name']}={item['value']}" for item in properties),
    ]


def _switch(key: str, value: Any) -> str:
    text = str(value).lower()
    if text in ("true", "false"):
        return f"-XX:{'+' if text == 'true' else '-'}{key}"
    return f"-XX:{key}={value}"
