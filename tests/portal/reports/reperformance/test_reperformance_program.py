"""The file of `surety-verify` contains everything that re-performance needs, and nothing of Django."""

from __future__ import annotations

import ast
import subprocess
import sys
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings

from assessments.controls.registry import catalogue
from portal.reports.offline.bundle import CannotBundle, whole_modules
from portal.reports.reperformance import archive
from portal.reports.reperformance.archive import program_archive

ROOT = Path(settings.BASE_DIR)


@pytest.mark.slow(seconds=1)
def test_the_file_contains_the_engine_and_no_django() -> None:
    with zipfile.ZipFile(BytesIO(program_archive())) as found:
        files = {name: found.read(name) for name in found.namelist()}
    controls = {f"{control.module.replace('.', '/')}.py" for control in catalogue().values()}
    assert controls < files.keys()
    for name, content in files.items():
        if name.startswith("assessments/"):
            assert content == (ROOT / name).read_bytes(), name
        if name.endswith(".py"):
            for node in ast.walk(ast.parse(content)):
                if isinstance(node, ast.Import):
                    sources = [alias.name for alias in node.names]
                else:
                    sources = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                assert not {source.partition(".")[0] for source in sources} & {
                    "django",
                    "pikepdf",
                    "celery",
                }, name
    assert not any(name.startswith(("tenants/", "portal/settings")) for name in files)


@pytest.mark.slow(seconds=1)
def test_without_pyhanko_or_with_an_old_python_nothing_is_judged(tmp_path: Path) -> None:
    """The exit status is neither 1 (verdicts differ) nor 2 (the bundle cannot be used, or its report is invalid)."""
    path = tmp_path / "surety-verify.pyz"
    path.write_bytes(program_archive())
    start = "import runpy; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    for before, message in (
        ("import sys;", "This program requires pyHanko. Install it with: python -m pip install pyhanko\n"),
        ("import sys; sys.version_info = (3, 11, 9);", "This program requires Python 3.12 or newer.\n"),
    ):
        command = [sys.executable, "-I", "-S", "-c", f"{before} {start}", str(path), "bundle.zip"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env={})
        assert (done.returncode, done.stdout, done.stderr) == (70, "", message)


@pytest.mark.slow(seconds=1)
def test_equal_versions_give_equal_files() -> None:
    archive._archive.cache_clear()
    first = program_archive()
    archive._archive.cache_clear()
    assert program_archive() == first
    assert len(first) < 2 * 2**20


def test_requests_at_the_same_time_build_the_file_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Anybody can request the file. If each request built it, twenty requests would occupy the web server for 14 s."""
    built: list[int] = []

    def files() -> dict[str, bytes]:
        built.append(1)
        time.sleep(0.05)
        return {"a.py": b""}

    monkeypatch.setattr(archive, "_files", files)
    archive._archive.cache_clear()
    try:
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda _: program_archive(), range(4)))
    finally:
        archive._archive.cache_clear()
    assert len(set(found)) == len(built) == 1


def test_modules_that_need_more_than_pyhanko_are_refused() -> None:
    with pytest.raises(CannotBundle, match="django"):
        whole_modules(["assessments.selectors"])
