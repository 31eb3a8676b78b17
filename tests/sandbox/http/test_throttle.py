"""Throttling with ARM's limits."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.http.throttle import QUERIES, RATE, SIZE, WINDOW, Throttle
from tests.sandbox import estates as e
from tests.sandbox.running import Running, running, write_estate


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def waits(throttle: Throttle, count: int, client: str = "c", subscription: str | None = "s") -> list[float]:
    return [throttle.take("t", client, subscription)[0] for _ in range(count)]


def test_a_bucket_empties_and_refills() -> None:
    clock = Clock()
    throttle = Throttle(enabled=True, clock=clock)
    assert not any(waits(throttle, SIZE))
    assert waits(throttle, 1) == [1 / RATE]
    clock.now = 1.0
    assert [bool(wait) for wait in waits(throttle, 26)] == [False] * 25 + [True]
    clock.now = 1000.0
    assert not any(waits(throttle, SIZE))
    assert all(waits(throttle, 2))


def test_each_client_has_a_bucket_per_subscription() -> None:
    throttle = Throttle(enabled=True, clock=Clock())
    waits(throttle, SIZE + 1)
    assert waits(throttle, 1, client="other") == [0]
    assert waits(throttle, 1, subscription="other") == [0]
    assert waits(throttle, 1, subscription=None) == [0]


def test_all_clients_of_a_subscription_share_a_larger_bucket() -> None:
    throttle = Throttle(enabled=True, clock=Clock())
    for number in range(15):
        assert not any(waits(throttle, SIZE, client=f"c{number}"))
    assert all(waits(throttle, 1, client="one more"))


def test_replies_have_the_remaining_requests() -> None:
    throttle = Throttle(enabled=True, clock=Clock())
    headers = throttle.take("t", "c", "s")[1]
    assert headers == {
        "x-ms-ratelimit-remaining-subscription-reads": "249",
        "x-ms-ratelimit-remaining-subscription-global-reads": "3749",
    }
    assert throttle.take("t", "c", None)[1] == {"x-ms-ratelimit-remaining-tenant-reads": "249"}
    assert Throttle(enabled=False).take("t", "c", "s")[0] == 0


def test_queries_of_resource_graph_have_a_quota_in_a_window() -> None:
    clock = Clock()
    throttle = Throttle(enabled=True, clock=clock)
    found = [throttle.query("t", "c") for _ in range(QUERIES + 1)]
    assert [refused for refused, _ in found] == [False] * QUERIES + [True]
    assert found[0][1] == {"x-ms-user-quota-remaining": "14", "x-ms-user-quota-resets-after": "00:00:05"}
    clock.now = 1.5
    assert throttle.query("t", "c") == (
        True,
        {"x-ms-user-quota-remaining": "0", "x-ms-user-quota-resets-after": "00:00:04"},
    )
    assert throttle.query("t", "other")[0] is False
    clock.now = WINDOW
    assert throttle.query("t", "c")[0] is False
    unlimited = Throttle(enabled=False, clock=clock)
    assert not any(unlimited.query("t", "c")[0] for _ in range(QUERIES + 5))


@pytest.fixture(scope="module")
def throttled(tmp_path_factory: pytest.TempPathFactory, state: Path) -> Iterator[Running]:
    with running(
        state, write_estate(tmp_path_factory.mktemp("t") / "main.jsonl", e.main_estate())
    ) as sandbox:
        yield sandbox


@pytest.mark.slow(seconds=1)
def test_throttled_replies_have_retry_after(throttled: Running) -> None:
    path = f"/subscriptions/{e.TEST}"
    answers = [throttled.get(path, e.TENANT) for _ in range(SIZE)]
    assert {a.status_code for a in answers} <= {200, 429}
    refused = None
    for _ in range(600):
        refused = throttled.get(path, e.TENANT)
        if refused.status_code == 429:
            break
    assert refused is not None
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "1"
    assert refused.json()["error"]["code"] == "SubscriptionRequestsThrottled"
    assert throttled.get(e.S, e.TENANT).status_code == 200
