"""Add a review period to memberships and invitations of auditors.

The guards refuse a membership whose review period differs from that of the invitation, and a change of an invitation's
review period. They also keep people from changing their own review period.
"""

from importlib import import_module

from django.db import migrations, models

_OFFERED = "AND (i.access_from IS NULL OR NEW.valid_from >= i.access_from));"
_SAME = """AND (i.access_from IS NULL OR NEW.valid_from >= i.access_from)
              AND (NEW.review_first, NEW.review_last) IS NOT DISTINCT FROM (i.review_first, i.review_last));"""
_FIXED = "NEW.access_until, NEW.access_from)", "OLD.access_until, OLD.access_from)"
_PROLONGED = "    IF OLD.valid_until IS NOT NULL AND (NEW.valid_until IS NULL"
_OWN = f"""    IF me = OLD.person_id
       AND (NEW.review_first, NEW.review_last) IS DISTINCT FROM (OLD.review_first, OLD.review_last) THEN
        RAISE EXCEPTION 'nobody changes their own review period' USING ERRCODE = 'insufficient_privilege';
    END IF;
{_PROLONGED}"""


def _functions(*, reviews: bool) -> str:
    """Return the two functions of migration 0039 that guard memberships and invitations.

    If `reviews` is True, the functions also check review periods.
    """
    text: str = import_module("tenants.migrations.0039_invitation_start")._functions(starts=True)
    if any(text.count(one) != 1 for one in (_OFFERED, *_FIXED, _PROLONGED)):
        raise ValueError("Migration 0012 or 0039 was changed.")
    if reviews:
        text = text.replace(_OFFERED, _SAME).replace(_PROLONGED, _OWN)
        for one in _FIXED:
            text = text.replace(one, f"{one[:-1]}, {one[:3]}.review_first, {one[:3]}.review_last)")
    return text


def _valid() -> models.Q:
    return models.Q(("review_first__isnull", True), ("review_last__isnull", True)) | models.Q(
        ("review_first__isnull", False), ("review_last__gte", models.F("review_first")), ("role", "auditor")
    )


class Migration(migrations.Migration):
    dependencies = [("tenants", "0048_service_account_guards")]

    operations = [
        *(
            migrations.AddField(model, field, models.DateField(blank=True, null=True))
            for model in ("invitation", "membership")
            for field in ("review_first", "review_last")
        ),
        *(
            migrations.AddConstraint(
                model, models.CheckConstraint(condition=_valid(), name=f"tenants_{model}_review_period")
            )
            for model in ("invitation", "membership")
        ),
        migrations.RunSQL(_functions(reviews=True), _functions(reviews=False)),
    ]
