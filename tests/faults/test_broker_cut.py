"""Connections to the broker are reset while messages are unacknowledged: the worker recovers and no work is lost.

In this situation, kombu sometimes ends a worker (AttributeError: 'NoneType' object has no attribute 'hostname'), as
`portal.worker_supervisor` describes. The test succeeds in both cases.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.assessments.collect.azure import directory, guid, subscription, write
from tests.faults.broker_proxy import broker_proxy
from tests.faults.installation import children_of, installed

BACK_SECONDS = 30
CUTS = 1  # More cuts were tested by hand; each cut needs an assessment.


def test_a_worker_is_back_after_its_connections_were_cut(tmp_path_factory: pytest.TempPathFactory) -> None:
    lines = [directory(), *(line for n in range(1, 4) for line in subscription(guid(n)))]
    estate = write(tmp_path_factory.mktemp("cut") / "estate.jsonl", lines)
    with installed(estate) as site:
        # The embedded broker listens on a Unix socket: redis+socket://USER:PASSWORD@/PATH.
        address = urlsplit(site.valkey.broker_url())
        with broker_proxy(Path(address.path)) as proxy:
            credentials = f"{address.username}:{address.password}"
            direct = dict(site.environment)
            site.environment |= {
                "BROKER_URL": f"redis://{credentials}@127.0.0.1:{proxy.port}/0",
                "CACHE_URL": site.valkey.cache_url(),
            }
            supervisor = site.start_worker()
            site.environment = direct  # The connection of the process that starts assessments is not reset.
            tenant = site.tenant()
            for _ in range(CUTS):
                site.ask("start", tenant)
                time.sleep(2)
                # Tasks that wait for the database stay unacknowledged until their retry.
                site.forget_site()
                os.kill(site.postgres.pid(), signal.SIGKILL)
                time.sleep(1.5)
                proxy.refusing = True
                proxy.cut()
                time.sleep(0.5)
                proxy.refusing = False
                site.postgres.ensure()
                begun = time.monotonic()
                while not children_of(supervisor.pid):
                    assert time.monotonic() - begun < BACK_SECONDS
                    time.sleep(0.1)
                assert supervisor.poll() is None
                state = site.ended(tenant, 120)
                assert (state["state"], state["units_ended"]) == ("finished", 4)
