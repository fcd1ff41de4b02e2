"""What a machine must have before the set-up starts, and what is said about what it lacks. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from lab.toolchain.go_build import required_go, version_tuple
from lab.toolchain.host import Host
from lab.toolchain.jdk import MINIMUM, choose

PYTHON = (3, 11)

# The newest maven-dependency-plugin that the pom names runs on this and newer.
MAVEN = "3.6.3"

# Never fill a disk to its last byte: builds write temporary files too.
_MARGIN_MB = 1000


@dataclass(frozen=True)
class Missing:
    """One thing that is missing: what was found instead, what is needed and why, and how to get it."""

    what: str
    found: str
    needed: str
    remedy: str


def python(version: tuple[int, int], has_venv: bool) -> list[Missing]:
    """The Python that runs the bootstrap."""
    lacking: list[Missing] = []
    found = ".".join(map(str, version))
    wanted = ".".join(map(str, PYTHON))
    if version < PYTHON:
        remedy = "install a newer Python and start with it, for example `make setup PYTHON3=python3.12`"
        lacking.append(Missing("Python", found, f"{wanted} or newer", remedy))
    if not has_venv:
        remedy = "Debian and Ubuntu: `apt install python3-venv`"
        needed = "Python's venv and ensurepip modules, to install into a place of our own"
        lacking.append(Missing("Python's venv", f"Python {found} without them", needed, remedy))
    return lacking


def programs(host: Host, fetching: Collection[str], maven_version: str | None) -> list[Missing]:
    """Git and a JDK always; Go and Maven when something must be fetched with them (`fetching`)."""
    lacking: list[Missing] = []
    if not host.git:
        remedy = "install git with the system's package manager"
        lacking.append(Missing("git", "none on PATH", "any version", remedy))
    if not choose(host.jdks):
        have = ", ".join(f"Java {jdk.major} in {jdk.home}" for jdk in host.jdks)
        remedy = (
            "Debian 13: `apt install openjdk-21-jdk-headless`; macOS: `brew install openjdk`; "
            "SDKMAN: `sdk install java`; one that is installed elsewhere: set JAVA_HOME"
        )
        needed = f"Java {MINIMUM} or newer: Strimzi's generator of CRDs needs it"
        lacking.append(Missing("JDK", have or "none (JAVA_HOME, PATH, usual folders)", needed, remedy))
    if "go" in fetching:
        lacking += go(host, required_go())
    if "maven" in fetching:
        lacking += _maven(host, maven_version)
    return lacking


def go(host: Host, wanted: str) -> list[Missing]:
    """A Go of at least version `wanted`."""
    if host.go and version_tuple(host.go.version) >= version_tuple(wanted):
        return []
    found = f"Go {host.go.version} in {host.go.command}" if host.go else "none on PATH"
    remedy = (
        "the Go project's own archive, unpacked, its bin folder on PATH (distributions are often too old); "
        "macOS: `brew install go`"
    )
    return [Missing("Go", found, f"{wanted} or newer: Kubernetes and Pulumi are built with it", remedy)]


def _maven(host: Host, version: str | None) -> list[Missing]:
    if host.maven and version and version_tuple(version) >= version_tuple(MAVEN):
        return []
    found = f"{version or 'one that does not start'} in {host.maven}" if host.maven else "none on PATH"
    remedy = (
        "Debian and Ubuntu: `apt install maven`; macOS: `brew install maven`; SDKMAN: `sdk install maven`"
    )
    return [Missing("Maven", found, f"{MAVEN} or newer: it fetches Kafka and Strimzi's CRDs", remedy)]


def disk(free_mb: int, needed: Mapping[str, int], where: str) -> list[Missing]:
    """Room for all that is missing, in MB by name."""
    total = sum(needed.values())
    if not needed or free_mb >= total + _MARGIN_MB:
        return []
    parts = ", ".join(f"{name} {megabytes} MB" for name, megabytes in needed.items())
    return [
        Missing(
            "disk space",
            f"{free_mb} MB free in {where}",
            f"{total + _MARGIN_MB} MB: {parts}, and {_MARGIN_MB} MB to spare",
            "make room, or set REGION_MIRROR_CACHE to a folder on a larger disk",
        )
    ]


def registry(client: str, command: str, answer: str | None) -> list[Missing]:
    """What a client's question to its registry came to: None is success, else the client's own words."""
    if answer is None:
        return []
    remedy = (
        f"see what `{command}` says; mirror, proxy (HTTPS_PROXY) and CA belong in {client}'s own settings"
    )
    return [Missing(f"the registry of {client}", answer, "an answer: something must be fetched", remedy)]


def message(lacking: Sequence[Missing]) -> str:
    """Everything that is missing, as one text for a person."""
    count = "one thing is" if len(lacking) == 1 else f"{len(lacking)} things are"
    lines = [f"The set-up has not started: {count} missing."]
    for item in lacking:
        lines += ["", f"  {item.what}", f"    found:  {item.found}"]
        lines += [f"    needed: {item.needed}", f"    get it: {item.remedy}"]
    return "\n".join(lines)
