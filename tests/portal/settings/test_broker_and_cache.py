"""Broker and cache accept only JSON, and have separate users."""

from __future__ import annotations

from pathlib import Path

import pytest
from celery import current_app
from django.core.checks import run_checks
from django.test import override_settings

from portal.cache_serializer import JSONCacheSerializer
from portal.settings.database import CACHES
from tests.portal.settings.read_settings import URLS, read


def test_only_json_is_read_anywhere(tmp_path: Path) -> None:
    values = read(
        tmp_path,
        *("CACHES", "CELERY_ACCEPT_CONTENT", "CELERY_TASK_SERIALIZER", "SESSION_SERIALIZER"),
    )
    assert (
        values["CACHES"]["default"]["OPTIONS"]["serializer"] == "portal.cache_serializer.JSONCacheSerializer"
    )
    assert values["CELERY_ACCEPT_CONTENT"] == ["json"]
    assert values["CELERY_TASK_SERIALIZER"] == "json"
    assert values["SESSION_SERIALIZER"].endswith("JSONSerializer")
    assert set(current_app.conf.accept_content) == {"json"}
    assert set(current_app.conf.result_accept_content or ["json"]) == {"json"}


def test_what_json_cannot_hold_is_refused_when_it_is_stored() -> None:
    serializer = JSONCacheSerializer()
    for value in ({1, 2}, object(), b"bytes", float("nan")):
        with pytest.raises((TypeError, ValueError)):
            serializer.dumps(value)
    assert serializer.dumps(True) == b"true"
    assert serializer.dumps(7) == 7


@pytest.mark.parametrize(
    "data", [b"[" * 200_000 + b"]" * 200_000, b'{"a":' * 100_000 + b"1" + b"}" * 100_000]
)
def test_deeply_nested_json_of_others_counts_as_not_cached(data: bytes) -> None:
    assert JSONCacheSerializer().loads(data) is None


def test_the_embedded_cache_has_a_user_of_its_own(tmp_path: Path) -> None:
    values = read(tmp_path / "home", "CACHES", "CELERY_BROKER_URL")
    assert values["CELERY_BROKER_URL"].startswith("redis+socket://broker:")
    assert values["CACHES"]["default"]["LOCATION"].startswith("unix://cache:")


@pytest.mark.slow(seconds=2)
@pytest.mark.parametrize(
    ("cache", "warned"),
    [
        (URLS["BROKER_URL"], True),
        ("rediss://:x@broker.example:6380/1", True),
        ("rediss://surety-cache:y@broker.example:6380/1", False),
        ("rediss://:y@cache.example:6380/0", False),
    ],
    ids=["the broker's address", "another database", "another user", "another server"],
)
def test_a_cache_with_the_brokers_user_is_a_warning_of_the_deployment_check(cache: str, warned: bool) -> None:
    with override_settings(
        CELERY_BROKER_URL=URLS["BROKER_URL"], CACHES={"default": {**CACHES["default"], "LOCATION": cache}}
    ):
        found = {message.id for message in run_checks(include_deployment_checks=True)}
    assert ("surety.W005" in found) is warned
