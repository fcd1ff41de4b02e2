"""Settings survive the way through Pulumi's state: `load(dump(settings))` is the same."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from settings.load import dump, load
from settings.model import Settings
from tests.unit.settings.sample import raw, settings

names = st.from_regex(r"[a-z][a-z0-9]{0,20}(-[a-z0-9]{1,10}){0,2}", fullmatch=True)
aliases = st.from_regex(r"[a-zA-Z0-9_]{1,30}", fullmatch=True)


@st.composite
def any_settings(draw: st.DrawFn) -> Settings:
    """Draw sound settings of all kinds."""
    source, target = draw(st.lists(aliases, min_size=2, max_size=2, unique=True))
    return load(
        raw(
            source__alias=source,
            target__alias=target,
            source__authentication=draw(st.sampled_from(["tls", "scram-sha-512"])),
            target__authentication=draw(st.sampled_from(["tls", "scram-sha-512"])),
            mirror__name=draw(names),
            mirror__topics=draw(st.lists(names, min_size=1, unique=True)),
            mirror__replication_policy=draw(st.sampled_from(["identity", "default"])),
            mirror__replication_policy_separator=draw(st.sampled_from([".", "-"])),
            mirror__exactly_once=draw(st.booleans()),
            mirror__offset_syncs_topic_location=draw(st.sampled_from(["source", "target"])),
            workers__replicas=draw(st.integers(1, 9)),
            mirror__state=draw(st.sampled_from(["running", "paused", "stopped"])),
            users__copy=[f"user-{name}" for name in draw(st.lists(names, unique=True, max_size=4))],
        )
    )


@given(any_settings())
def test_dumped_settings_load_to_the_same(drawn: Settings) -> None:
    assert load(dump(drawn)) == drawn


@given(any_settings())
def test_dumped_settings_are_plain_json(drawn: Settings) -> None:
    assert load(json.loads(json.dumps(dump(drawn)))) == drawn


def test_what_is_absent_is_left_out() -> None:
    assert "context" not in dump(settings())["source"]
