"""What this machine has: one look at the programs that the set-up and the lab can use. Decides nothing."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lab.toolchain.jdk import Jdk, installed


@dataclass(frozen=True)
class Go:
    """An installed Go: its command, version ("1.26.8") and what it builds for ("linux/amd64")."""

    command: Path
    version: str
    platform: str


@dataclass(frozen=True)
class Host:
    """The programs found; None where there is none.

    `pulumi` counts only with its Python language host beside it, since one without the other is of no use.
    `kubernetes_plugin` is the folder of a Kubernetes plugin that the user's own CLI would use,
    `yaml_language_host` the program that runs Pulumi programs written in YAML.
    """

    go: Go | None
    jdks: tuple[Jdk, ...]
    maven: Path | None
    git: Path | None
    kubectl: Path | None
    pulumi: Path | None
    kubernetes_plugin: Path | None
    yaml_language_host: Path | None = None


def parse_go_version(text: str) -> tuple[str, str] | None:
    """Version and platform in what `go version` prints; None when it is something else."""
    found = re.search(r"\bgo(\d+\.\d+(?:\.\d+)?)\S* .*?(\w+/\w+)\s*$", text.strip())
    return (found.group(1), found.group(2)) if found else None


def newest_plugin(folders: Iterable[str]) -> str | None:
    """The newest of Pulumi's plugin folder names, which read `resource-kubernetes-v4.34.2`."""
    versions: dict[tuple[int, ...], str] = {}
    for name in folders:
        if found := re.fullmatch(r"resource-kubernetes-v(\d+)\.(\d+)\.(\d+)", name):
            versions[tuple(int(part) for part in found.groups())] = name
    return versions[max(versions)] if versions else None


def observe(env: Mapping[str, str]) -> Host:
    """Looks at this machine; runs nothing but `go version`, so that it takes some 20 ms."""

    def which(name: str) -> Path | None:
        found = shutil.which(name, path=env.get("PATH", ""))
        return Path(found).absolute() if found else None

    pulumi = _pulumi(which("pulumi"))
    return Host(
        go=_go(which("go"), env),
        jdks=tuple(installed(env)),
        maven=which("mvn"),
        git=which("git"),
        kubectl=which("kubectl"),
        pulumi=pulumi,
        kubernetes_plugin=_kubernetes_plugin(env, which("pulumi-resource-kubernetes")) if pulumi else None,
        yaml_language_host=which("pulumi-language-yaml") or _beside(pulumi, "pulumi-language-yaml"),
    )


def _go(command: Path | None, env: Mapping[str, str]) -> Go | None:
    if not command:
        return None
    # Without `local`, a newer `toolchain` line in some go.mod above would make `go` fetch another Go.
    result = subprocess.run(
        [command, "version"], env={**env, "GOTOOLCHAIN": "local"}, capture_output=True, text=True, check=False
    )
    parsed = parse_go_version(result.stdout)
    return Go(command, *parsed) if parsed else None


def _pulumi(command: Path | None) -> Path | None:
    if command and any((p.parent / "pulumi-language-python").exists() for p in (command, command.resolve())):
        return command
    return None


def _beside(command: Path | None, name: str) -> Path | None:
    """A program in the folder of another, or of the file that a link leads to: the CLI looks there too."""
    folders = (command.parent, command.resolve().parent) if command else ()
    return next((folder / name for folder in folders if (folder / name).exists()), None)


def _kubernetes_plugin(env: Mapping[str, str], on_path: Path | None) -> Path | None:
    """The folder with the plugin; read where `pulumi plugin ls`, which takes half a second, reads it."""
    if on_path:
        return on_path.parent
    home = Path(env.get("PULUMI_HOME") or Path(env.get("HOME") or Path.home()) / ".pulumi")
    plugins = home / "plugins"
    name = newest_plugin(p.name for p in plugins.glob("resource-kubernetes-v*") if p.is_dir())
    folder = plugins / name if name else None
    return folder if folder and (folder / "pulumi-resource-kubernetes").exists() else None
