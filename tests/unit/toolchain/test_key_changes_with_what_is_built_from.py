"""A product's key is the same for the same inputs and another for any other input."""

from dataclasses import replace

import pytest

from lab.toolchain import go_build, maven
from lab.toolchain.cache import key_of
from lab.toolchain.go_build import PRODUCTS
from lab.toolchain.host import Go, Host


def test_same_parts_same_key() -> None:
    assert key_of(["a", b"b"]) == key_of(["a", "b"])


@pytest.mark.parametrize("other", [["ab", ""], ["", "ab"], ["a"], ["a", "c"], ["b", "a"]])
def test_other_parts_other_key(other: list[str]) -> None:
    assert key_of(["a", "b"]) != key_of(other)


def test_another_go_another_key(complete_host: Host) -> None:
    go = complete_host.go
    assert isinstance(go, Go)
    keys = {
        go_build.key(PRODUCTS["etcd"], one)
        for one in (go, replace(go, version="1.26.9"), replace(go, platform="darwin/arm64"))
    }
    assert len(keys) == 3


def test_where_go_is_does_not_matter(complete_host: Host) -> None:
    go = complete_host.go
    assert isinstance(go, Go)
    moved = replace(go, command=go.command / "elsewhere")
    assert go_build.key(PRODUCTS["etcd"], go) == go_build.key(PRODUCTS["etcd"], moved)


def test_no_two_products_share_a_key(complete_host: Host) -> None:
    assert complete_host.go
    keys = [go_build.key(product, complete_host.go) for product in PRODUCTS.values()]
    keys += [maven.kafka_key(), maven.crds_key()]
    assert len(set(keys)) == len(keys)
