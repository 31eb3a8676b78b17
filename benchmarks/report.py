"""Measure the time, memory and size of reports.

`python -m benchmarks.report [--findings N] [--failing N] [--pdf FILE]` measures `build_requested`, the function that a
worker calls. This function reads the rows of the database, and builds, signs and stores the file. Processor time is the
sum of this process and of the processes that typeset the pages. Memory is the proportional set size (`MemorySampler`),
and must not exceed bounds (`check_bounds`). Signing, and the verification afterwards, are measured separately. Before
the measurement, a report of a small customer is built, so that the loading of modules and fonts is not measured: in a
worker, an earlier report has usually loaded them.

Afterwards, all findings of the large customer are exported as JSON and as OSCAL, as the findings page does.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Self

from benchmarks.shared.installation import installation
from benchmarks.shared.processes import children_of

if TYPE_CHECKING:
    from tenants.models import Tenant

MEGABYTE = 2**20
# If a report needs more memory than these bounds permit, the benchmark ends with an error. The same bounds apply on
# every machine, because the memory of a report hardly depends on the load of the machine. The process that typesets the
# pages may use MAX_TYPESETTING megabytes, for any number of pages. In reports of at least MANY_FINDINGS findings, the
# benchmark's own process may grow by MAX_BYTES_PER_FINDING bytes for each finding.
MAX_TYPESETTING = 260
MAX_BYTES_PER_FINDING = 1500
MANY_FINDINGS = 100_000


def peak_memory() -> float:
    """Return the peak resident memory of this process in megabytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def processor_time() -> float:
    """Return the processor time of this process and of its child processes that have ended, in seconds."""
    return sum(os.times()[:4])


