"""Counts the mirror's workers on the target: the members of Connect's group."""

from __future__ import annotations

import time

from mirror.clients.connect_group import workers as members_of
from mirror.clients.records import Unread
from mirror.problems import CouldNotRead
from mirror.text.failures import reason_of
from mirror.text.waiting import Clock
from mirror.verify.reading.bookkeeping import PAUSE_SECONDS
from mirror.verify.reading.look import Look, about_groups
from mirror.verify.values.workers import Workers

REJOIN_SECONDS = 10.0
"""For so long a group without members is asked for again: its coordinator may just have moved."""


@about_groups
def workers(look: Look) -> Workers:
    """Count the members of Connect's group."""
    return read_workers(look)


def read_workers(look: Look, clock: Clock = time) -> Workers:
    """As `workers`; asks again where there is none."""
    target, group = look.sides.target, look.names.group_id
    began = clock.monotonic()
    while True:
        try:
            members: int | Unread = members_of(target, group)
        except CouldNotRead as error:
            members = Unread(reason_of(error))
        if members != 0 or clock.monotonic() - began >= REJOIN_SECONDS:
            return Workers(group, target.alias, members)
        clock.sleep(PAUSE_SECONDS)
