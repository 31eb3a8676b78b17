"""Comments on exceptions: questions and answers between the requester and the approvers."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.treatment.models.exception import FindingException
from tenants.auditors.review_periods import ReviewPeriod
from tenants.models import TenantOwned
from tenants.protection import Protection
from tenants.references import same_tenant


class ExceptionComment(TenantOwned):
    """A comment on an exception. A deleted comment keeps its row, without text."""

    protection = Protection.CONFIDENTIAL

    exception = models.ForeignKey(FindingException, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    body = models.TextField()
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantOwned.Meta):
        ordering = ["at", "id"]
        constraints = [
            same_tenant("exception_id", "treatment_findingexception"),
            models.CheckConstraint(
                condition=Q(deleted_at__isnull=True) & ~Q(body="") | Q(deleted_at__isnull=False, body=""),
                name="treatment_exceptioncomment_body",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "exception", "at"], name="treatment_exceptioncomment_of")]

    @classmethod
    def in_review(cls, period: ReviewPeriod) -> Q:
        """Return the query condition for comments written before the end of the period."""
        return Q(at__lt=period.end)

    def __str__(self) -> str:
        return self.body[:60]
