"""``manage.py demo``: run the whole product on one machine, from an empty database to a signed report."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import time_machine
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from rich.console import Console

from assessments.actions.start import start
from assessments.errors import AlreadyRunning
from assessments.models import Assessment, Unit, Watch
from portal.demo import azure, drift, seed_database, seed_treatments
from portal.demo.console import (
    ProgressBars,
    people_table,
    portfolio_table,
    print_current_secrets,
    step,
    verified,
)
from portal.demo.history.plans import DAYS
from portal.demo.history.record import beginning, restore_today
from portal.demo.people import CUSTOMERS, LARGE, PEOPLE, SMALL, Customer
from portal.demo.state import INTERRUPTED, DemoState
from portal.management.addresses import remark_about_proxy, require_free_address, site
from portal.management.commands.serve import web_server
from portal.management.embedded_servers import only_user_of_servers, temporary_servers
from portal.treatment.actions.transitions import apply_transitions
from portal.treatment.selectors.scores import standing
from portal.workers.child_processes import ChildProcesses, Terminated, child_processes, manage_command
from tenants.models import Tenant
from tenants.scope import organization_scope, tenant_scope

ASSESSMENTS_TIMEOUT_SECONDS = 900
WATCH_TIMEOUT_SECONDS = 180
# Two processes record the histories; each entry names the customers of one process. Both processes take about the same
# time: the history of Contoso takes as long as the histories of the three other customers together.
HISTORY_PROCESSES = (("contoso",), ("fabrikam", "tailspin", "wingtip"))


class Command(BaseCommand):
    help = (
        "Run the demonstration: assess its customers on an emulated Azure, write and verify a signed report, then"
        " serve the portal until Ctrl-C."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        address = urlsplit(settings.SURETY_URL)
        parser.add_argument(
            "--estate",
            type=Path,
            help="estate file of an additional customer; the report is about this customer",
        )
        parser.add_argument(
            "--no-serve", action="store_true", help="exit after the report instead of serving"
        )
        parser.add_argument(
            "--bind", default=f"127.0.0.1:{address.port or 8000}", help="ADDRESS:PORT of the portal"
        )
        parser.add_argument("--concurrency", type=int, default=2, help="worker processes (default: 2)")

    def handle(self, *args: Any, **options: Any) -> None:

        self.console = Console()
        if not self.console.is_terminal:
            # For a file or a pipe, rich assumes 80 columns. The table of results needs more.
            self.console.width = 130
        estate: Path | None = options["estate"]
        if estate is not None and not estate.is_file():
            raise CommandError(
                f"The estate file {estate} does not exist. Pass the path of an existing estate file (JSON Lines)."
            )
        if not options["no_serve"]:
            require_free_address(options["bind"])
        self.folder = Path(settings.SURETY_HOME) / "demo"
        self.folder.mkdir(parents=True, exist_ok=True)
        with only_user_of_servers(), temporary_servers():
            self.state = DemoState(self.folder / "demo.json")
            try:
                with child_processes() as processes:
                    # Other processes generate and serve the customers' Azure resources while this process creates the
                    # tables.
                    with ThreadPoolExecutor(1) as pool:
                        serving = pool.submit(self._serve_azure, processes, estate)
                        with step(self.console, "Creating the database and the customers' Azure resources"):
                            call_command("setup", verbosity=0, stdout=self.stderr)
                            customers = serving.result()
                    self._register(customers)
                    self._run(processes, customers, estate is not None, options)
            except azure.SandboxError as error:
                raise CommandError(f"The sandbox could not serve the estate files:\n{error}") from error
            except (KeyboardInterrupt, Terminated):
                self.console.print("\nStopped all processes of the demonstration.")

    def _run(
        self,
        processes: ChildProcesses,
        customers: list[tuple[Customer, dict[str, Any]]],
        has_own_estate: bool,
        options: dict[str, Any],
    ) -> None:
        self._record_history(processes)
        with (self.folder / "worker.log").open("ab") as log:
            processes.start(
                "workers",
                manage_command("worker", f"--concurrency={options['concurrency']}", "--name=demo"),
                environment=self._environment(),
                log=log,
            )
        tenants = self._assess(processes, customers)
        self._seed_treatments(processes, {tenant.slug: tenant for tenant in tenants})
        self.console.print(portfolio_table([self._row(tenant) for tenant in tenants]))
        reported = customers[-1][0].slug if has_own_estate else LARGE
        self._report(next(tenant for tenant in tenants if tenant.slug == reported))
        roles = [(p.email, self.state.password(p.email), p.role.label) for p in PEOPLE]
        self.console.print(people_table(roles))
        print_current_secrets(self.console, customers)
        if options["no_serve"]:
            self.console.print(
                "\nTo open the portal and sign in, start the demonstration again without SERVE=no: run make demo.",
                soft_wrap=True,
            )
            return
        # With the access log on the console, the URL and the passwords printed there would scroll out of view.
        with (self.folder / "web.log").open("ab") as log:
            processes.start(
                "web server", web_server(options["bind"]), environment=self._environment(), log=log
            )
        self.console.print(
            f"\nOpen the portal at [bold]{site(options['bind'])}[/bold] and sign in with one of these accounts. "
            f"Press Ctrl-C to stop. Logs: {self.folder}",
            soft_wrap=True,
        )
        if remark := remark_about_proxy(options["bind"]):
            self.console.print(remark, soft_wrap=True)
        raise CommandError(self._exit_message(*processes.wait()))

    def _serve_azure(
        self, processes: ChildProcesses, estate: Path | None
    ) -> list[tuple[Customer, dict[str, Any]]]:
        """Start the sandbox with the customers' estate files. Return the customers with their directories in the
        sandbox.

        This method runs in a thread while the tables are created, so it must not use the database.
        """
        folder = self.folder / "estates"
        folder.mkdir(exist_ok=True)
        customers = list(CUSTOMERS)
        files = [azure.write_estate(customer, folder) for customer in customers]
        for file in files:
            # If an earlier run was stopped while it recorded the history, the file still describes a past day.
            restore_today(file)
        added_estates: dict[str, str] = self.state.values.setdefault("estates", {})
        if estate is not None:
            # The estate file of `--estate` comes last, because the report is about the last customer.
            added_estates.pop(slug_of(estate), None)
            added_estates[slug_of(estate)] = str(estate.resolve())
        # Estate files of earlier runs are served too, because their customers are still registered.
        for slug, path in added_estates.items():
            if Path(path).is_file():
                customers.append(Customer(slug, slug.replace("-", " ").title(), f"from {path}", 0, 0, 0, 0))
                files.append(Path(path))
        self.sandbox = azure.serve(processes, files, self.state.port(), self.folder / "sandbox.log")
        self.state.update(estates=added_estates)
        self._start_recording(processes)
        return list(zip(customers, self.sandbox.directories, strict=True))

    def _register(self, customers: list[tuple[Customer, dict[str, Any]]]) -> None:
        """Register customers and people. The first run registers them at the time at which the recorded history of the
        customers begins.
        """
        now = timezone.now()
        at = now if "organization" in self.state.values else beginning(now)
        with time_machine.travel(at, tick=True):
            seed_database.register_customers(self.state, customers, self.sandbox, now)
            seed_database.register_people(self.state, now)

    def _environment(self) -> dict[str, str]:
        """Return the environment variables of the child processes.

        The variables permit the demonstration's channel to post to the sandbox, and make the watch read the activity
        logs more often.
        """
        own = {
            "SURETY_WEBHOOK_ALLOWED_HOSTS": "localhost",
            "SURETY_WEBHOOK_CA_FILE": self.sandbox.ca,
            "SURETY_WATCH_MINUTES": str(drift.WATCH_MINUTES),
        }
        return own | dict(os.environ)

    def _start_recording(self, processes: ChildProcesses) -> None:
        """Start the processes that record the history, in the first run only. These processes import their modules
        while this process creates the tables. They begin to record after this process has registered the customers.
        """
        self._recording = {}
        if self.state.values.get("history"):
            return
        with (self.folder / "history.log").open("ab") as log:
            for customers in HISTORY_PROCESSES:
                name = f"history of {' and '.join(customers)}"
                self._recording[name] = processes.start(
                    name, manage_command("demo_history", *customers), environment=self._environment(), log=log
                )

    def _record_history(self, processes: ChildProcesses) -> None:
        """Record the history of the customers, in the first run only. If the first run is interrupted, later runs do
        not continue the recording, and say so.
        """
        recorded = self.state.values.get("history")
        if recorded == INTERRUPTED:
            self.console.print(
                "An earlier run was stopped while it recorded the history, so a part of the history is missing. To"
                " record all of it, stop the demonstration with Ctrl-C, run make clean, then run make demo. make clean"
                " deletes all data in the state directory.",
                soft_wrap=True,
            )
        if recorded:
            return
        self.state.update(history=INTERRUPTED)
        running = self._recording
        with step(
            self.console,
            f"Recording {DAYS} days of history: assessments of earlier states of the Azure resources",
        ):
            while running:
                time.sleep(0.1)
                for name, process in list(running.items()):
                    if (status := process.poll()) is not None:
                        del running[name]
                        if status:
                            raise CommandError(self._exit_message(name, status))
        processes.forget_exited()
        self.state.update(history=True)

    def _assess(
        self, processes: ChildProcesses, customers: list[tuple[Customer, dict[str, Any]]]
    ) -> list[Tenant]:
        slugs = [customer.slug for customer, _ in customers]
        with organization_scope(seed_database.ensure_organization(self.state)):
            tenants = sorted(Tenant.objects.filter(slug__in=slugs), key=lambda t: slugs.index(t.slug))
        engineer = seed_treatments.load_actors().engineer
        for tenant in tenants:
            with tenant_scope(tenant.pk):
                try:
                    start(tenant=tenant, by=engineer)
                except AlreadyRunning:
                    # An earlier run of this command was stopped during its assessment. The workers resume this
                    # assessment.
                    self.console.print(f"{tenant.name}: resuming the unfinished assessment.")
        self._wait_for_assessments(processes, tenants)
        return tenants

    def _wait_for_assessments(self, processes: ChildProcesses, tenants: list[Tenant]) -> None:
        """Show a progress bar per customer until all assessments have ended."""
        bars = ProgressBars(self.console)
        deadline = time.monotonic() + ASSESSMENTS_TIMEOUT_SECONDS
        with bars.progress:
            while remaining := [tenant for tenant in tenants if not self._update_bar(bars, tenant)]:
                tenants = remaining
                if (exited := processes.first_exited()) is not None:
                    raise CommandError(self._exit_message(*exited))
                if time.monotonic() > deadline:
                    raise CommandError(
                        f"The assessments did not end within {ASSESSMENTS_TIMEOUT_SECONDS} s. "
                        f"Look for errors in {self.folder / 'worker.log'}."
                    )
                time.sleep(0.8)

    def _exit_message(self, process: str, status: int) -> str:
        return f"The {process} exited with status {status}. Look for the reason in the logs in {self.folder}."

    def _seed_treatments(self, processes: ChildProcesses, tenants: dict[str, Tenant]) -> None:
        """Assign owners, request exceptions and so on in the demonstration. Then change a resource with an approved
        exception. The watch finds this change, and the exception goes back to its approver.

        Only the first run of the command does this.
        """
        if self.state.values.get("played"):
            return
        large, small = tenants[LARGE], tenants[SMALL]
        people = seed_treatments.load_actors()
        with tenant_scope(small.pk):
            seed_treatments.seed_small_customer(small, people)
        with tenant_scope(large.pk):
            excepted = seed_treatments.seed_large_customer(large, people)
        if excepted is not None:
            estate = self.folder / "estates" / f"{large.slug}.jsonl"
            drift.open_another_port(self.sandbox, estate, excepted.subject)
            self.console.print(
                f"\n{large.name}: {drift.ACTOR[0]} has changed a resource with an approved exception. The watch between"
                " assessments is now on, and reads what changed."
            )
            with organization_scope(large.organization_id):
                drift.watch_from_now(large, excepted.unit, timezone.now())
            self._wait_for_watch(processes, large, excepted.unit)
            with tenant_scope(large.pk):
                # Send the exception of the changed resource back to its approver before the report is written. The
                # workers would also do this, but perhaps later.
                apply_transitions(tenant=large)
        self.state.update(played=True)

    def _wait_for_watch(self, processes: ChildProcesses, tenant: Tenant, unit: str) -> None:
        """Wait until the watch has read the subscription's activity log and evaluated the changed resources."""
        deadline = time.monotonic() + WATCH_TIMEOUT_SECONDS
        while True:
            with tenant_scope(tenant.pk):
                watch = Watch.objects.get(tenant=tenant, unit=unit)
            if watch.read_at is not None:
                return
            if (exited := processes.first_exited()) is not None:
                raise CommandError(self._exit_message(*exited))
            if watch.code or time.monotonic() > deadline:
                reason = watch.message or f"The reading did not end within {WATCH_TIMEOUT_SECONDS} s."
                raise CommandError(
                    f"The watch could not read the subscription: {reason} Look for errors in"
                    f" {self.folder / 'worker.log'}."
                )
            time.sleep(0.2)

    def _update_bar(self, bars: ProgressBars, tenant: Tenant) -> bool:
        """Update the customer's progress bar. Returns whether the assessment has ended."""
        with tenant_scope(tenant.pk):
            assessment = Assessment.objects.filter(tenant=tenant).order_by("-number")[0]
            units = list(Unit.objects.filter(assessment=assessment))
        percent = sum(unit.percent for unit in units) / len(units) if units else 0
        note = f"{assessment.units_ended} of {assessment.units_total} units" if units else "signing in"
        bars.show(tenant.name, percent if assessment.is_active else 100, note)
        return not assessment.is_active

    def _row(self, tenant: Tenant) -> dict[str, Any]:
        with tenant_scope(tenant.pk):
            # Ignore the assessments that the watch starts, because each of them covers only one subscription.
            whole = Assessment.objects.filter(tenant=tenant).exclude(trigger=Assessment.Trigger.WATCH)
            assessment = whole.order_by("-number")[0]
            failed = Unit.objects.filter(assessment=assessment, state=Unit.State.FAILED).first()
            gaps = sum(len(unit.gaps) for unit in Unit.objects.filter(assessment=assessment))
            figures = standing(tenant)
        seconds = 0.0
        if assessment.started_at is not None and assessment.ended_at is not None:
            seconds = (assessment.ended_at - assessment.started_at).total_seconds()
        note = f"{seconds:.1f} s, {assessment.summary.get('requests', 0)} requests"
        if failed is not None:
            note = (
                f"{failed.error_code}: cannot sign in"
                if failed.error_code.startswith("AADSTS")
                else failed.error_code
            )
        elif gaps:
            note += f", {gaps} {'gap' if gaps == 1 else 'gaps'}"
        return {"name": tenant.name, "figures": figures, "note": note}

    def _report(self, tenant: Tenant) -> None:
        # Import these modules only here, because they load pyHanko, which takes half a second.
        from portal.demo.report import InvalidReport, write_report

        path = self.folder / f"report-{tenant.slug}.pdf"
        with step(self.console, f"Writing the report on {tenant.name}"):
            try:
                _, result = write_report(tenant, path)
            except InvalidReport as error:
                raise CommandError(str(error)) from error
        self.console.print(f"\nSigned report: [bold]{path}[/bold]", soft_wrap=True)
        text = verified(result.level, result.signer, is_self_signed=result.self_signed)
        self.console.print(f"{text}\n", soft_wrap=True)


def slug_of(estate: Path) -> str:
    """Return the customer's slug, made from the name of the estate file."""
    return "".join(c if c.isalnum() else "-" for c in estate.stem.casefold()).strip("-")[:50] or "estate"
