"""Everything that is missing is said at once, each with what was found, what is needed and how to get it."""

from dataclasses import replace
from pathlib import Path

import pytest

from lab.toolchain import prerequisites
from lab.toolchain.host import Go, Host
from lab.toolchain.jdk import Jdk

BOTH = {"go", "maven"}


def test_complete_host_lacks_nothing(complete_host: Host) -> None:
    assert prerequisites.programs(complete_host, BOTH, "3.8.7") == []


def test_old_jdk_is_named_with_its_version(complete_host: Host) -> None:
    host = replace(complete_host, jdks=(Jdk(Path("/jvm/17"), 17),))
    (jdk,) = prerequisites.programs(host, (), None)
    assert jdk.found == "Java 17 in /jvm/17"
    assert "Java 21 or newer" in jdk.needed
    assert "JAVA_HOME" in jdk.remedy


@pytest.mark.parametrize(
    ("go", "found"),
    [(None, "none on PATH"), (Go(Path("/go"), "1.19.8", "linux/amd64"), "Go 1.19.8 in /go")],
)
def test_go_missing_or_old(complete_host: Host, go: Go | None, found: str) -> None:
    (missing,) = prerequisites.programs(replace(complete_host, go=go), BOTH, "3.8.7")
    assert (missing.what, missing.found) == ("Go", found)


@pytest.mark.parametrize("version", [None, "3.5.4"])
def test_maven_too_old_or_broken(complete_host: Host, version: str | None) -> None:
    (missing,) = prerequisites.programs(complete_host, BOTH, version)
    assert missing.what == "Maven"


def test_go_and_maven_are_not_needed_when_nothing_is_fetched(complete_host: Host) -> None:
    assert prerequisites.programs(replace(complete_host, go=None, maven=None), (), None) == []


def test_python_without_venv() -> None:
    (missing,) = prerequisites.python((3, 11), has_venv=False)
    assert "python3-venv" in missing.remedy


def test_python_too_old() -> None:
    (missing,) = prerequisites.python((3, 10), has_venv=True)
    assert (missing.found, missing.needed) == ("3.10", "3.11 or newer")


def test_full_disk_says_what_takes_how_much() -> None:
    (missing,) = prerequisites.disk(1500, {"etcd": 400, "pulumi": 700}, "/cache")
    assert missing.found == "1500 MB free in /cache"
    assert missing.needed.startswith("2100 MB: etcd 400 MB, pulumi 700 MB")


def test_room_enough() -> None:
    assert prerequisites.disk(2100, {"etcd": 400, "pulumi": 700}, "/cache") == []


def test_no_disk_is_needed_when_nothing_is_made() -> None:
    assert prerequisites.disk(0, {}, "/cache") == []


def test_message_names_all_of_them(complete_host: Host) -> None:
    host = replace(complete_host, go=None, jdks=(), git=None, maven=None)
    text = prerequisites.message(prerequisites.programs(host, BOTH, None))
    assert "4 things are missing" in text
    for what in ("git", "JDK", "Go", "Maven"):
        assert f"\n  {what}\n    found:  " in text
    assert text.count("get it: ") == 4
