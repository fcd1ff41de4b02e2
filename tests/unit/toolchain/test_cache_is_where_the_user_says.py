"""The cache directory follows REGION_MIRROR_CACHE, then XDG_CACHE_HOME, then the home directory."""

from pathlib import Path

import pytest

from lab.toolchain.cache import cache_root


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({"REGION_MIRROR_CACHE": "/big/c", "XDG_CACHE_HOME": "/x", "HOME": "/h"}, "/big/c"),
        ({"XDG_CACHE_HOME": "/x", "HOME": "/h"}, "/x/region-mirror"),
        ({"HOME": "/h"}, "/h/.cache/region-mirror"),
        ({"REGION_MIRROR_CACHE": "", "XDG_CACHE_HOME": "", "HOME": "/h"}, "/h/.cache/region-mirror"),
    ],
)
def test_cache_root(env: dict[str, str], expected: str) -> None:
    assert cache_root(env) == Path(expected)
