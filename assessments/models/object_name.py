"""Names of people, groups, applications, roles and policies that findings or activity logs mention by id."""

from django.db import models

from assessments.display.names import MAX_NAME, MAX_PRINCIPAL_NAME, Kind, Name, Status
from tenants.models import Directory, TenantOwned
from tenants.protection import Protection
from tenants.references import same_tenant


def choices_of(values: type[Kind | Status]) -> list[tuple[str, str]]:
    """Return the choices of a model field: the stored value and the label of each member of an enumeration."""
    return [(value.value, value.name.replace("_", " ").capitalize()) for value in values]


class ObjectName(TenantOwned):
    """The name of an object in a directory, or the reason why no name is stored.

    Pages show names beside findings, but no finding, evidence or hash contains a name. A row exists while a current
    finding mentions the object, or while a stored event contains the object's id but not its name. A row with the
    status ERASED always remains, so that the name is not stored again.
    """

    protection = Protection.PERSONAL

    directory = models.ForeignKey(Directory, on_delete=models.CASCADE, related_name="+")
    guid = models.CharField(max_length=36, help_text="object id in lower case")
    kind = models.CharField(max_length=20, choices=choices_of(Kind))
    status = models.CharField(max_length=20, choices=choices_of(Status), default=Status.WANTED.value)
    display_name = models.CharField(max_length=MAX_NAME, blank=True)
    principal_name = models.CharField(max_length=MAX_PRINCIPAL_NAME, blank=True, help_text="of a user")
    permission = models.CharField(
        max_length=80, blank=True, help_text="what is missing if it is not readable"
    )
    read_at = models.DateTimeField(help_text="when the name, or the reason for its absence, last changed")

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "directory", "guid"], name="assessments_objectname_once"
            ),
            same_tenant("directory_id", "tenants_directory"),
            models.CheckConstraint(
                condition=models.Q(status="known") | models.Q(display_name="", principal_name=""),
                name="assessments_objectname_only_known",
            ),
            models.CheckConstraint(
                condition=models.Q(status="not_readable") ^ models.Q(permission=""),
                name="assessments_objectname_permission",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "guid"], name="assessments_objectname_guid")]

    def __str__(self) -> str:
        return self.guid

    @property
    def name(self) -> Name:
        """The facts about the object that pages show: id, kind, status, names and missing permission."""
        return Name(
            self.guid,
            Kind(self.kind),
            Status(self.status),
            self.display_name,
            self.principal_name,
            self.permission,
        )
