"""librdkafka, the same library that confluent-kafka has loaded, called without its Python classes.

Every declaration is from rdkafka.h, librdkafka's public and stable interface, in its own order of arguments.
"""

from __future__ import annotations

import ctypes
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_int32, c_int64, c_size_t, c_ssize_t, c_void_p
from functools import cache
from pathlib import Path
from typing import Any

import confluent_kafka
from confluent_kafka import cimpl

from mirror.problems import CouldNotRun

CONSUMER = 1  # rd_kafka_type_t: RD_KAFKA_CONSUMER
CONF_OK = 0  # rd_kafka_conf_res_t: RD_KAFKA_CONF_OK
ERROR_CALLBACK = CFUNCTYPE(None, c_void_p, c_int, c_char_p, c_void_p)
TOKEN_CALLBACK = CFUNCTYPE(None, c_void_p, c_char_p, c_void_p)
"""Asks for a token (`oauthbearer_token_refresh_cb`)."""


class Message(ctypes.Structure):
    """rd_kafka_message_t: the layout of a record's fields."""

    _fields_ = (
        ("err", c_int),
        ("rkt", c_void_p),
        ("partition", c_int32),
        ("payload", c_void_p),
        ("len", c_size_t),
        ("key", c_void_p),
        ("key_len", c_size_t),
        ("offset", c_int64),
        ("_private", c_void_p),
    )


_FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "rd_kafka_version": (c_int, []),
    "rd_kafka_conf_new": (c_void_p, []),
    "rd_kafka_conf_destroy": (None, [c_void_p]),
    "rd_kafka_conf_set": (c_int, [c_void_p, c_char_p, c_char_p, c_char_p, c_size_t]),
    "rd_kafka_conf_set_error_cb": (None, [c_void_p, ERROR_CALLBACK]),
    "rd_kafka_conf_set_oauthbearer_token_refresh_cb": (None, [c_void_p, TOKEN_CALLBACK]),
    "rd_kafka_conf_enable_sasl_queue": (None, [c_void_p, c_int]),
    "rd_kafka_sasl_background_callbacks_enable": (c_void_p, [c_void_p]),
    "rd_kafka_oauthbearer_set_token": (
        c_int,
        [c_void_p, c_char_p, c_int64, c_char_p, c_void_p, c_size_t, c_char_p, c_size_t],
    ),
    "rd_kafka_oauthbearer_set_token_failure": (c_int, [c_void_p, c_char_p]),
    "rd_kafka_new": (c_void_p, [c_int, c_void_p, c_char_p, c_size_t]),
    "rd_kafka_destroy": (None, [c_void_p]),
    "rd_kafka_poll": (c_int, [c_void_p, c_int]),
    "rd_kafka_err2str": (c_char_p, [c_int]),
    "rd_kafka_last_error": (c_int, []),
    "rd_kafka_topic_new": (c_void_p, [c_void_p, c_char_p, c_void_p]),
    "rd_kafka_topic_destroy": (None, [c_void_p]),
    "rd_kafka_queue_new": (c_void_p, [c_void_p]),
    "rd_kafka_queue_destroy": (None, [c_void_p]),
    "rd_kafka_consume_start_queue": (c_int, [c_void_p, c_int32, c_int64, c_void_p]),
    "rd_kafka_consume_stop": (c_int, [c_void_p, c_int32]),
    "rd_kafka_consume_batch_queue": (c_ssize_t, [c_void_p, c_int, c_void_p, c_size_t]),
    "rd_kafka_message_destroy": (None, [c_void_p]),
    "rd_kafka_message_timestamp": (c_int64, [c_void_p, POINTER(c_int)]),
    "rd_kafka_message_headers": (c_int, [c_void_p, POINTER(c_void_p)]),
    "rd_kafka_header_get_all": (
        c_int,
        [c_void_p, c_size_t, POINTER(c_char_p), POINTER(c_void_p), POINTER(c_size_t)],
    ),
}


@cache
def library() -> ctypes.CDLL:
    """librdkafka with its functions declared. Raises CouldNotRun where it cannot be called.

    A loaded library answers for the libraries that it is linked against (dlsym), so confluent-kafka's own
    extension module leads to the librdkafka that it uses, in a wheel of Linux or macOS and in a build against
    the system's. One that was linked in statically hides its functions; then the wheel's copy is looked for.
    """
    for path in [Path(cimpl.__file__), *_bundled()]:
        try:
            found = ctypes.CDLL(str(path))
            for name, (result, arguments) in _FUNCTIONS.items():
                function = getattr(found, name)
                function.restype, function.argtypes = result, arguments
        except (OSError, AttributeError):
            continue
        if found.rd_kafka_version() == confluent_kafka.libversion()[1]:
            return found
    raise CouldNotRun(
        "loading librdkafka for the record audit",
        f"confluent-kafka {confluent_kafka.version()} in {Path(cimpl.__file__).parent} brings none whose "
        "functions can be called (rd_kafka_consume_batch_queue and others)",
        "install confluent-kafka from its wheel, `pip install --force-reinstall --only-binary :all: "
        "confluent-kafka`, or build it against a shared librdkafka",
    )


def address(name: str) -> int:
    """Return the address of a function of librdkafka, for compiled code."""
    found = ctypes.cast(getattr(library(), name), c_void_p).value
    if found is None:
        raise RuntimeError(f"librdkafka's function {name} has no address")
    return found


def error_text(code: int) -> str:
    """Return librdkafka's text for one of its error codes."""
    text: bytes = library().rd_kafka_err2str(code)
    return text.decode(errors="replace")


def _bundled() -> list[Path]:
    """Copies beside the package: auditwheel's folder (Linux), delocate's (macOS)."""
    package = Path(confluent_kafka.__file__).parent
    folders = [package.parent / "confluent_kafka.libs", package / ".dylibs"]
    return [path for folder in folders for path in sorted(folder.glob("librdkafka*"))]
