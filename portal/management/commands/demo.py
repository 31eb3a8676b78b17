"""``manage.py demo``: the whole product on one machine, from nothing to a signed report."""

from __future__ import annotations

import logging
import shutil
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console

from assessments.actions.start import start
from assessments.errors import AlreadyRunning
from assessments.models import Assessment, Unit
from portal.demo import azure, drift, seed_database, seed_treatments
from portal.demo.console import ProgressBars, people_table, portfolio_table
from portal.demo.people import CUSTOMERS, LARGE, PEOPLE, TIDY, Customer
from portal.demo.state import DemoState
from portal.embedded.command_line import temporary_servers
from portal.management.child_processes import ChildProcesses, Terminated, child_processes, manage_command
from portal.management.commands.serve import web_server
from portal.treatment.actions.derive import derive
from portal.treatment.selectors.scores import standing
from tenants.models import Tenant
from tenants.scope import organization_scope, tenant_scope

MOST_SECONDS = 900


class Command(BaseCommand):
    help = "Assess the sandbox's customers with real workers, write and verify a signed report, serve the portal."

    def add_arguments(self, parser: CommandParser) -> None:
        address = urlsplit(settings.SURETY_URL)
        parser.add_argument("--estate", type=Path, help="an estate file that joins as one more customer")
        parser.add_argument("--no-serve", action="store_true", help="end when the report is written")
        parser.add_argument(
            "--bind", default=f"127.0.0.1:{address.port or 8000}", help="ADDRESS:PORT of the portal"
        )
        parser.add_argument("--concurrency", type=int, default=2, help="worker processes (default: 2)")

    def handle(self, *args: Any, **options: Any) -> None:
        # What libraries say of themselves has no place between the bars.
        logging.getLogger("pikepdf").setLevel(logging.WARNING)
        self.console = Console()
        if not self.console.is_terminal:
            self.console.width = 130  # a log or a pipe has no width of its own
        estate: Path | None = options["estate"]
        if estate is not None and not estate.is_file():
            raise CommandError(f"There is no estate file {estate}. Give the path of a JSON Lines estate.")
        self.folder = Path(settings.SURETY_HOME) / "demo"
        self.folder.mkdir(parents=True, exist_ok=True)
        with temporary_servers():
            call_command("setup", verbosity=0, stdout=self.stderr)
            self.state = DemoState(self.folder / "demo.json")
            try:
                with child_processes() as processes:
                    self._run(processes, estate, options)
            except azure.SandboxError as error:
                raise CommandError(f"The sandbox could not serve the estates:\n{error}") from error
            except (KeyboardInterrupt, Terminated):
                self.console.print("\nStopped; everything that was started is ended.")

    def _run(self, processes: ChildProcesses, estate: Path | None, options: dict[str, Any]) -> None:
        customers = self._serve_azure(processes, estate)
        with (self.folder / "worker.log").open("ab") as log:
            processes.start(
                "workers",
                manage_command("worker", f"--concurrency={options['concurrency']}", "--name=demo"),
                log=log,
            )
        tenants = self._assess(processes, customers)
        self._play(processes, {tenant.slug: tenant for tenant in tenants})
        self.console.print(portfolio_table([self._row(tenant) for tenant in tenants]))
        chosen = customers[-1][0].slug if estate is not None else LARGE
        self._report(next(tenant for tenant in tenants if tenant.slug == chosen))
        roles = [(p.email, self.state.password(p.email), p.role.label) for p in PEOPLE]
        self.console.print(people_table(roles))
        if options["no_serve"]:
            return
        processes.start("web server", web_server(options["bind"]))
        self.console.print(
            f"\nThe portal is at [bold]http://{options['bind']}[/bold] (Ctrl-C ends everything)."
        )
        name, status = processes.wait()
        raise CommandError(f"The {name} ended with status {status}; see {self.folder}.")

    def _serve_azure(
        self, processes: ChildProcesses, estate: Path | None
    ) -> list[tuple[Customer, dict[str, Any]]]:
        folder = self.folder / "estates"
        folder.mkdir(exist_ok=True)
        customers = list(CUSTOMERS)
        with self.console.status("Generating the customers' Azure"):
            files = [azure.write_estate(customer, folder) for customer in customers]
        given: dict[str, str] = self.state.values.setdefault("estates", {})
        if estate is not None:
            given[slug_of(estate)] = str(estate.resolve())
        # Estates of earlier runs are served as well: their customers are still there.
        for slug, path in given.items():
            if Path(path).is_file() or estate is not None:
                customers.append(Customer(slug, slug.replace("-", " ").title(), f"from {path}", 0, 0, 0, 0))
                files.append(Path(path))
        if estate is not None:
            # The one asked for comes last, and gets the report.
            here = next(i for i, customer in enumerate(customers) if customer.slug == slug_of(estate))
            customers.append(customers.pop(here))
            files.append(files.pop(here))
        self.served = azure.serve(processes, files, self.state.port(), self.folder / "sandbox.log")
        cast = list(zip(customers, self.served.directories, strict=True))
        seed_database.register_customers(self.state, cast, self.served)
        seed_database.register_people(self.state)
        self.state.update(estates=given)
        return cast

    def _assess(
        self, processes: ChildProcesses, customers: list[tuple[Customer, dict[str, Any]]]
    ) -> list[Tenant]:
        slugs = [customer.slug for customer, _ in customers]
        with organization_scope(seed_database.ensure_organization(self.state)):
            tenants = sorted(Tenant.objects.filter(slug__in=slugs), key=lambda t: slugs.index(t.slug))
        for tenant in tenants:
            with tenant_scope(tenant.pk):
                try:
                    start(tenant=tenant, by=seed_database.DEMO)
                except AlreadyRunning:
                    # An earlier run was stopped in the middle: its assessment is picked up again.
                    self.console.print(f"{tenant.name}: going on with the assessment that was not finished.")
        self._follow(processes, tenants)
        return tenants

    def _follow(self, processes: ChildProcesses, tenants: list[Tenant]) -> None:
        """A bar for each assessment until all have ended."""
        bars = ProgressBars(self.console)
        deadline = time.monotonic() + MOST_SECONDS
        with bars.progress:
            while self._count_active(bars, tenants):
                if (ended := processes.ended()) is not None:
                    raise CommandError(f"The {ended[0]} ended with status {ended[1]}; see {self.folder}.")
                if time.monotonic() > deadline:
                    raise CommandError(f"The assessments did not end in {MOST_SECONDS} s; see {self.folder}.")
                time.sleep(0.4)

    def _play(self, processes: ChildProcesses, tenants: dict[str, Tenant]) -> None:
        """What people do about findings, once; then something that was approved changes, and comes back."""
        if self.state.values.get("played"):
            return
        large, small = tenants[LARGE], tenants[TIDY]
        people = seed_treatments.cast()
        with tenant_scope(small.pk):
            seed_treatments.seed_small_customer(small, people)
        with tenant_scope(large.pk):
            approved = seed_treatments.seed_large_customer(large, people)
        if approved is not None:
            drift.open_another_port(self.folder / "estates" / f"{large.slug}.jsonl", approved.subject)
            drift.reload(self.served)
            self.console.print(
                f"\n{large.name}: something that was approved changes; its unit is judged again."
            )
            with tenant_scope(large.pk):
                start(tenant=large, by=seed_database.DEMO, only=[approved.unit])
            self._follow(processes, [large])
            with tenant_scope(large.pk):
                derive(tenant=large)  # the workers do so as well; the report is not to wait for them
        self.state.update(played=True)

    def _count_active(self, bars: ProgressBars, tenants: list[Tenant]) -> int:
        """Move every bar; how many assessments have not ended."""
        return sum(1 for tenant in tenants if not self._show(bars, tenant))

    def _show(self, bars: ProgressBars, tenant: Tenant) -> bool:
        with tenant_scope(tenant.pk):
            assessment = Assessment.objects.filter(tenant=tenant).order_by("-number")[0]
            units = list(Unit.objects.filter(assessment=assessment))
        percent = sum(unit.percent for unit in units) / len(units) if units else 0
        ended = f"{assessment.units_ended} of {assessment.units_total} units"
        bars.show(tenant.name, 100 if not assessment.is_active else percent, ended if units else "signing in")
        return not assessment.is_active

    def _row(self, tenant: Tenant) -> dict[str, Any]:
        with tenant_scope(tenant.pk):
            assessment = Assessment.objects.filter(tenant=tenant).order_by("-number")[0]
            failed = Unit.objects.filter(assessment=assessment, state=Unit.State.FAILED).first()
            gaps = sum(len(unit.gaps) for unit in Unit.objects.filter(assessment=assessment))
            adjusted = standing(tenant).adjusted["score"]
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
            note += f", {gaps} gaps"
        return {"name": tenant.name, "summary": assessment.summary, "adjusted": adjusted, "note": note}

    def _report(self, tenant: Tenant) -> None:
        from portal.reports.actions import build_report
        from portal.reports.verify import verify_pdf

        with tenant_scope(tenant.pk), self.console.status(f"Writing the report on {tenant.name}"):
            report = build_report(tenant=tenant, by=seed_database.DEMO)
            path = self.folder / f"report-{tenant.slug}.pdf"
            with report.file.open("rb") as source, path.open("wb") as out:
                shutil.copyfileobj(source, out)
        result = verify_pdf(path.read_bytes())
        if not result.valid:
            raise CommandError(f"The report does not verify: {'; '.join(result.problems)}")
        self.console.print(f"\nSigned report: [bold]{path}[/bold]", soft_wrap=True)
        made = " (a demonstration certificate, made at set-up)" if result.self_signed else ""
        self.console.print(
            f"Verified: signature intact, whole file covered, {result.level}, by {result.signer}{made}\n",
            soft_wrap=True,
        )


def slug_of(estate: Path) -> str:
    """The customer's slug for an estate file, from the file's name."""
    return "".join(c if c.isalnum() else "-" for c in estate.stem.casefold()).strip("-")[:50] or "estate"
