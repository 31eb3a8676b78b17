"""Measure time, memory and size of reports: `python -m benchmarks.report [--findings N] [--failing N]`.

The figures are those of `build_requested`, the function that a worker calls: from the rows of the database to the
signed and stored file. Processor time and peak memory are the sums of this process and of the process that sets the
pages. The time of signing is measured separately, and verification afterwards. A first
report of a small customer loads modules and fonts, as an earlier report does in a worker.
"""

from __future__ import annotations

import argparse
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.installation import installation

if TYPE_CHECKING:
    from tenants.models import Tenant

MEGABYTE = 2**20


def peak_memory() -> float:
    """Return the peak resident memory of this process in megabytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def processor_time() -> float:
    """Return the processor time of this process and of its child processes that have ended, in seconds."""
    return sum(os.times()[:4])


def peak_of_children() -> float:
    """Return the highest peak of the resident memory of a child process that has ended, in megabytes."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def build(tenant: Tenant) -> dict[str, Any]:
    """Build a report, print its figures, and return {attachment: size in the file, size}."""
    from portal.reports import actions
    from portal.reports.actions import build_requested, request_report
    from portal.reports.installation_trust import installation_trust
    from portal.reports.verify import verify_pdf
    from tenants.actors import System
    from tenants.scope import tenant_scope

    spent: list[float] = []
    actions.sign, signs = timed(actions.sign, spent), actions.sign  # type: ignore[attr-defined]
    with tenant_scope(tenant.pk):
        report = request_report(tenant=tenant, by=System("benchmark"))
    Path("/proc/self/clear_refs").write_text("5")  # Begin a new measurement of the peak.
    began, used = time.perf_counter(), processor_time()
    build_requested(tenant_id=tenant.pk, report_id=report.pk)
    wall, processor, peak = time.perf_counter() - began, processor_time() - used, peak_memory()
    actions.sign = signs  # type: ignore[attr-defined]
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
        f"  {wall:.1f} s ({processor:.1f} s of processor time) of which {sum(spent):.2f} s to sign; peak {peak:.0f} MB"
        f" and {peak_of_children():.0f} MB for setting the pages;"
        f" {report.pages} pages, {len(content) / MEGABYTE:.1f} MB; verified in {verified:.2f} s"
    )
    return attachment_sizes(content)


def timed(function: Callable[..., Any], spent: list[float]) -> Callable[..., Any]:
    """Return the function, which then appends the seconds of each call."""

    def call(*args: Any, **options: Any) -> Any:
        began = time.perf_counter()
        try:
            return function(*args, **options)
        finally:
            spent.append(time.perf_counter() - began)

    return call


def attachment_sizes(content: bytes) -> dict[str, tuple[int, int]]:
    """Return {attachment: (its size in the file, its size)}."""
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
    parser.add_argument("--profile", metavar="FILE", help="write a profile of the large report")
    options = parser.parse_args()
    with installation():
        from benchmarks import many_findings, report_data
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
                    sizes = build(tenant)
                profile.dump_stats(options.profile)
            else:
                sizes = build(tenant)
        for name, (inside, size) in sizes.items():
            print(f"  {name}: {inside / MEGABYTE:.1f} MB in the file, {size / MEGABYTE:.1f} MB")


if __name__ == "__main__":
    main()
