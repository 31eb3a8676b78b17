"""A Redis or Valkey cluster cannot be the broker, and the documentation names the error."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.conf import settings
from kombu import Connection, Consumer, Queue
from redis.backoff import ConstantBackoff
from redis.exceptions import ClusterCrossSlotError, MovedError
from redis.retry import Retry

from portal.embedded.valkey import Valkey
from portal.settings.env import BASE_DIR

OPERATIONS = BASE_DIR / "docs" / "operations"


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[str]:
    """The address of a cluster of one server."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(tmp_path), "--save", ""]
    options += ["--cluster-enabled", "yes", "--cluster-port", str(port + 1 if port < 65_000 else port - 1)]
    server = subprocess.Popen([Valkey(tmp_path).binary, *options], stdout=subprocess.DEVNULL)
    try:
        retry = Retry(ConstantBackoff(0.1), 100)
        with redis.Redis(port=port, retry=retry, retry_on_error=[redis.ConnectionError]) as client:
            client.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
            for _ in range(100):
                if "cluster_state:ok" in str(client.execute_command("CLUSTER", "INFO")):
                    break
                time.sleep(0.1)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(timeout=10)


def test_a_cluster_refuses_to_wait_for_messages_with_the_documented_error(cluster: str) -> None:
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    queue = Queue(settings.CELERY_TASK_DEFAULT_QUEUE)
    with (
        pytest.raises(ClusterCrossSlotError),
        Connection(cluster, transport_options=options) as connection,
        Consumer(connection, queue, on_message=lambda message: None),
    ):
        connection.drain_events(timeout=5)
    for page in ("servers.md", "troubleshooting.md"):
        text = (OPERATIONS / page).read_text(encoding="utf-8")
        assert f"`{MovedError.__name__}` or `{ClusterCrossSlotError.__name__}`" in text
