"""Export the settings, and apply configuration files. A file is applied completely or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.configuration.changes import invite_all, refusal, refused_offers, run_step
from portal.configuration.locks import attempted
from portal.configuration.models import ConfigurationFile
from portal.configuration.plan import compare_locked, plan
from portal.configuration.present import Present
from portal.configuration.problems import UnusableFile
from portal.configuration.steps import Plan
from portal.configuration.yaml_text import write
from portal.treatment.task_names import REFRESH
from tenants import journal
from tenants.actors import Actor
from tenants.dispatch import enqueue
from tenants.errors import Conflict, SuretyError
from tenants.models import Organization, Person, Tenant
from tenants.scope import organization_scope

# The maximum number of journal entries that a file may cause when it is applied on a page. Nobody else can change the
# organization while the entries are written, so this must not take long. `manage.py configuration` has no such limit.
MAX_ENTRIES: Final = 5_000
# Uploaded files that nobody applied are deleted after this time.
KEPT: Final = timedelta(days=1)
_HEADING: Final = """Configuration of {name}, exported {at:%Y-%m-%d %H:%M} UTC.
If the file lacks a key of the organization or of a customer, this setting does not change. But lists,
entries of lists and “parameters” must be complete: if the file leaves something out of them, Surety removes it from
the organization or customer, or resets it to its default.
Secrets are not part of this file: where the file says “set on the page”, enter the value on the page.
yaml-language-server: $schema=configuration.schema.json"""


def export(*, organization: Organization, tenants: Iterable[Tenant], whole: bool = True) -> str:
    """Return the settings of an organization and these customers as YAML.

    If `whole` is false, the file contains the settings of the customers and the short name of the organization, but not
    the organization's settings. Such a file can be given to a customer.
    """
    data = Present.load(organization, tenants).data()
    if not whole:
        data["organization"] = {"short_name": organization.slug}
    return write(data, heading=_HEADING.format(name=organization.name, at=timezone.now()))


@transaction.atomic
def upload(
    *, organization: Organization, by: Person, file_name: str, content: bytes
) -> tuple[ConfigurationFile, Plan]:
    """Store an uploaded file until it is applied. Return the file, and a plan of the changes that it would make.

    Raise UnusableFile for a file with a problem. Raise Conflict (busy) if others change the same settings at this
    moment.
    """
    found = plan(content, organization=organization, by=by, most=MAX_ENTRIES)
    row = ConfigurationFile.objects.create(
        organization=organization,
        file_name=_file_name(file_name),
        file_sha256=hashlib.sha256(content).hexdigest(),
        content=content.decode(),
        state_digest=found.digest,
        uploaded_by=by,
    )
    return row, found


@transaction.atomic
def plan_again(*, file: ConfigurationFile, by: Person) -> Plan:
    """Return a new plan of an uploaded file, because the settings may have changed since the last plan.

    Raise UnusableFile for a file with a problem. Raise Conflict if the file was already applied, or if others change
    the same settings at this moment.
    """
    row = _waiting(file, by)
    found = plan(row.content.encode(), organization=row.organization, by=by, most=MAX_ENTRIES)
    row.state_digest = found.digest
    row.save(update_fields=["state_digest"])
    return found


@transaction.atomic
def apply_upload(*, file: ConfigurationFile, by: Person) -> Plan:
    """Apply an uploaded file for which a plan was shown, and delete its content.

    Raise Conflict if the file was already applied, or if the settings have changed since the plan was shown.
    """
    row = _waiting(file, by)
    done = apply(
        row.content.encode(),
        organization=row.organization,
        by=by,
        expected=row.state_digest,
        file_name=row.file_name,
        most=MAX_ENTRIES,
    )
    row.applied_at, row.content, row.changes = timezone.now(), "", len(done.changes)
    row.save(update_fields=["applied_at", "content", "changes"])
    return done


@transaction.atomic
def apply(
    content: bytes,
    *,
    organization: Organization,
    by: Actor,
    expected: str = "",
    file_name: str = "",
    most: int | None = None,
) -> Plan:
    """Apply a file completely or not at all, and return what was done. The caller checks Capability.ORGANIZATION.

    `expected` is the digest of the plan that was shown. Raise Conflict if the settings have changed since then
    (changed_meanwhile), or if others change them at this moment (busy). Raise UnusableFile if the file has a problem,
    or would make more than `most` journal entries.
    """
    return attempted(lambda: _apply(content, organization, by, expected, file_name, most))


def delete_old_files(*, organization_id: UUID) -> int:
    """Delete the uploaded files that nobody applied within a day (`KEPT`). Return the number of deleted files."""
    with organization_scope(organization_id):
        old = ConfigurationFile.objects.filter(
            organization=organization_id, applied_at=None, created_at__lt=timezone.now() - KEPT
        )
        return old.delete()[0]


def _apply(
    content: bytes, organization: Organization, by: Actor, expected: str, file_name: str, most: int | None
) -> Plan:
    found = compare_locked(content, organization=organization, by=by, most=most)
    if expected and found.digest != expected:
        raise _changed()
    if refused := refused_offers(found, by):
        raise UnusableFile(refused[:1])
    invite_all(found, by)
    for step in found.changes:
        try:
            run_step(step, by)
        except SuretyError as error:
            raise UnusableFile([refusal(step, error)]) from None
    if found.changes:
        for tenant_id in {step.refresh for step in found.changes if step.refresh is not None}:
            enqueue(REFRESH, tenant_id)
        journal.record(
            organization=organization,
            actor=by,
            action="configuration.applied",
            target=f"configuration {file_name}".strip(),
            details={
                "sha256": hashlib.sha256(content).hexdigest(),
                "changes": len(found.changes),
                "plan": found.summary,
            },
        )
    return found


def _waiting(file: ConfigurationFile, by: Person) -> ConfigurationFile:
    """Lock and return a file that is not applied yet."""
    row = ConfigurationFile.objects.select_for_update(of=("self",)).get(pk=file.pk)
    if row.applied_at is not None:
        raise Conflict("This file was already applied. Reload the page.", code="already_applied")
    if row.uploaded_by_id != by.pk:
        raise Conflict(
            "Somebody else uploaded this file. Upload it yourself, because what the file can change depends"
            " on your rights.",
            code="not_yours",
        )
    return row


def _changed() -> Conflict:
    return Conflict(
        "The settings have changed since this plan was shown. Check the new plan, then apply it.",
        code="changed_meanwhile",
    )


def _file_name(name: str) -> str:
    return "".join(letter for letter in name if letter.isprintable())[:200] or "configuration.yaml"
