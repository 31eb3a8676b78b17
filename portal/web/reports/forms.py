"""Define the form that requests a report. It asks only for values that the chosen kind of report needs."""

from __future__ import annotations

import re
from typing import Any, ClassVar, Final

from django import forms
from django.http import QueryDict
from django.urls import reverse

from assessments import selectors
from assessments.frameworks.framework import NAMES
from assessments.models import Assessment
from assessments.presentation.extent import extent_label
from portal.queries.audit_room import DEFAULT_DAYS
from portal.reports.kinds import DEFAULT_KIND, KINDS
from portal.reports.kinds.kind import SCOPE_FIELDS, Kind
from portal.reports.models import Report
from portal.reports.models.report import DEFAULT_FRAMEWORK
from portal.reports.records.register import can_be_superseded
from portal.reports.records.revocation import MAX_REASON
from tenants.models import Language, Paper, Tenant
from tenants.values.time_display import minute

MAX_CHOICES: Final = 50
CLASSIFICATIONS: Final = ("Confidential", "Internal", "Public")


class _AssessmentField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not subscriptable at run time
    def label_from_instance(self, obj: Assessment) -> str:
        mark = extent_label(obj)
        ended = minute(obj.ended_at) if obj.ended_at is not None else "at an unknown time"
        return f"No. {obj.number}, finished {ended}{f', {mark}' if mark else ''}"


class _ReportField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not subscriptable at run time
    def label_from_instance(self, obj: Report) -> str:
        framework = (
            f", {NAMES.get(obj.framework, obj.framework)}" if "framework" in KINDS[obj.kind].asks else ""
        )
        return f"Report {obj.number}, as of {obj.as_of:%Y-%m-%d}{framework}"


class HashField(forms.CharField):
    """A form field for the SHA-256 of a file. The cleaned value has 64 hexadecimal digits in lower case.

    Spaces, colons and capital letters are accepted, because some tools print them. A line of `sha256sum`, with the name
    of the file after the hash, is accepted too.
    """

    default_error_messages: ClassVar = {"required": "Enter the SHA-256 of the file."}

    def __init__(self, **given: Any) -> None:
        super().__init__(max_length=500, **given)

    def clean(self, value: Any) -> str:
        words = str(super().clean(value)).replace(":", "").lower().split()
        digits = words[0] if words and len(words[0]) == 64 else "".join(words)
        if not re.fullmatch(r"[0-9a-f]{64}", digits):
            raise forms.ValidationError("Enter the 64 hexadecimal digits of a SHA-256.")
        return digits


class RevokeForm(forms.Form):
    """A form that revokes a report, with the reason. Everybody who verifies the file can read the reason."""

    reason = forms.CharField(
        label="Reason",
        max_length=MAX_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Everybody who verifies the file can read the reason. Do not name the customer.",
        error_messages={"required": "Enter a reason that readers of the report can understand."},
    )


class RevokeDeletedForm(RevokeForm):
    """A form that revokes a report which was deleted under the retention policy. The hash of the report's file
    identifies the report.
    """

    sha256 = HashField(
        label="SHA-256 of the file",
        help_text="Copy the SHA-256 from the list above, or compute it from a copy of the file.",
    )

    field_order = ("sha256", "reason")


