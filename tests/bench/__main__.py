"""`make bench`: all measurements, or those that are named (`python -m tests.bench preview`)."""

from __future__ import annotations

import argparse

from lab.layout import Lab
from tests.bench import audit, looks, preview, profiles, status

BENCHES = {
    "audit": audit.main,
    "looks": looks.main,
    "preview": preview.main,
    "profiles": profiles.main,
    "status": status.main,
}


def main() -> None:
    """Measure on the lab that runs (`make lab-up`; the looks need its mirror deployed, as by `make demo`)."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("benches", nargs="*", metavar="bench", help=f"of {', '.join(BENCHES)}; absent: all")
    lab = Lab.find()
    for name in parser.parse_args().benches or BENCHES:
        if name not in BENCHES:
            parser.error(f"{name} is no bench: {', '.join(BENCHES)}")
        BENCHES[name](lab)


if __name__ == "__main__":
    main()
