"""Finding a JDK that is new enough, without running one: its `release` file names its version."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

# Strimzi's CRD generator is compiled for 21; Kafka itself would run on 17.
MINIMUM = 21

# Where distributions, SDKMAN and macOS put JDKs. The `java` on PATH is often an older one.
_FOLDERS = (
    "/usr/lib/jvm/*",
    "/usr/java/*",
    "/opt/*",
    "/opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home",
    "/Library/Java/JavaVirtualMachines/*/Contents/Home",
)


@dataclass(frozen=True)
class Jdk:
    """An installed Java: its home directory and major version."""

    home: Path
    major: int


def major_version(release: str) -> int | None:
    """The major version in a `release` file's text: 25 for "25.0.3", 8 for "1.8.0_392", else None."""
    found = re.search(r'^JAVA_VERSION="(?:1\.)?(\d+)', release, re.MULTILINE)
    return int(found.group(1)) if found else None


def look(home: Path) -> Jdk | None:
    """The JDK at `home`, or None when there is no runnable Java or no `release` file."""
    try:
        major = major_version((home / "release").read_text(errors="replace"))
    except OSError:
        return None
    return Jdk(home, major) if major and os.access(home / "bin" / "java", os.X_OK) else None


def candidates(env: Mapping[str, str], root: Path = Path("/")) -> list[Path]:
    """Homes by preference: JAVA_HOME, the `java` on PATH, the usual folders. `root` is for tests."""
    homes: list[Path] = []
    if java_home := env.get("JAVA_HOME"):
        homes.append(Path(java_home))
    if java := shutil.which("java", path=env.get("PATH", "")):
        homes.append(Path(java).resolve().parent.parent)
    for folder in _FOLDERS:
        homes += sorted(root.glob(folder.lstrip("/")))
    homes += sorted(Path(env.get("HOME") or os.path.expanduser("~")).glob(".sdkman/candidates/java/*"))
    return homes


def installed(env: Mapping[str, str], root: Path = Path("/")) -> list[Jdk]:
    """All JDKs found, each once, in the order of preference."""
    found: dict[Path, Jdk] = {}
    for home in candidates(env, root):
        jdk = look(home)
        if jdk:
            found.setdefault(home.resolve(), jdk)
    return list(found.values())


def choose(jdks: Iterable[Jdk], minimum: int = MINIMUM) -> Jdk | None:
    """The first JDK of at least `minimum`, in the order given, so that the user's own choice wins."""
    return next((jdk for jdk in jdks if jdk.major >= minimum), None)
