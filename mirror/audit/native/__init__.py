"""Logs read at librdkafka's own rate: no Python object is made for a record.

confluent-kafka's wheel brings librdkafka; `library` calls it through ctypes, and the loop over its records
(`loop`) is compiled by numba, which needs no compiler on the machine and lets go of the GIL.
"""

from mirror.audit.native.log import NativeLog

__all__ = ["NativeLog"]
