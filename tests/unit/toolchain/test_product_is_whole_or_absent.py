"""A product directory appears complete or not at all, whatever interrupts its making."""

from pathlib import Path

import pytest

from lab.toolchain.cache import build_into, remove_leftovers


def test_product_appears_with_its_files(tmp_path: Path) -> None:
    product = tmp_path / "step" / "key"
    build_into(product, lambda out: (out / "file").touch())
    assert [p.name for p in product.iterdir()] == ["file"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_nothing_is_left_after_an_error(tmp_path: Path, error: type[BaseException]) -> None:
    def fail(out: Path) -> None:
        (out / "half").touch()
        raise error

    with pytest.raises(error):
        build_into(tmp_path / "step" / "key", fail)
    assert list((tmp_path / "step").iterdir()) == []


def test_half_product_of_a_killed_run_is_removed_and_others_stay(tmp_path: Path) -> None:
    half = tmp_path / "step" / ".part-abc"
    half.mkdir(parents=True)
    (half / "read-only").mkdir()
    (half / "read-only" / "file").touch()
    (half / "read-only").chmod(0o500)
    whole = tmp_path / "step" / "key"
    whole.mkdir()
    remove_leftovers(tmp_path)
    assert list((tmp_path / "step").iterdir()) == [whole]
