"""Measure the monthly reports of many customers, from the due time to the mails, without any action of a person.

`python -m benchmarks.monthly_reports [--customers N] [--window MINUTES] [--workers N]` imports and assesses customers
as `benchmarks.many_customers` does. It adds a monthly schedule of the organization, with two recipients, that is due
in two minutes. Workers with their scheduler build, sign and mail the reports. Meanwhile, the mail server refuses
every tenth attempt to send a mail, and one worker process is killed (SIGKILL) while it builds a report. The PDF in each
mail that arrives is compared with the report's stored SHA-256. The benchmark prints how late the reports were, how long
they took, and the memory used.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, override
from uuid import UUID

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from benchmarks.many_customers import imported_customers, schedule, summary, until_ended
from benchmarks.shared.installation import MANAGE
from benchmarks.shared.processes import ProcessSampler, descendants_of, until_ready
from tests.portal.notify.mail_server import MailServer

if TYPE_CHECKING:
    from portal.workers.child_processes import ChildProcesses

TIMEOUT: Final = timedelta(minutes=30)
RECIPIENTS: Final = ("audit@customers.example", "board@customers.example")


class Refusing(MailServer):
    """A mail server that refuses every tenth attempt to send a mail, with the status 451, and accepts the next
    attempt."""

    seen = refused = 0

    @override
    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.seen += 1
        if self.seen % 10 == 5:
            self.refused += 1
            return "451 Try again later"
        return await super().handle_DATA(server, session, envelope)


def add_monthly(organization: str, window: int) -> datetime:
    """Add a monthly schedule with `manage.py report_schedules`. Return the time at which it is due, in less than two
    minutes."""
    begins = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(minutes=2)
    when = f"monthly {begins.day} {begins:%H:%M} within {window}"
    command = [sys.executable, str(MANAGE), "report_schedules", "add", organization, "--organization"]
    more = ["--name", "Monthly report", "--when", when, *(f"--to={address}" for address in RECIPIENTS)]
    subprocess.run([*command, *more], check=True, capture_output=True)
    return begins


def kill_one_build(parent: int) -> bool:
    """If a worker process is building a report, kill this process. Return whether a process was killed."""
    for pid in descendants_of(parent):
        try:
            if b"typesetter.py" in Path(f"/proc/{pid}/cmdline").read_bytes():
                building = int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
                os.kill(building, signal.SIGKILL)
                return True
        except (FileNotFoundError, ProcessLookupError):
            continue  # the process has ended
    return False


def until_sent(
    organization: UUID, count: int, window: int, processes: ChildProcesses, worker: int
) -> tuple[bool, datetime]:
    """Wait until all mails were accepted. Return whether a worker process was killed, and the time of the last mail."""
    from portal.distribution.models import ReportDelivery
    from portal.reports.models import Report
    from tenants.scope import organization_scope

    deadline = time.monotonic() + (timedelta(minutes=window) + TIMEOUT).total_seconds()
    printed, killed = 0.0, False
    while True:
        if exited := processes.first_exited():
            raise SystemExit(f"The {exited[0]} exited with status {exited[1]}.")
        with organization_scope(organization):
            ready = Report.objects.filter(state="ready").count()
            times = list(ReportDelivery.objects.filter(state="sent").values_list("sent_at", flat=True))
        if len(times) == count * len(RECIPIENTS):
            return killed, max(at for at in times if at is not None)
        if time.monotonic() > deadline:
            raise SystemExit(f"{ready} reports and {len(times)} mails before the time-out.")
        if not killed and ready >= min(10, count // 2):
            killed = kill_one_build(worker)
        if time.monotonic() - printed > 60:
            printed = time.monotonic()
            print(f"{datetime.now(UTC):%H:%M:%S} reports {ready}, mails {len(times)}", flush=True)
        time.sleep(0.2 if not killed else 2)


def print_figures(organization: UUID, mails: list[EmailMessage], begins: datetime) -> None:
    """Print the figures of all reports, and compare the attached PDFs with the stored hashes."""
    from portal.distribution.models import ReportRun
    from portal.reports.models import Report
    from tenants.scope import organization_scope

    with organization_scope(organization):
        runs = list(ReportRun.objects.all())
        reports = {(row.tenant_id, row.number): row for row in Report.objects.all()}
    print(f"runs by state: {dict(Counter(run.state for run in runs))}")
    built = [reports[run.tenant_id, run.report_number] for run in runs if run.report_number is not None]
    hashes = sorted([report.sha256 for report in built] * len(RECIPIENTS))
    attached = []
    for mail in mails:
        (attachment,) = mail.iter_attachments()
        content = attachment.get_payload(decode=True)
        assert isinstance(content, bytes)
        attached.append(hashlib.sha256(content).hexdigest())
    same = sum(one in set(hashes) for one in attached)
    print(f"mails whose attachment has the stored SHA-256: {same} of {len(mails)}")
    if sorted(attached) != hashes:
        raise SystemExit("The mails are not those of the reports.")
    waits = [(run.ended_at - run.due_at).total_seconds() for run in runs if run.ended_at]
    print(f"seconds between due time and end of the build: {summary(waits)}")
    lates = [
        (reports[run.tenant_id, run.report_number].created_at - run.due_at).total_seconds()
        for run in runs
        if run.report_number is not None
    ]
    print(f"seconds between due time and request: {summary(lates)}")
    print(f"megabytes of a report: {summary([report.size / 2**20 for report in built])}")
    print(f"pages of a report: {summary([float(report.pages) for report in built])}")
    print(f"reports that needed a second attempt: {sum(report.attempt > 1 for report in built)}")
    last = max(run.due_at for run in runs)
    print(
        f"last report was due {(last - begins).total_seconds() / 60:.1f} min after the beginning of the window"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--customers", type=int, default=50)
    parser.add_argument("--window", type=int, default=5, help="minutes in which the reports start")
    parser.add_argument("--workers", type=int, default=2, help="worker processes")
    options = parser.parse_args()
    with imported_customers(options.customers) as (processes, home, organization):
        _measure(processes, home, organization, options)


def _measure(processes: ChildProcesses, home: Path, organization: UUID, options: argparse.Namespace) -> None:
    """Assess all customers, then let the schedule build and send all reports, and print the figures."""
    # aiosmtpd logs each line of the protocol, so raise its log level
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    mails = Refusing()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(mails, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        os.environ |= {
            "SURETY_SMTP_HOST": "127.0.0.1",
            "SURETY_SMTP_PORT": str(port),
            "SURETY_SMTP_STARTTLS": "0",
        }
        command: list[Any] = [sys.executable, str(MANAGE), "worker", f"--concurrency={options.workers}"]
        with (home / "worker.log").open("ab") as log:
            worker = processes.start("workers", command, log=log)
        until_ready(processes)
        schedule(organization, 2)
        until_ended(organization, options.customers, 2, processes)
        sampler = ProcessSampler(worker.pid)
        sampler.start()
        begins = add_monthly("benchmark", options.window)
        print(
            f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores; begins at {begins:%H:%M}",
            flush=True,
        )
        killed, last = until_sent(organization, options.customers, options.window, processes, worker.pid)
        sampler.end()
    finally:
        controller.stop()
    print(f"load average {os.getloadavg()[0]:.1f}; a worker process was killed: {killed}")
    minutes = (last - begins).total_seconds() / 60
    print(f"mails refused once: {mails.refused}; all sent {minutes:.1f} min after the beginning")
    print_figures(organization, mails.received, begins)
    print(
        f"processor time of the workers {sum(sampler.cpu_seconds.values()):.0f} s; memory of all {len(sampler.peak_mb)}"
        f" processes together {sampler.together_mb:.0f} MB (PSS), of the largest {max(sampler.peak_mb.values()):.0f} MB"
    )
    errors = [line for line in (home / "worker.log").read_text().splitlines() if '"level": "error"' in line]
    print(f"errors in the log of the workers: {len(errors)}", *errors[:5], sep="\n")


if __name__ == "__main__":
    main()
