"""The programs that the lab runs: found on this machine, or built once into a cache outside the checkout."""

from lab.toolchain.toolchain import Toolchain, ToolchainIncomplete

__all__ = ["Toolchain", "ToolchainIncomplete"]
