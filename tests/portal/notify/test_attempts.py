"""The time of the next attempt to send a mail, post, ticket or report."""

from __future__ import annotations

from django.utils import timezone

from portal.notify.attempts import retry_time


def waits(attempts: int) -> list[float]:
    return [
        (retry_time(attempts, first=30, maximum=14400) - timezone.now()).total_seconds() for _ in range(30)
    ]


def test_retry_delays_double_up_to_a_limit() -> None:
    for attempts, seconds in [(1, 30), (2, 60), (5, 480), (9, 7680), (10, 14400), (12, 14400)]:
        found = waits(attempts)
        assert all(0.79 * seconds <= wait <= 1.2 * seconds for wait in found)
        assert len(set(found)) > 1


def test_delays_after_many_attempts_are_the_limit() -> None:
    """Mails about accounts have no maximum of attempts, so the delay must be computed for any number of attempts."""
    assert all(0.79 * 14400 <= wait <= 1.2 * 14400 for wait in waits(5000))


def test_the_minimum_of_a_receiver_is_kept() -> None:
    later = retry_time(1, first=30, maximum=14400, minimum=600) - timezone.now()
    assert 599 < later.total_seconds() <= 600
