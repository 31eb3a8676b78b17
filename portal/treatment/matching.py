"""Translate the conditions of a rule into a query: `Finding.objects.filter(match(rule))`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final
from uuid import UUID

from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q, QuerySet, Value

from assessments.controls.registry import SECTIONS, known_controls
from assessments.models import Resource
from assessments.presentation.finding_names import place_names
from portal.treatment.models import Matching
from tenants.models import Tenant

FIELDS: Final = tuple(field.name for field in Matching._meta.get_fields())


# This table replaces the wildcards of a glob with those of a LIKE pattern, and escapes characters that have a meaning
# only in LIKE.
_LIKE: Final = str.maketrans({"*": "%", "?": "_", "%": r"\%", "_": r"\_", "\\": r"\\"})


def _matches_glob(column: str, glob: str) -> Func:
    """Return a query expression that is true if the glob matches the whole column, ignoring case.

    ILIKE is two to three times as fast as a regular expression.
    """
    return Func(
        F(column),
        Value(glob.translate(_LIKE)),
        template="(%(expressions)s)",
        arg_joiner=" ILIKE ",
        output_field=BooleanField(),
    )


def match(rule: Matching) -> Q:
    """Return the query condition for the findings that the rule matches. Findings whose
    resource is gone never match.
    """
    condition = Q(gone_at__isnull=True)
    for name in ("control", "section", "severity", "unit"):
        if value := getattr(rule, name):
            condition &= Q(**{name: value})
    if rule.resource_group:
        condition &= Q(_matches_glob("resource_group", rule.resource_group))
    if rule.resource_pattern:
        condition &= Q(_matches_glob("subject", rule.resource_pattern))
    if rule.tag_name:
        condition &= Q(Exists(_tagged_subject(rule)))
    return condition


class _HasTag(Func):
    """An SQL expression that is true if a JSON object has a tag. As in Azure, case matters only in the values of tags,
    not in their names.
    """

    output_field = BooleanField()
    template = (
        "EXISTS (SELECT 1 FROM jsonb_each_text(%(tags)s) AS tag(name, content) "
        "WHERE lower(tag.name) = lower(%(name)s) AND (%(content)s = '' OR tag.content = %(content)s))"
    )

    def as_sql(
        self, compiler: Any, connection: Any, *_given: Any, **_context: Any
    ) -> tuple[str, tuple[Any, ...]]:
        (tags, none), (name, names), (content, contents) = (
            compiler.compile(part) for part in self.get_source_expressions()
        )
        return (
            self.template % {"tags": tags, "name": name, "content": content},
            (*none, *names, *contents, *contents),
        )


def has_tag(name: str, value: str = "") -> Func:
    """Return the query condition that a resource has the tag. If `value` is empty, the tag may have any value."""
    return _HasTag(F("tags"), Value(name), Value(value))


def _tagged_subject(rule: Matching) -> Any:
    resources = Resource.objects.filter(
        tenant_id=OuterRef("tenant_id"), key=OuterRef("subject_key"), gone_at__isnull=True
    )
    return resources.filter(has_tag(rule.tag_name, rule.tag_value))


def tagged_resources(tenant: Tenant, name: str, value: str) -> QuerySet[Resource, Any]:
    """Return the `ref` of the tenant's resources that have the tag. If `value` is empty, the tag may have any value."""
    return resources_with_tag([tenant.pk], name, value)


def resources_with_tag(tenant_ids: Collection[UUID], name: str, value: str) -> QuerySet[Resource, Any]:
    """Return the `ref` of the resources of several tenants that have the tag. If `value` is empty, the tag may have any
    value.
    """
    rows = Resource.objects.filter(has_tag(name, value), tenant_id__any_of=tenant_ids, gone_at__isnull=True)
    return rows.values("ref")


def is_empty(rule: Matching) -> bool:
    """Return whether the rule has no condition, so that it matches every finding."""
    return not any(getattr(rule, name) for name in FIELDS)


def describe_rule(
    rule: Matching, *, omit: Collection[str] = (), places: Mapping[str, str] | None = None
) -> str:
    """Describe the conditions in words. Leave out the conditions on the columns in `omit`.

    For a rule without conditions, return “every finding”. If `omit` names columns, the result may be empty.

    `places` maps scope ids of subscriptions and directories to their names. If `places` is None, the names are read
    from the database.
    """
    labels = {
        "control": "control is",
        "section": "section is",
        "severity": "severity is",
        "unit": "subscription or directory is",
        "resource_group": "resource group matches",
        "resource_pattern": "resource matches",
    }
    values = {
        "control": lambda: (
            f"“{known_controls()[rule.control].title}”" if rule.control in known_controls() else rule.control
        ),
        "section": lambda: SECTIONS.get(rule.section, rule.section),
        "unit": lambda: _unit_name(rule, places),
    }
    parts = [
        f"{words} {values[name]() if name in values else getattr(rule, name)}"
        for name, words in labels.items()
        if getattr(rule, name) and name not in omit
    ]
    if rule.tag_name:
        parts.append(f"tag {rule.tag_name}" + (f" is {rule.tag_value}" if rule.tag_value else " is set"))
    return ", ".join(parts) if parts or omit else "every finding"


def _unit_name(rule: Matching, places: Mapping[str, str] | None) -> str:
    if places is None:
        places = place_names(rule.tenant_id, [rule.unit])
    return places.get(rule.unit) or places.get(rule.unit.casefold()) or rule.unit