class BuildForm(forms.Form):
    """A form with the kind of report, one of the tenant's newest finished assessments, and further values that the kind
    needs.

    `data` is the submitted form. `shown` has the values that the person entered before choosing another kind of report.
    """

    kind = forms.ChoiceField(choices=[(key, kind.name) for key, kind in KINDS.items()], initial=DEFAULT_KIND)
    assessment = _AssessmentField(queryset=None, empty_label=None)
    baseline = _AssessmentField(
        label="Compare with",
        queryset=None,
        required=False,
        empty_label="Previous complete assessment",
        help_text="The earlier assessment to compare with. The word “complete” means that the"
        " earlier assessment covers all subscriptions and directories.",
    )
    framework = forms.ChoiceField(choices=list(NAMES.items()), initial=DEFAULT_FRAMEWORK)
    period_first = forms.DateField(
        label="First day",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=f"The first day of the period, in UTC. If this field is empty, the period starts {DEFAULT_DAYS}"
        " days before the last day.",
    )
    period_last = forms.DateField(
        label="Last day",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="The last day of the period, in UTC. The period includes this day. If this field is empty, the"
        " period ends on the day on which the assessment ended.",
    )
    classification = forms.ChoiceField(choices=[(word, word) for word in CLASSIFICATIONS])
    paper = forms.ChoiceField(choices=Paper)
    language = forms.ChoiceField(
        choices=Language, help_text="The language of the pages. Attachments are always in English."
    )
    supersedes = _ReportField(
        label="Supersedes",
        queryset=None,
        required=False,
        empty_label="No earlier report",
        help_text="When people verify the earlier report, the result names the new report. Both files remain"
        " unchanged.",
    )
    without_names = forms.BooleanField(
        label="Leave out names",
        required=False,
        help_text=(
            "Show ids instead of the names of people, groups, applications and roles. Texts that people entered do"
            " not change."
        ),
    )

    def __init__(self, tenant: Tenant, data: QueryDict | None = None, shown: QueryDict | None = None) -> None:
        if data is not None:
            # If the form was opened before an update of Surety, it lacks fields that the update added. These fields get
            # their defaults.
            data = data.copy()
            for name, value in self._defaults(tenant).items():
                data.setdefault(name, value)
        super().__init__(data, initial={key: value for key, value in (shown or {}).items() if value})
        # No report can be built on an assessment whose details have been deleted (`portal.retention`).
        ended = selectors.assessments(tenant).filter(
            state=Assessment.State.FINISHED, details_deleted_at__isnull=True
        )
        field = self.fields["assessment"]
        assert isinstance(field, _AssessmentField)
        # The watch can start so many assessments in a day that the list would contain only these. So also offer the
        # newest assessments that the watch did not start.
        others = ended.exclude(trigger__in=Assessment.BY_WATCH)
        newest = [row for rows in (ended, others) for row in rows.values_list("pk", "only")[:MAX_CHOICES]]
        field.queryset = ended.filter(pk__in={pk for pk, _ in newest})
        # Suggest the newest assessment that covers all subscriptions and directories, even if a later assessment covers
        # only some of them.
        field.initial = next((pk for pk, only in newest if not only), None)
        self.has_choices = bool(newest)
        baseline = self.fields["baseline"]
        assert isinstance(baseline, _AssessmentField)
        baseline.queryset = field.queryset
        for name in ("paper", "language"):
            self.fields[name].initial = self._defaults(tenant)[name]
        self._ask_for_kind(tenant)
        self._offer_superseded(tenant)

    def _offer_superseded(self, tenant: Tenant) -> None:
        field = self.fields["supersedes"]
        assert isinstance(field, _ReportField)
        old = can_be_superseded(Report.objects.filter(tenant=tenant, kind=self._kind().key))
        field.queryset = old.only("number", "kind", "framework", "as_of")
        if not field.queryset.exists():
            del self.fields["supersedes"]

    def _kind(self) -> Kind:
        chosen = str((self.data if self.is_bound else self.initial).get("kind") or DEFAULT_KIND)
        return KINDS.get(chosen, KINDS[DEFAULT_KIND])

    def _defaults(self, tenant: Tenant) -> dict[str, str]:
        return {
            "kind": DEFAULT_KIND,
            "framework": DEFAULT_FRAMEWORK,
            "paper": tenant.organization.report_paper,
            "language": tenant.organization.report_language,
        }

    def _ask_for_kind(self, tenant: Tenant) -> None:
        """Remove the fields that the kind of report does not need. When the kind is changed, the page fetches the form
        again.
        """
        kind = self._kind()
        for name in SCOPE_FIELDS:
            if name not in kind.asks:
                del self.fields[name]
        field = self.fields["kind"]
        field.help_text = kind.purpose
        field.widget.attrs |= {
            "hx-get": reverse("reports", args=[tenant.slug]),
            "hx-include": "#build select, #build input[type=checkbox], #build input[type=date]",
            "hx-select": "#build",
            "hx-swap": "outerHTML",
            "hx-target": "#build",
            "hx-trigger": "change",
        }

    def clean(self) -> dict[str, Any]:
        """Check the values that depend on each other.

        Refuse a comparison with a later assessment, or with the same assessment. Also refuse to supersede a report that
        is on another framework than the new report.
        """
        given: dict[str, Any] = super().clean() or self.cleaned_data
        assessment, baseline = given.get("assessment"), given.get("baseline")
        if assessment and baseline and baseline.number >= assessment.number:
            self.add_error(
                "baseline", "Choose an assessment that is earlier than the assessment of the report."
            )
        old, framework = given.get("supersedes"), given.get("framework")
        if old and framework and old.framework != framework:
            self.add_error("supersedes", "Choose a report on the same framework.")
        return given