class MemorySampler(Thread):
    """A thread that reads the memory of this process and of its child processes ten times a second.

    The measure is the proportional set size (PSS) in `/proc/PID/smaps_rollup`. Several processes can share a page of
    memory, such as a page of a library. Each process then counts its part of the page, so the sum of all processes
    counts the page once. The sum of the resident set sizes would count the page for each process.

    `begin` is the PSS of this process at the beginning. `own`, `child` and `peak` are the highest PSS of this process,
    of a child process, and of all processes at the same time. All are in megabytes. `used` is the processor time of
    this thread, in seconds.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.begin = _pss("self")
        self.own = self.child = self.peak = self.used = 0.0
        self._end = Event()

    def run(self) -> None:
        while not self._end.wait(0.1):
            children = [_pss(str(pid)) for pid in children_of(os.getpid())]
            own = _pss("self")
            self.own, self.child = max(self.own, own), max([self.child, *children])
            self.peak = max(self.peak, own + sum(children))
        self.used = time.thread_time()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self.join()


def _pss(process: str) -> float:
    """Return the PSS of a process in megabytes, or 0 if the process has ended."""
    try:
        lines = Path("/proc", process, "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)


def check_bounds(memory: MemorySampler, findings: int) -> None:
    """End the benchmark with an error if a report on this number of findings needed more memory than the bounds
    permit."""
    if memory.child > MAX_TYPESETTING:
        raise SystemExit(f"Typesetting needed {memory.child:.0f} MB, and the bound is {MAX_TYPESETTING} MB.")
    growth = (memory.own - memory.begin) * MEGABYTE / findings
    if findings >= MANY_FINDINGS and growth > MAX_BYTES_PER_FINDING:
        raise SystemExit(
            f"The process grew by {growth:.0f} bytes for each finding, and the bound is {MAX_BYTES_PER_FINDING}."
        )


def build(tenant: Tenant, findings: int) -> bytes:
    """Build a report on this number of findings, print its figures, and return the PDF."""
    from portal.reports import signed_content
    from portal.reports.actions import build_requested, request_report
    from portal.reports.records.installation_trust import installation_trust
    from portal.reports.verification.verify import verify_pdf
    from tenants.actors import System
    from tenants.scope import tenant_scope

    spent: list[float] = []
    signs = signed_content.sign  # type: ignore[attr-defined]
    signed_content.sign = timed(signs, spent)  # type: ignore[attr-defined]
    with tenant_scope(tenant.pk):
        report = request_report(tenant=tenant, by=System("benchmark"))
    began, used = time.perf_counter(), processor_time()
    with MemorySampler() as memory:
        build_requested(tenant_id=tenant.pk, report_id=report.pk)
    wall = time.perf_counter() - began
    processor = processor_time() - used - memory.used
    signed_content.sign = signs  # type: ignore[attr-defined]
    with tenant_scope(tenant.pk):
        report.refresh_from_db()
        if report.state != report.State.READY:
            raise SystemExit(report.error)
        with report.file.open("rb") as file:
            content: bytes = file.read()
        trust = installation_trust()
    began = time.perf_counter()
    result = verify_pdf(content, trust)
    verified = time.perf_counter() - began
    if not result.valid:
        raise SystemExit(" ".join(result.problems))
    print(
        f"  {wall:.1f} s ({processor:.1f} s of processor time) of which {sum(spent):.2f} s to sign; peak (PSS)"
        f" {memory.own:.0f} MB and {memory.child:.0f} MB for typesetting, {memory.peak:.0f} MB together;"
        f" {report.pages} pages, {len(content) / MEGABYTE:.1f} MB; verified in {verified:.2f} s"
    )
    check_bounds(memory, findings)
    return content


def export(tenant: Tenant) -> None:
    """Export all findings as JSON and as OSCAL, and print the figures."""
    from django.utils import timezone

    from assessments.models import Finding
    from portal.queries.findings.export import exported, with_exported_columns
    from portal.queries.findings.json_lines import findings_json
    from portal.queries.findings.oscal import oscal_results
    from portal.web.shared.visible import unit_names
    from tenants.scope import tenant_scope

    for name in ("JSON", "OSCAL"):
        Path("/proc/self/clear_refs").write_text("5")
        began, used = time.perf_counter(), processor_time()
        with tenant_scope(tenant.pk):
            now = timezone.now()
            rows = exported(with_exported_columns(Finding.objects.all(), now), tenant, unit_names(tenant))
            pieces = findings_json(rows) if name == "JSON" else oscal_results(rows, tenant, now)
            size = sum(map(len, pieces))
        wall, processor = time.perf_counter() - began, processor_time() - used
        print(
            f"  Export as {name}: {wall:.1f} s ({processor:.1f} s of processor time), peak {peak_memory():.0f} MB,"
            f" {size / MEGABYTE:.0f} MB"
        )


def timed(function: Callable[..., Any], spent: list[float]) -> Callable[..., Any]:
    """Return a function that calls `function` and appends the duration of the call in seconds to `spent`."""

    def call(*args: Any, **options: Any) -> Any:
        began = time.perf_counter()
        try:
            return function(*args, **options)
        finally:
            spent.append(time.perf_counter() - began)

    return call


def attachment_sizes(content: bytes) -> dict[str, tuple[int, int]]:
    """Return {name of an attachment of a PDF: (its compressed size, its original size)}, in bytes."""
    import io

    import pikepdf

    with pikepdf.open(io.BytesIO(content)) as pdf:
        streams = {name: file.obj.EF.F for name, file in pdf.attachments.items()}
        return {
            name: (len(stream.read_raw_bytes()), int(stream.Params.Size)) for name, stream in streams.items()
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--findings", type=int, default=210_000)
    parser.add_argument("--failing", type=int, default=10_000)
    parser.add_argument("--pdf", metavar="FILE", help="write the large report")
    parser.add_argument("--profile", metavar="FILE", help="write a profile of the large report")
    options = parser.parse_args()
    with installation():
        from benchmarks.shared import many_findings, report_data
        from tenants.models import Person

        person = Person.objects.create_user("benchmark@example.com", name="Benchmark")
        for name, findings, failing in (
            ("Warm-up", 66, 10),
            ("Usual", 500, 200),
            ("Large", options.findings, options.failing),
        ):
            tenant = many_findings.tenant_of(name, person)
            report_data.write(tenant, findings, failing)
            many_findings.vacuum()
            print(
                f"{findings} findings, {failing} failing (load average {os.getloadavg()[0]:.1f})", flush=True
            )
            if options.profile and name == "Large":
                import cProfile

                with cProfile.Profile() as profile:
                    content = build(tenant, findings)
                profile.dump_stats(options.profile)
            else:
                content = build(tenant, findings)
        for name, (inside, size) in attachment_sizes(content).items():
            print(f"  {name}: {inside / MEGABYTE:.1f} MB in the file, {size / MEGABYTE:.1f} MB")
        if options.pdf:
            Path(options.pdf).write_bytes(content)
        export(tenant)


if __name__ == "__main__":
    main()
