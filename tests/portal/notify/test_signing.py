"""Signatures of webhooks, verified with the public library of Standard Webhooks."""

from __future__ import annotations

import base64
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import RFC_4122, uuid4

import pytest
import time_machine
from standardwebhooks import Webhook

from portal.notify.signing import PREFIX, event_id, headers, new_secret, signature, signing_key
from tenants.secrets import Secret
from tests.for_each import for_each
from tests.portal.notify.receivers import is_standard

ROOT = Path(__file__).parents[3]
OLD_TAIL = "y-Zk3_0dV8lq9oP1mW7nXr5sT2uYbEcHgJfKaLiQoM4"
"""The end of a secret in the form that Surety generated before 28 November 2026. It contains `-` and `_`, which do not
belong to the alphabet of base64.
"""
OPERATORS = "a-secret-of-an-operator-with-32-characters"
NEW = new_secret()


@pytest.mark.parametrize("member", ["webhook-id", "Surety-Timestamp"])
def test_the_functions_in_the_documentation_verify_posts(member: str) -> None:
    """docs/webhooks.md shows two functions that verify posts: one that needs no library, and one for the deprecated
    headers.
    """
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "webhooks.md").read_text(), re.DOTALL)
    (block,) = [one for one in blocks if "def is_valid" in one and member in one]
    found: dict[str, Any] = {}
    exec(block, found)
    secret = new_secret()
    now = int(time.time())
    sent = headers(
        secrets=[Secret(secret)], event="e", delivery="d", message_id="m", timestamp=now, body=b"{}"
    )
    assert found["is_valid"](secret, sent, b"{}")
    assert not found["is_valid"](secret, sent, b"{ }")
    assert not found["is_valid"](new_secret(), sent, b"{}")
    with time_machine.travel(now + 301, tick=False):
        assert not found["is_valid"](secret, sent, b"{}")


def test_the_example_signature_in_the_documentation_is_correct() -> None:
    """The example has the values with which the libraries of Standard Webhooks are tested."""
    secret = Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    found = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@for_each(
    "secret, at_receiver",
    [
        (NEW, NEW),
        (PREFIX + OLD_TAIL, PREFIX + OLD_TAIL.replace("-", "+").replace("_", "/")),
        (OPERATORS, OPERATORS.encode()),
        ("whsec_äöü", "whsec_äöü".encode()),
        ("whsec_12345", b"whsec_12345"),  # cannot be base64: one character too many
        ("whsec_", b"whsec_"),
    ],
)
def test_a_secret_gives_the_key_that_the_library_uses(secret: str, at_receiver: str | bytes) -> None:
    at = datetime.fromtimestamp(1764061200, UTC)
    expected = Webhook(at_receiver).sign("m1", at, '{"ü":1}')
    assert signature(Secret(secret), "m1", 1764061200, '{"ü":1}'.encode()) == expected


def test_secrets_have_the_form_of_the_specification() -> None:
    assert len({new_secret() for _ in range(50)}) == 50
    assert len(base64.b64decode(NEW.removeprefix(PREFIX), validate=True)) == 32
    assert len(signing_key(Secret(PREFIX + OLD_TAIL))) == 32


def test_each_valid_secret_has_a_signature() -> None:
    current, previous = new_secret(), new_secret()
    sent = dict(
        headers(
            secrets=[Secret(current), Secret(previous)],
            event="assigned", delivery="d1", message_id="m1", timestamp=int(time.time()), body=b"{}",
        )
    )  # fmt: skip
    assert sent["webhook-id"] == "m1"
    assert sent["webhook-signature"].count(" ") == 1
    assert is_standard(current, sent, b"{}")
    assert is_standard(previous, sent, b"{}")
    assert not is_standard(new_secret(), sent, b"{}")
    assert not is_standard(current, sent, b"{} ")
    assert not is_standard(current, {**sent, "webhook-id": "m2"}, b"{}")
    old = str(int(time.time()) - 301)
    assert not is_standard(current, {**sent, "webhook-timestamp": old}, b"{}")


def test_an_event_has_one_id_in_each_tenant() -> None:
    one, other = uuid4(), uuid4()
    assert event_id(one, "assigned", "1") == event_id(one, "assigned", "1")
    found = [(one, "assigned", "1"), (one, "assigned", "2"), (one, "reopened", "1"), (other, "assigned", "1")]
    assert len({event_id(*event) for event in found}) == 4
    assert {(event_id(*event).version, event_id(*event).variant) for event in found} == {(8, RFC_4122)}
