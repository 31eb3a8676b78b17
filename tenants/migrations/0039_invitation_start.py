"""Add the start of access to invitations. The membership of an accepted invitation cannot begin before it."""

from importlib import import_module

from django.db import migrations, models

_PATH = "LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$"
_OFFERED = "NEW.valid_until IS NOT DISTINCT FROM i.access_until);"
_STARTS = """NEW.valid_until IS NOT DISTINCT FROM i.access_until
              AND (i.access_from IS NULL OR NEW.valid_from >= i.access_from));"""
_FIXED = "NEW.role, NEW.access_until)", "OLD.role, OLD.access_until)"


def _functions(*, starts: bool) -> str:
    """Return the two functions of migration 0012 that guard memberships and invitations.

    The functions get a fixed search path, as in migration leaving.0005. If `starts` is True, they also check the start
    of access.
    """
    guard: str = import_module("tenants.migrations.0012_access_guard").GUARD
    parts = []
    for name, trigger in (
        ("membership", "DROP TRIGGER tenants_guard_membership"),
        ("invitation", "DROP TRIGGER"),
    ):
        begin = guard.index(f"CREATE OR REPLACE FUNCTION tenants_guard_{name}()")
        parts.append(guard[begin : guard.index(trigger, begin)].replace("LANGUAGE plpgsql AS $$", _PATH))
    text = "".join(parts)
    if text.count(_OFFERED) != 1 or any(text.count(one) != 1 for one in _FIXED):
        raise ValueError("Migration 0012 was changed.")
    if starts:
        text = text.replace(_OFFERED, _STARTS)
        for one in _FIXED:
            text = text.replace(one, f"{one[:-1]}, {one[:3]}.access_from)")
    return text


class Migration(migrations.Migration):
    dependencies = [("tenants", "0038_report_link_days")]

    operations = [
        migrations.AddField("invitation", "access_from", models.DateTimeField(blank=True, null=True)),
        migrations.AddConstraint(
            "invitation",
            models.CheckConstraint(
                condition=models.Q(
                    ("access_from__isnull", True), ("access_until__isnull", True), _connector="OR"
                )
                | models.Q(("access_until__gt", models.F("access_from"))),
                name="tenants_invitation_access_period",
            ),
        ),
        migrations.RunSQL(_functions(starts=True), _functions(starts=False)),
    ]
