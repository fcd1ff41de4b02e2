"""The JDK is the user's own choice when that is new enough, else one in the usual folders."""

from pathlib import Path

import pytest

from lab.toolchain.jdk import Jdk, choose, installed, major_version


def install(home: Path, version: str) -> Path:
    (home / "bin").mkdir(parents=True)
    java = home / "bin" / "java"
    java.touch()
    java.chmod(0o755)
    (home / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{version}"\n')
    return home


@pytest.mark.parametrize(
    ("release", "major"),
    [
        ('JAVA_VERSION="25.0.3"', 25),
        ('A="b"\nJAVA_VERSION="17"', 17),
        ('JAVA_VERSION="1.8.0_392"', 8),
        ("", None),
        ('XJAVA_VERSION="21"', None),
    ],
)
def test_major_version(release: str, major: int | None) -> None:
    assert major_version(release) == major


def test_older_default_is_passed_over(tmp_path: Path) -> None:
    old = install(tmp_path / "usr/lib/jvm/java-17", "17.0.15")
    new = install(tmp_path / "usr/lib/jvm/temurin-25", "25.0.3")
    jdks = installed({"JAVA_HOME": str(old), "PATH": "", "HOME": str(tmp_path)}, tmp_path)
    assert choose(jdks) == Jdk(new, 25)


def test_java_home_comes_first(tmp_path: Path) -> None:
    install(tmp_path / "usr/lib/jvm/temurin-25", "25.0.3")
    own = install(tmp_path / "own", "21.0.1")
    jdks = installed({"JAVA_HOME": str(own), "PATH": "", "HOME": str(tmp_path)}, tmp_path)
    assert choose(jdks) == Jdk(own, 21)


def test_java_on_path_is_followed_to_its_home(tmp_path: Path) -> None:
    home = install(tmp_path / "somewhere", "21.0.1")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "java").symlink_to(home / "bin" / "java")
    assert installed({"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path)}, tmp_path) == [Jdk(home, 21)]


def test_sdkman_is_looked_at(tmp_path: Path) -> None:
    home = install(tmp_path / ".sdkman/candidates/java/25.0.1-tem", "25.0.1")
    assert installed({"PATH": "", "HOME": str(tmp_path)}, tmp_path) == [Jdk(home, 25)]


def test_folder_without_java_is_no_jdk(tmp_path: Path) -> None:
    (tmp_path / "opt" / "tool").mkdir(parents=True)
    assert installed({"PATH": "", "HOME": str(tmp_path)}, tmp_path) == []


def test_none_new_enough(tmp_path: Path) -> None:
    assert choose([Jdk(tmp_path, 17)]) is None
