"""Set up a temporary installation for a benchmark, with a state directory, embedded servers and tenants."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from portal.workers.child_processes import ChildProcesses

MANAGE = Path(__file__).resolve().parents[2] / "manage.py"


@contextmanager
def installation() -> Iterator[Path]:
    """Set up Django with an empty, migrated installation. At the end, stop the servers of the installation and delete
    its files.

    Environment variables that name other servers are ignored, so that figures always come from the embedded servers.
    """
    if "django" in sys.modules:
        raise RuntimeError("Django was imported before the benchmark chose its state directory.")
    with tempfile.TemporaryDirectory(prefix="surety-benchmark-") as folder:
        home = Path(folder, "home")
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "BROKER_URL", "CACHE_URL"):
            os.environ.pop(name, None)
        os.environ |= {"SURETY_HOME": str(home), "DJANGO_SETTINGS_MODULE": "portal.settings"}
        import django
        from django.core.management import call_command

        from portal.management.embedded_servers import temporary_servers

        with temporary_servers():
            django.setup()
            call_command("setup", verbosity=0, stdout=sys.stderr)
            yield home
        subprocess.run([sys.executable, str(MANAGE), "services", "remove"], check=True, capture_output=True)


def generate(path: Path, *, subscriptions: int, resources: int, seed: int = 1) -> Path:
    """Generate an estate file with the sandbox, and return its path."""
    command = [sys.executable, "-m", "sandbox", "generate", f"--subscriptions={subscriptions}"]
    with path.open("wb") as out:
        subprocess.run(
            [*command, f"--resources={resources}", f"--seed={seed}"],
            stdout=out,
            stderr=subprocess.DEVNULL,
            check=True,
        )
    return path


def serve(
    processes: ChildProcesses, estate: Path, home: Path, *options: str, others: Iterable[Path] = ()
) -> dict[str, Any]:
    """Serve one or more estate files with the sandbox. Return the values that the sandbox prints when it is ready:
    {"url", "ca", "directories"}.
    """
    estates = map(str, [estate, *others])
    command = [sys.executable, "-m", "sandbox", "serve", *estates, "--port=0", f"--state={home}"]
    with (home / "sandbox.log").open("ab") as log:
        process = processes.start_piped("sandbox", [*command, *options], log)
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise SystemExit(f"Could not start the sandbox:\n{(home / 'sandbox.log').read_text()}")
    ready: dict[str, Any] = json.loads(line)
    return ready


def ask(ready: dict[str, Any], path: str, method: str = "GET") -> Any:
    """Send a control request to the sandbox. Return the JSON of the response."""
    context = ssl.create_default_context(cafile=ready["ca"])
    request = urllib.request.Request(ready["url"] + path, method=method)
    with urllib.request.urlopen(request, context=context, timeout=60) as answer:
        return json.loads(answer.read() or b"null")


def register(name: str, ready: dict[str, Any]) -> UUID:
    """Register a tenant in a new organization, with the first directory of the sandbox. Return the id of the tenant."""
    from tenants.actions.organizations import register_organization
    from tenants.actors import System

    return add_customer(register_organization(by=System("benchmark"), name=name).pk, name, ready)


def add_customer(organization_id: UUID, name: str, ready: dict[str, Any]) -> UUID:
    """Register a tenant with the first directory of the sandbox and the first service principal of this directory."""
    from tenants.actions.directories import add_directory
    from tenants.actions.organizations import register_tenant
    from tenants.actions.service_principals import add_service_principal
    from tenants.actors import System
    from tenants.clouds import CUSTOM
    from tenants.models import Organization
    from tenants.scope import organization_scope

    by = System("benchmark")
    with organization_scope(organization_id):
        organization = Organization.objects.get(pk=organization_id)
        tenant = register_tenant(by=by, organization=organization, name=name)
        served = ready["directories"][0]
        settings = {"authority": ready["url"], "arm": ready["url"], "graph": ready["url"], "ca": ready["ca"]}
        directory = add_directory(
            by=by,
            tenant=tenant,
            directory_id=served["tenantId"],
            name=name,
            cloud=CUSTOM,
            cloud_settings=settings,
        )
        client = served["clients"][0]
        add_service_principal(
            by=by, directory=directory, client_id=client["clientId"], secret=client["secret"]
        )
    return tenant.pk


def rows(tenant_id: UUID) -> dict[str, int]:
    """Return {table: number of rows of the tenant} for the tables of the applications `tenants` and `assessments`."""
    from django.apps import apps

    from tenants.models import TenantOwned
    from tenants.scope import tenant_scope

    with tenant_scope(tenant_id):
        return {
            model._meta.db_table: model._default_manager.count()
            for label in ("tenants", "assessments")
            for model in apps.get_app_config(label).get_models()
            if issubclass(model, TenantOwned)
        }
