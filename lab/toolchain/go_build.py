"""Builds the lab's Go programs from their modules: nothing here is in a registry as a binary.

Versions stand in the go.mod files alone; the committed go.sum holds every module to its contents, those that
the checksum database does not know included (see go/README.md).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lab.toolchain.cache import key_of, remove_tree
from lab.toolchain.graph import Job
from lab.toolchain.host import Go

MODULES = Path(__file__).parent / "go"

_LANGUAGE_HOST = "pulumi-language-python"
_PLUGIN = "pulumi-resource-kubernetes"
_PLUGIN_MODULE = "github.com/pulumi/pulumi-kubernetes/provider/v4"
_SDK_MODULE = "github.com/pulumi/pulumi/sdk/v3"
_YAML = "github.com/pulumi/pulumi-yaml"
_PROMETHEUS = "github.com/prometheus/prometheus"

# What a step's own sources lack, as (module, files in it, folder of ours): taken from the module when it is
# built. The plugin's main embeds 8 MB of generated files; how promtool tests rules is not written anew.
_COPIED = {
    _PLUGIN: (
        _PLUGIN_MODULE,
        (f"cmd/{_PLUGIN}/schema.json", f"cmd/{_PLUGIN}/terraform-mapping.json"),
        "provider",
    ),
    "promtool": (_PROMETHEUS, ("cmd/promtool/unittest.go",), "."),
}

# The language host starts these from beside its own file: program runner, dynamic resources, policy packs.
_LANGUAGE_HOST_SCRIPTS = (
    "python/cmd/pulumi-language-python-exec",
    "python/dist/pulumi-resource-pulumi-python",
    "python/dist/pulumi-analyzer-policy-python",
)


@dataclass(frozen=True)
class Product:
    """What one step builds: the folder in `go/` with its go.mod, and the programs as (file, package).

    `beside` are products that are built into the same directory, each with its own go.mod.
    """

    name: str
    module: str
    programs: tuple[tuple[str, str], ...]
    beside: tuple[Product, ...] = ()


_KUBERNETES = "k8s.io/kubernetes/cmd"
_PULUMI = "github.com/pulumi/pulumi"
_CLI_PROGRAM = ("pulumi", f"{_PULUMI}/pkg/v3/cmd/pulumi")
_LANGUAGE_HOST_PROGRAM = (_LANGUAGE_HOST, f"{_PULUMI}/sdk/python/cmd/pulumi-language-python/v3")

NEWEST_PULUMI = "pulumi-newest"
"""The newest CLI that the module proxy serves, with the newest language host that it serves, an older one."""

PRODUCTS = {
    product.name: product
    for product in (
        Product("kube-apiserver", "kubernetes", (("kube-apiserver", f"{_KUBERNETES}/kube-apiserver"),)),
        Product("etcd", "kubernetes", (("etcd", "go.etcd.io/etcd/server/v3"),)),
        Product(
            "kube-controller-manager",
            "kubernetes",
            (("kube-controller-manager", f"{_KUBERNETES}/kube-controller-manager"),),
        ),
        Product("kubectl", "kubernetes", (("kubectl", f"{_KUBERNETES}/kubectl"),)),
        # Together, as Pulumi ships them: the CLI warns of a language host that is not beside it.
        Product("pulumi", "pulumi", (_CLI_PROGRAM, _LANGUAGE_HOST_PROGRAM)),
        # Its own modules for the language host: with those of pkg 3.259 it does not compile; newer ones were
        # not seen.
        Product(
            NEWEST_PULUMI,
            NEWEST_PULUMI,
            (_CLI_PROGRAM,),
            beside=(Product(_LANGUAGE_HOST, "pulumi", (_LANGUAGE_HOST_PROGRAM,)),),
        ),
        Product(_PLUGIN, "pulumi", ((_PLUGIN, "./provider"),)),
        # A go.mod of its own: it is written against newer Pulumi modules than the CLI that can be built.
        Product(
            "pulumi-language-yaml",
            "pulumi-yaml",
            (("pulumi-language-yaml", f"{_YAML}/cmd/pulumi-language-yaml"),),
        ),
        Product("promtool", "promtool", (("promtool", "."),)),
    )
}


def required_go(*modules: str) -> str:
    """The oldest Go that the go.mod files of these folders accept, such as "1.26.0"; without folders, of the
    set-up's.
    """
    named = modules or {product.module for name, product in PRODUCTS.items() if name != NEWEST_PULUMI}
    texts = [(MODULES / module / "go.mod").read_text() for module in named]
    return max(
        (line[3:] for text in texts for line in text.splitlines() if line[:3] == "go "), key=version_tuple
    )


def version_tuple(version: str) -> tuple[int, ...]:
    """ "1.26.8" as (1, 26, 8), so that versions compare as numbers."""
    return tuple(int(part) for part in version.split("."))


def module_version(go_mod: str, module: str) -> str:
    """The version that a go.mod requires of `module`; KeyError when it requires none."""
    found = re.search(rf"^(?:require)?\s+{re.escape(module)} (v\S+)", go_mod, re.MULTILINE)
    if not found:
        raise KeyError(module)
    return found.group(1)


def link_flags(module: str, go_mod: str) -> str:
    """The linker's flags: no symbol tables (a third of the disk), and the version to report."""
    if module == "kubernetes":
        version = module_version(go_mod, "k8s.io/kubernetes")
        major, minor, _ = version.removeprefix("v").split(".")
        package = "k8s.io/component-base/version"
        values = {"gitVersion": version, "gitMajor": major, "gitMinor": minor, "gitTreeState": "clean"}
    elif module == "pulumi-yaml":
        package = f"{_YAML}/pkg/version"
        values = {"Version": module_version(go_mod, _YAML)}
    elif module == "promtool":
        package, values = "", {}  # ours reports none
    else:
        version = module_version(go_mod, "github.com/pulumi/pulumi/pkg/v3")
        package = f"{_SDK_MODULE}/go/common/version"
        values = {"Version": version}
    return " ".join(["-s", "-w", *(f"-X {package}.{name}={value}" for name, value in values.items())])


