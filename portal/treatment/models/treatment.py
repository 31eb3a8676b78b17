"""Store the current treatment of a finding: its owner, acknowledgement, covering exception and attestation."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from assessments.models import Finding
from portal.treatment.models.attestation import Attestation
from portal.treatment.models.exception import FindingException
from portal.treatment.models.rule import OwnerRule
from tenants.models import TenantOwned
from tenants.protection import Protection
from tenants.references import same_tenant


class Treatment(TenantOwned):
    """The treatment of a finding. A finding that nobody has treated has no row.

    Acknowledgement, cover and attestation count only under conditions that the row stores (`portal.treatment.states`).
    So a new verdict can end their effect immediately. An acknowledgement counts while the `failing_since` of the
    finding is the stored one. A cover counts during a period, while the observed value has the stored hash. An
    attestation counts until its end.
    """

    protection = Protection.CONFIDENTIAL

    class Source(models.TextChoices):
        HAND = "hand", "Assigned by a person"
        CLAIM = "claim", "Self-assigned"
        RULE = "rule", "Assigned by an owner rule"

    finding = models.OneToOneField(Finding, on_delete=models.CASCADE, related_name="treatment")

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    owner_source = models.CharField(max_length=10, choices=Source, blank=True)
    owner_rule = models.ForeignKey(
        OwnerRule, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    owned_at = models.DateTimeField(null=True, blank=True)
    overdue_told_for = models.DateTimeField(
        null=True,
        blank=True,
        help_text="the finding's failing_since when its owner was notified that it is overdue",
    )

    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_failing_since = models.DateTimeField(
        null=True, blank=True, help_text="the finding's failing_since that was acknowledged"
    )
    plan = models.TextField(blank=True)
    planned_for = models.DateField(null=True, blank=True)

    exception = models.ForeignKey(
        FindingException, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    excepted_sha256 = models.CharField(
        max_length=64, blank=True, help_text="hash of the observed value that is covered"
    )
    excepted_from = models.DateTimeField(null=True, blank=True)
    excepted_until = models.DateTimeField(null=True, blank=True)

    attestation = models.ForeignKey(
        Attestation, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    attested_met = models.BooleanField(null=True, blank=True)
    attested_until = models.DateTimeField(null=True, blank=True)
    attested_sha256 = models.CharField(
        max_length=64,
        blank=True,
        help_text="hash of the observed value that the answer is bound to; empty: not bound",
    )

    # Copies of columns of the finding. A trigger copies the columns when the treatment is written, and each snapshot
    # copies them again. So the copies are correct if the snapshot is up to date
    # (`portal.queries.owners.owned_findings`).
    finding_state = models.CharField(max_length=20, blank=True, help_text="copy of the finding's state")
    finding_rank = models.PositiveSmallIntegerField(null=True, help_text="copy of the severity rank")
    finding_failing_since = models.DateTimeField(null=True, help_text="copy of the finding's failing_since")
    finding_sha256 = models.CharField(
        max_length=64, blank=True, help_text="copy of the observed value's hash"
    )

    class Meta(TenantOwned.Meta):
        constraints = [
            same_tenant("finding_id", "assessments_finding"),
            same_tenant("owner_rule_id", "treatment_ownerrule"),
            same_tenant("exception_id", "treatment_findingexception"),
            same_tenant("attestation_id", "treatment_attestation"),
            models.CheckConstraint(
                condition=Q(owner__isnull=True, owned_at__isnull=True, owner_source="")
                | Q(owner__isnull=False, owned_at__isnull=False) & ~Q(owner_source=""),
                name="treatment_treatment_owned",
            ),
            models.CheckConstraint(
                condition=Q(
                    acknowledged_by__isnull=True,
                    acknowledged_at__isnull=True,
                    acknowledged_failing_since__isnull=True,
                )
                | Q(
                    acknowledged_by__isnull=False,
                    acknowledged_at__isnull=False,
                    acknowledged_failing_since__isnull=False,
                ),
                name="treatment_treatment_acknowledged",
            ),
            models.CheckConstraint(
                condition=Q(excepted_sha256="", excepted_from__isnull=True, excepted_until__isnull=True)
                | ~Q(excepted_sha256="") & Q(excepted_from__isnull=False, excepted_until__isnull=False),
                name="treatment_treatment_excepted",
            ),
            models.CheckConstraint(
                condition=Q(attested_met__isnull=True, attested_until__isnull=True, attested_sha256="")
                | Q(attested_met__isnull=False, attested_until__isnull=False),
                name="treatment_treatment_attested",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "owner"], name="treatment_treatment_owner"),
            # An index of owned treatments of open and manual findings. It has all columns that
            # `portal.queries.owners.owned_findings` reads.
            models.Index(
                fields=["owner", "tenant"],
                include=[
                    "finding",
                    "finding_state",
                    "finding_rank",
                    "finding_failing_since",
                    "finding_sha256",
                    "owned_at",
                    "acknowledged_failing_since",
                    "excepted_sha256",
                    "excepted_from",
                    "excepted_until",
                    "attested_met",
                    "attested_until",
                    "attested_sha256",
                ],
                condition=Q(owner__isnull=False, finding_state__in=["open", "manual"]),
                name="treatment_treatment_work",
            ),
            # An index of the treatments that have an owner, by finding.
            models.Index(
                fields=["tenant", "finding"],
                condition=Q(owner__isnull=False),
                name="treatment_treatment_owned",
            ),
            # An index of the treatments that can change the shown state of a finding.
            models.Index(
                fields=["tenant", "finding"],
                condition=Q(acknowledged_failing_since__isnull=False)
                | Q(excepted_until__isnull=False)
                | Q(attested_until__isnull=False),
                name="treatment_treatment_shown",
            ),
            models.Index(
                fields=["tenant", "excepted_until"],
                condition=Q(excepted_until__isnull=False),
                name="treatment_treatment_cover",
            ),
        ]

    def __str__(self) -> str:
        return f"treatment of {self.finding_id}"
