"""Keys and values of the records: orders, payments, changes of customers and an audit trail. Pure.

Each maker draws from the given `Random` only, so the same number and seed give the same record.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

Body = dict[str, object]

CUSTOMERS = 500
TOMBSTONE_SHARE = 0.12

_CITIES = (
    ("Lisboa", "PT", "1100-053"),
    ("Zürich", "CH", "8001"),
    ("Kraków", "PL", "31-042"),
    ("Lyon", "FR", "69002"),
    ("Malmö", "SE", "211 22"),
    ("Porto", "PT", "4000-322"),
    ("Leipzig", "DE", "04109"),
    ("Gent", "BE", "9000"),
)
_STREETS = (
    "Harbour Street",
    "Mill Lane",
    "Station Road",
    "Rua Augusta",
    "Bahnhofstrasse",
    "Floriańska",
    "Market Square",
)
_FIRST = (
    "Ana",
    "Jonas",
    "Zofia",
    "Élodie",
    "Karin",
    "Tomás",
    "Miriam",
    "Luc",
    "Sanna",
    "Piotr",
    "Inês",
    "Björn",
)
_LAST = (
    "Silva",
    "Keller",
    "Nowak",
    "Martin",
    "Lindqvist",
    "Costa",
    "Schubert",
    "Peeters",
    "Ferreira",
    "Wójcik",
)
_GOODS = (
    "walnut desk lamp, dimmable",
    "cast iron pan 28 cm",
    "merino blanket, charcoal",
    "espresso grinder, 64 mm burrs",
    "trail running shoe, wide fit",
    "noise cancelling headphones",
    "oak bookshelf, five boards",
    "ceramic plant pot, set of three",
    "bicycle pump with gauge",
    "linen bedding 200x200",
)
_STATUSES = ("placed", "confirmed", "picked", "shipped", "delivered", "cancelled")
_CHANNELS = ("web", "app-ios", "app-android", "store", "call-centre")
_ACTIONS = (
    "order.price-override",
    "order.cancel",
    "refund.approve",
    "address.change",
    "session.login",
    "export.run",
)


def _customer(random: Random) -> str:
    # Squared: some customers order far more often than others, so partitions are unequal as in production.
    return f"customer-{int(CUSTOMERS * random.random() ** 2):05d}"


def _address(random: Random) -> Body:
    city, country, postcode = random.choice(_CITIES)
    return {
        "name": f"{random.choice(_FIRST)} {random.choice(_LAST)}",
        "street": f"{random.choice(_STREETS)} {random.randint(1, 240)}",
        "postcode": postcode,
        "city": city,
        "country": country,
    }


def _order(sequence: int, random: Random) -> tuple[str, Body]:
    customer = _customer(random)
    items: list[Body] = [
        {
            "sku": f"SKU-{random.randint(10_000, 99_999)}",
            "name": random.choice(_GOODS),
            "quantity": random.randint(1, 4),
            "unitPriceCents": random.randint(499, 79_900),
            "warehouse": f"WH-{random.randint(1, 12):02d}",
        }
        for _ in range(random.randint(3, 7))
    ]
    return customer, {
        "orderId": f"order-{sequence:010d}",
        "customerId": customer,
        "status": random.choice(_STATUSES),
        "channel": random.choice(_CHANNELS),
        "currency": "EUR",
        "items": items,
        "totalCents": sum(_cents(item) for item in items),
        "shipTo": _address(random),
        "billTo": _address(random),
        "promisedHours": random.choice((24, 48, 72, 120)),
        "basketId": f"{random.getrandbits(128):032x}",
    }


def _cents(item: Body) -> int:
    quantity, price = item["quantity"], item["unitPriceCents"]
    if not isinstance(quantity, int) or not isinstance(price, int):
        raise TypeError("quantity and unitPriceCents of an item are whole numbers")
    return quantity * price


def _payment(sequence: int, random: Random) -> tuple[str, Body]:
    order = f"order-{sequence:010d}"
    return order, {
        "paymentId": f"payment-{sequence:010d}",
        "orderId": order,
        "customerId": _customer(random),
        "amountCents": random.randint(499, 250_000),
        "currency": "EUR",
        "method": random.choice(("card", "sepa-debit", "invoice", "gift-card")),
        "authorisation": {
            "code": f"{random.getrandbits(48):012x}",
            "network": random.choice(("visa", "mc", "girocard")),
        },
        "ledger": [
            {
                "account": f"{random.randint(1000, 9999)}-{side}",
                "side": side,
                "entry": f"{random.getrandbits(160):040x}",
            }
            for side in ("debit", "credit", "fee", "reserve")
        ],
        "risk": {f"rule-{rule:02d}": round(random.random(), 6) for rule in range(12)},
        "billTo": _address(random),
    }


def _customer_change(sequence: int, random: Random) -> tuple[str, Body | None]:
    customer = _customer(random)
    if random.random() < TOMBSTONE_SHARE:
        return customer, None
    return customer, {
        "customerId": customer,
        "revision": sequence,
        "addresses": [_address(random) for _ in range(3)],
        "email": f"{random.choice(_FIRST)}.{random.choice(_LAST)}@example.com".lower(),
        "consents": {name: random.random() < 0.5 for name in ("newsletter", "profiling", "partners", "post")},
        "loyalty": {"tier": random.choice(("none", "silver", "gold")), "points": random.randint(0, 40_000)},
        "preferences": {f"p{number:02d}": f"{random.getrandbits(40):010x}" for number in range(16)},
    }


def _audit(sequence: int, random: Random) -> tuple[None, Body]:
    # No key: an audit trail is read in order of time, from its only partition.
    return None, {
        "entry": sequence,
        "actor": f"{random.choice(_FIRST)}.{random.choice(_LAST)}".lower(),
        "action": random.choice(_ACTIONS),
        "subject": f"order-{random.randint(0, 11_999):010d}",
        "from": f"10.{random.randint(0, 255)}.{random.randint(0, 255)}.{random.randint(1, 254)}",
        "changes": [
            {
                "field": f"field-{random.randint(1, 40)}",
                "old": f"{random.getrandbits(96):024x}",
                "new": f"{random.getrandbits(96):024x}",
            }
            for _ in range(random.randint(4, 9))
        ],
        "digest": f"{random.getrandbits(256):064x}",
    }


MAKERS: dict[str, tuple[Callable[[int, Random], tuple[str | None, Body | None]], str]] = {
    "orders": (_order, "orders-service"),
    "payments": (_payment, "payments-service"),
    "customers": (_customer_change, "customers-service"),
    "audit-log": (_audit, "orders-service"),
}
"""For each topic: what makes key and value of a record, and the service that writes it."""
