"""`.venv` points at the environment in the cache; one that is the user's own is left alone."""

from pathlib import Path

from lab.toolchain import venv


def setting(tmp_path: Path) -> tuple[Path, Path, Path]:
    checkout, root = tmp_path / "checkout", tmp_path / "cache"
    directory = root / "venv" / "key"
    directory.mkdir(parents=True)
    checkout.mkdir()
    return checkout, directory, root


def test_link_is_made(tmp_path: Path) -> None:
    checkout, directory, root = setting(tmp_path)
    assert venv.link(checkout, directory, root) == checkout / ".venv"
    assert (checkout / ".venv").readlink() == directory
    assert [p.name for p in checkout.iterdir()] == [".venv"]


def test_link_to_older_environment_is_replaced(tmp_path: Path) -> None:
    checkout, directory, root = setting(tmp_path)
    (checkout / ".venv").symlink_to(root / "venv" / "old")
    venv.link(checkout, directory, root)
    assert (checkout / ".venv").readlink() == directory


def test_own_directory_is_left_alone(tmp_path: Path) -> None:
    checkout, directory, root = setting(tmp_path)
    (checkout / ".venv").mkdir()
    assert venv.link(checkout, directory, root) is None
    assert not (checkout / ".venv").is_symlink()


def test_own_link_elsewhere_is_left_alone(tmp_path: Path) -> None:
    checkout, directory, root = setting(tmp_path)
    (tmp_path / "mine").mkdir()
    (checkout / ".venv").symlink_to(tmp_path / "mine")
    assert venv.link(checkout, directory, root) is None
    assert (checkout / ".venv").readlink() == tmp_path / "mine"


def test_link_to_nowhere_is_replaced(tmp_path: Path) -> None:
    checkout, directory, root = setting(tmp_path)
    (checkout / ".venv").symlink_to(tmp_path / "gone")
    assert venv.link(checkout, directory, root) == checkout / ".venv"


def test_environment_follows_the_lock(tmp_path: Path) -> None:
    checkout, _, root = setting(tmp_path)
    lock = checkout / venv.LOCK
    lock.write_text("# made by\nrich==15.0.0 ; sys_platform != 'win32' \\\n    --hash=sha256:0\n")
    before = venv.location(checkout, root)
    assert venv.location(checkout, root) == before
    assert venv.first_pin(lock) == "rich==15.0.0"
    lock.write_text(lock.read_text().replace("sha256:0", "sha256:1"))
    assert venv.location(checkout, root) != before


def test_unfinished_environment_is_not_complete(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").touch()
    assert not venv.complete(tmp_path)
    (tmp_path / "complete").touch()
    assert venv.complete(tmp_path)
    (tmp_path / "bin" / "python").unlink()
    assert not venv.complete(tmp_path)
