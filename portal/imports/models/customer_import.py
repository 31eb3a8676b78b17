"""Imports of customers. An import has a row for the uploaded file, and a row for each line of the file."""

from django.db import models
from django.db.models import Q

from tenants.models import OrganizationOwned, Person
from tenants.protection import Protection
from tenants.references import CompositeReference
from tenants.secrets import SealedField


class CustomerImport(OrganizationOwned):
    """An uploaded file. `requested_by` is null if the operator imports it with a command.

    `notes` are sentences about the file, such as its encoding. `worked_at` is when a line was last worked on.
    If `signs_in` is set, a worker signs in with each new credential, and imports a line only if Entra accepts the
    line's credential.
    """

    protection = Protection.INTERNAL

    class State(models.TextChoices):
        PREVIEW = "preview", "Preview"
        RUNNING = "running", "Running"
        FINISHED = "finished", "Finished"
        CANCELLED = "cancelled", "Cancelled"

    state = models.CharField(max_length=20, choices=State, default=State.PREVIEW)
    file_name = models.CharField(max_length=200)
    file_sha256 = models.CharField(max_length=64)
    notes = models.JSONField(default=list)
    requested_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    worked_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    signs_in = models.BooleanField(default=False)

    class Meta(OrganizationOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "id"], name="imports_customerimport_organization_id"
            ),
            models.UniqueConstraint(
                fields=["organization"],
                condition=Q(state="running"),
                name="imports_customerimport_one_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name


class CustomerImportLine(OrganizationOwned):
    """A line of the file. `number` counts the file's lines from 1, the header included.

    `values` are the cells by column, without the secret. `secret` is the sealed secret. It is deleted as soon as
    the line was imported or the import has ended. `message` says what the import would do or has done.
    """

    protection = Protection.SECRET

    class State(models.TextChoices):
        NEW = "new", "New customer"
        CHANGE = "change", "Change"
        SAME = "same", "No change"
        ERROR = "error", "Error"
        CREATED = "created", "Registered"
        CHANGED = "changed", "Changed"
        FAILED = "failed", "Failed"

    WAITING = (State.NEW, State.CHANGE)

    customer_import = models.ForeignKey(CustomerImport, on_delete=models.CASCADE, related_name="lines")
    number = models.PositiveIntegerField()
    values = models.JSONField(default=dict)
    secret = SealedField(null=True)
    state = models.CharField(max_length=20, choices=State)
    message = models.TextField(blank=True)
    customer_slug = models.CharField(max_length=60, blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta(OrganizationOwned.Meta):
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["customer_import", "number"], name="imports_customerimportline_number"
            ),
            CompositeReference(
                name="imports_customerimportline_import",
                columns=("organization_id", "customer_import_id"),
                table="imports_customerimport",
                targets=("organization_id", "id"),
            ),
        ]

    def __str__(self) -> str:
        return f"line {self.number}"
