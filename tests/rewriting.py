"""Share pytest's rewriting of assertions among the xdist workers.

Every worker imports all test modules, in the same order and at the same time. In a clone without pytest's cache, each
worker would rewrite all modules (8 s of processor time). So each worker first rewrites its share, and then finds the
other modules in the cache.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from _pytest.assertion import rewrite

TESTS = Path(__file__).parent


def rewrite_share(config: pytest.Config) -> None:
    """Rewrite assertions in this worker's share of the test modules, unless cached. Without xdist, do nothing."""
    given = getattr(config, "workerinput", None)
    if given is None or sys.dont_write_bytecode:
        return
    state = config.stash[rewrite.assertstate_key]
    number, workers = int(given["workerid"].removeprefix("gw")), given["workercount"]
    for path in sorted(TESTS.rglob("test_*.py"))[number::workers]:
        cache = rewrite.get_cache_dir(path)
        cache.mkdir(exist_ok=True)
        target = cache / f"{path.stem}{rewrite.PYC_TAIL}"
        if rewrite._read_pyc(path, target) is None:
            source_hash, code = rewrite._rewrite_test(path, config)
            rewrite._write_pyc(state, code, source_hash, target)
