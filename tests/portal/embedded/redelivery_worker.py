"""A Celery application with the product's own settings and two tasks, run by test_redelivery."""

from __future__ import annotations

import os
import time

import redis
from celery import Celery

from portal.settings import celery as product
from portal.workers.checked_broker import use_checked_transport

use_checked_transport()
app = Celery("redelivery")
app.config_from_object(product, namespace="CELERY")
app.conf.update(broker_url=os.environ["TEST_BROKER"], beat_schedule={})


@app.task(name="slow")
def slow(url: str) -> None:
    """Record each start and each end. The first run takes ten minutes; later runs return immediately."""
    with redis.Redis.from_url(url) as client:
        if client.rpush("begins", time.time()) == 1:
            time.sleep(600)
        client.rpush("ends", time.time())


@app.task(name="note")
def note(url: str) -> None:
    """Record each run."""
    with redis.Redis.from_url(url) as client:
        client.rpush("notes", time.time())
