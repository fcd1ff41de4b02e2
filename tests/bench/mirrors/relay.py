"""`python -m tests.bench.mirrors.relay`: delays IP packets between two addresses of this machine.

Packets that are sent to the far address leave through a TUN device, which this process reads. It exchanges
the two addresses of each packet, which leaves all checksums as they are, and writes the packet back after the
delay: a client that connects to the far address reaches a server that listens on the near one, and the server
sees the far address as its client. Both ends are the kernel's TCP, with its windows, its slow start and the
socket buffers that the programs set, which a proxy that accepts connections would hide.

Linux only, as root, with the command `ip`. The device disappears with the process.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import select
import struct
import subprocess
import time
from collections import deque

NEAR, FAR = "198.51.100.1", "198.51.100.2"
"""Addresses for documentation (RFC 5737): no other interface has them."""
MTU = 1500
_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
_QUEUE = 20_000
"""Packets that wait until this process reads them: a burst is not dropped."""
_AT_ONCE = 256


def opened(device: str) -> int:
    """Make the TUN device and return its descriptor, not blocking."""
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(descriptor, _TUNSETIFF, struct.pack("16sH22x", device.encode(), _IFF_TUN | _IFF_NO_PI))
    for command in (
        f"ip address add {NEAR}/30 dev {device}",
        f"ip link set {device} up mtu {MTU} txqueuelen {_QUEUE}",
    ):
        subprocess.run(command.split(), check=True)
    return descriptor


class Direction:
    """Packets on their way: each occupies the link for its length, and arrives `delay` seconds later."""

    def __init__(self, delay: float, bytes_per_second: float) -> None:
        self.delay, self.bytes_per_second = delay, bytes_per_second
        self.free = 0.0
        self.packets: deque[tuple[float, bytes]] = deque()

    def take(self, packet: bytes, now: float) -> None:
        """Accept one packet."""
        self.free = max(self.free, now) + len(packet) / self.bytes_per_second
        self.packets.append((self.free + self.delay, packet))

    def due(self, now: float) -> bytes | None:
        """Return the next packet that has arrived."""
        return self.packets.popleft()[1] if self.packets and self.packets[0][0] <= now else None


def exchanged(packet: bytes) -> bytes:
    """Return the IPv4 packet with source and destination exchanged; sums of 16 bits do not change by it."""
    return packet[:12] + packet[16:20] + packet[12:16] + packet[20:]


def relay(descriptor: int, port: int, delay: float, bytes_per_second: float) -> None:
    """Relay for ever. `port`: the server's, which tells the two directions apart."""
    there, back = Direction(delay, bytes_per_second), Direction(delay, bytes_per_second)
    server = port.to_bytes(2, "big")
    while True:
        now = time.monotonic()
        for direction in (there, back):
            while packet := direction.due(now):
                os.write(descriptor, packet)
        arrivals = [one.packets[0][0] for one in (there, back) if one.packets]
        wait = max(0.0, min(arrivals) - time.monotonic()) if arrivals else None
        select.select([descriptor], [], [], wait)
        now = time.monotonic()
        for _ in range(_AT_ONCE):
            try:
                packet = os.read(descriptor, 65_536)
            except BlockingIOError:
                break
            if packet[0] >> 4 == 4:  # no IPv6: the kernel's own router solicitations
                (back if packet[20:22] == server else there).take(exchanged(packet), now)


def main() -> None:
    """Make the device, say so, and relay until the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("device")
    parser.add_argument("port", type=int)
    parser.add_argument("round_trip_ms", type=float)
    parser.add_argument("mbit", type=float)
    given = parser.parse_args()
    descriptor = opened(given.device)
    print("ready", flush=True)
    relay(descriptor, given.port, given.round_trip_ms / 2000, given.mbit * 125_000)


if __name__ == "__main__":
    main()
