"""Reads logs at the rate of librdkafka: no Python object is created for a record.

The wheel of confluent-kafka contains librdkafka; `library` calls it through ctypes. The loop over its records
(`loop`) is compiled by numba, which needs no compiler on the machine and releases the GIL.
"""

from mirror.audit.native.log import NativeLog

__all__ = ["NativeLog"]
