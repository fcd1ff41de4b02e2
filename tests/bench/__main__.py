"""`make bench`: all measurements, or those that are named (`python -m tests.bench preview`)."""

from __future__ import annotations

import argparse

from lab.layout import Lab
from tests.bench import audit, cutover, looks, looks_before, preview, profiles, recover, status, wan

BENCHES = {
    "audit": audit.main,
    "cutover": cutover.main,
    "cutover-large": cutover.large,
    "looks": looks.main,
    "looks-before": looks_before.main,
    "looks-before-far": looks_before.far,
    "preview": preview.main,
    "profiles": profiles.main,
    "recover": recover.main,
    "status": status.main,
    "wan": wan.main,
}


def main() -> None:
    """Measure on the lab that runs (`make lab-up`; the looks need its mirror deployed, as by `make demo`)."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("benches", nargs="*", metavar="bench", help=f"of {', '.join(BENCHES)}; absent: all")
    parser.add_argument(
        "--short", action="store_true", help="the smallest sizes, once each: shows that a bench runs, no more"
    )
    lab, given = Lab.find(), parser.parse_args()
    for name in given.benches or BENCHES:
        if name not in BENCHES:
            parser.error(f"{name} is no bench: {', '.join(BENCHES)}")
        BENCHES[name](lab, given.short)


if __name__ == "__main__":
    main()
