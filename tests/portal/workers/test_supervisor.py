"""The supervisor with small programs as workers: restarts, delays, silence and the clean stop."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

from portal.settings.env import BASE_DIR
from portal.workers.health import SUPERVISOR_VARIABLE

PROGRAM = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
from portal.workers.supervisor import Supervisor, Timing
timing = Timing(first_delay=0.1, longest_delay=0.4, healthy_after=5, start=1.0, silence=1.0, stop=1.0)
Supervisor([sys.executable, "-c", sys.argv[1]], lambda: sys.argv[2] == "yes", timing).run()
"""
START = "import os, sys, time, signal\nopen('starts', 'a').write(f'{time.monotonic()} {os.getpid()}\\n')\n"
BEAT = "import threading\nfd = int(os.environ['SURETY_WORKER_HEARTBEAT'])\n"
BEATING = START + BEAT + "while True:\n    os.write(fd, b'.'); time.sleep(0.1)\n"


def supervise(folder: Path, worker: str, answers: str = "yes") -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, worker, answers],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(BASE_DIR)},
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )


def starts(folder: Path) -> list[tuple[float, int]]:
    path = folder / "starts"
    lines = path.read_text().splitlines() if path.exists() else []
    return [(float(line.split()[0]), int(line.split()[1])) for line in lines]


def wait_for(folder: Path, count: int) -> list[tuple[float, int]]:
    deadline = time.monotonic() + 20
    while len(found := starts(folder)) < count:
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    return found


def stop(supervisor: subprocess.Popen[bytes], number: int = signal.SIGTERM) -> float:
    begun = time.monotonic()
    supervisor.send_signal(number)
    assert supervisor.wait(15) == 0
    return time.monotonic() - begun


@pytest.mark.slow(seconds=2)
@pytest.mark.parametrize("status", [0, 1])
def test_a_worker_that_ends_is_started_again_with_a_growing_but_bounded_delay(
    tmp_path: Path, status: int
) -> None:
    supervisor = supervise(tmp_path, START + f"sys.exit({status})")
    found = wait_for(tmp_path, 6)
    stop(supervisor)
    delays = [after[0] - before[0] for before, after in pairwise(found)]
    assert delays[0] < delays[2]
    assert all(delay < 2.5 for delay in delays)


@pytest.mark.slow(seconds=1)
def test_a_killed_worker_is_replaced_and_its_children_are_killed(tmp_path: Path) -> None:
    child = (
        START
        + "import subprocess\nc = subprocess.Popen(['sleep', '60'])\nopen('child', 'w').write(str(c.pid))\n"
    )
    supervisor = supervise(tmp_path, child + BEAT + "while True:\n    os.write(fd, b'.'); time.sleep(0.1)\n")
    (_, worker) = wait_for(tmp_path, 1)[0]
    deadline = time.monotonic() + 5
    while not (tmp_path / "child").exists() or not (tmp_path / "child").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    left = int((tmp_path / "child").read_text())
    os.kill(worker, signal.SIGKILL)
    wait_for(tmp_path, 2)
    assert not Path(f"/proc/{left}").exists() or "Z" in Path(f"/proc/{left}/stat").read_text().split()[2]
    stop(supervisor)


@pytest.mark.slow(seconds=1)
def test_a_worker_without_heartbeats_is_replaced_if_the_broker_answers(tmp_path: Path) -> None:
    supervisor = supervise(tmp_path, START + "time.sleep(60)")
    wait_for(tmp_path, 3)
    stop(supervisor)


@pytest.mark.slow(seconds=1)
def test_a_worker_that_waits_for_its_broker_is_left_alone(tmp_path: Path) -> None:
    supervisor = supervise(tmp_path, START + "time.sleep(60)", answers="no")
    wait_for(tmp_path, 1)
    time.sleep(3)
    assert len(starts(tmp_path)) == 1
    stop(supervisor)


@pytest.mark.slow(seconds=1)
def test_a_beating_worker_runs_on_and_is_stopped_at_once(tmp_path: Path) -> None:
    supervisor = supervise(tmp_path, BEATING)
    [(_, worker)] = wait_for(tmp_path, 1)
    time.sleep(3)
    assert len(starts(tmp_path)) == 1
    assert stop(supervisor, signal.SIGINT) < 2
    assert not Path(f"/proc/{worker}").exists()
    assert len(starts(tmp_path)) == 1


@pytest.mark.slow(seconds=1)
def test_a_worker_that_ignores_the_stop_is_killed(tmp_path: Path) -> None:
    ignoring = "for n in (signal.SIGTERM, signal.SIGQUIT):\n    signal.signal(n, signal.SIG_IGN)\n"
    supervisor = supervise(tmp_path, "import signal\n" + ignoring + BEATING)
    [(_, worker)] = wait_for(tmp_path, 1)
    assert stop(supervisor) < 8
    assert not Path(f"/proc/{worker}").exists()


@pytest.mark.slow(seconds=1)
def test_a_worker_whose_supervisor_died_while_it_started_ends() -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    imports = "import time; from portal.workers.health import end_with_supervisor"
    started = f"{imports}; end_with_supervisor(); time.sleep(60)"
    worker = subprocess.Popen(
        [sys.executable, "-c", started],
        cwd=BASE_DIR,
        env={**os.environ, SUPERVISOR_VARIABLE: str(dead.pid)},
        start_new_session=True,
    )
    try:
        assert worker.wait(50) == -signal.SIGTERM
    finally:
        worker.kill()