def key(product: Product, go: Go) -> str:
    """The product's key: the modules' sources and pins, the flags, and the Go that builds it."""
    return key_of(part for one in (product, *product.beside) for part in _key_parts(one, go))


def _key_parts(product: Product, go: Go) -> list[str | bytes]:
    folder = MODULES / product.module
    flags = link_flags(product.module, (folder / "go.mod").read_text())
    sources = [folder / "go.mod", folder / "go.sum", *sorted(folder.rglob("*.go"))]
    packages = [package for _, package in product.programs]
    scripts = _LANGUAGE_HOST_SCRIPTS if _has_language_host(product) else ()
    return [*packages, flags, go.version, go.platform, *scripts, *(path.read_bytes() for path in sources)]


def _has_language_host(product: Product) -> bool:
    return _LANGUAGE_HOST_PROGRAM in product.programs


def environment(env: Mapping[str, str], root: Path) -> dict[str, str]:
    """The user's environment (proxies, GOFLAGS, GOPROXY ...) with our cache in place of the user's."""
    return {
        **env,
        "GOMODCACHE": str(root / "go" / "mod"),
        "GOCACHE": str(root / "go" / "build"),
        "GOTOOLCHAIN": "local",  # never fetch another Go
        "GOWORK": "off",  # a go.work above the checkout must not change what is built
        "CGO_ENABLED": "0",  # no C compiler needed
    }


def parallelism(cores: int) -> int:
    """How many packages one `go build` compiles at once while another one does the same.

    More than half of the cores, since the two seldom both keep their share busy; never less than two.
    """
    return max(2, cores * 3 // 4)


def build(product: Product, go: Go, root: Path, env: Mapping[str, str], job: Job) -> None:
    """Builds `product` into the job's directory. Raises `StepFailed` when `go` fails."""
    # Go's own temporary files take gigabytes: beside the product, since /tmp is often small and in memory.
    temporary = job.out / "temporary"
    temporary.mkdir()
    go_env = {**environment(env, root), "GOTMPDIR": str(temporary)}
    for one in (product, *product.beside):
        _build_into(one, go, temporary, go_env, job)
    remove_tree(temporary)


def _build_into(product: Product, go: Go, temporary: Path, go_env: Mapping[str, str], job: Job) -> None:
    folder = MODULES / product.module
    if product.name in _COPIED:
        folder = _completed(product.name, folder, temporary, go, go_env, job)
    flags = link_flags(product.module, (folder / "go.mod").read_text())
    for name, package in product.programs:
        job.run(
            [
                *(go.command, "build", "-v", "-mod=readonly", "-trimpath", "-buildvcs=false"),
                *("-p", str(parallelism(os.cpu_count() or 2)), "-ldflags", flags),
                *("-o", job.out / name, package),
            ],
            cwd=folder,
            env=go_env,
        )
    if _has_language_host(product):
        sdk = _module_directory(_SDK_MODULE, folder, go, go_env, job)
        for script in _LANGUAGE_HOST_SCRIPTS:
            copy = job.out / Path(script).name
            shutil.copyfile(sdk / script, copy)  # the module cache is read-only and keeps no modes
            copy.chmod(0o755)


def _completed(name: str, folder: Path, temporary: Path, go: Go, env: Mapping[str, str], job: Job) -> Path:
    """A copy of our module with the files that it takes from another one."""
    module, files, into = _COPIED[name]
    there = _module_directory(module, folder, go, env, job)
    copy = temporary / "sources"
    shutil.copytree(folder, copy)
    for file in files:
        shutil.copyfile(there / file, copy / into / Path(file).name)
    return copy


def _module_directory(module: str, folder: Path, go: Go, env: Mapping[str, str], job: Job) -> Path:
    """Where the module's files are, fetched when they are not there yet."""
    job.run([go.command, "mod", "download", module], cwd=folder, env=env)
    command = [str(go.command), "list", "-mod=readonly", "-m", "-f", "{{.Dir}}", module]
    listed = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=True)
    return Path(listed.stdout.strip())
