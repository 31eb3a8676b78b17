"""Links to portfolio reports. Like links to customers' reports, they are deleted together with the report."""

import django.db.models.deletion
import tenants.ids
import tenants.rls
from django.conf import settings
from django.db import migrations, models

# The trigger runs with the rights of the database function that deletes reports. That function has the organization in
# its scope.
DELETED = r"""
CREATE FUNCTION distribution_delete_portfolio_links() RETURNS trigger LANGUAGE plpgsql SECURITY INVOKER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    DELETE FROM public.distribution_portfoliolink l
        WHERE l.organization_id = OLD.organization_id AND l.report_number = OLD.number;
    RETURN NULL;
END $$;
CREATE TRIGGER distribution_delete_portfolio_links AFTER DELETE ON portfolio_reports_portfolioreport
    FOR EACH ROW EXECUTE FUNCTION distribution_delete_portfolio_links();
"""
NOT_DELETED = r"""
DROP TRIGGER distribution_delete_portfolio_links ON portfolio_reports_portfolioreport;
DROP FUNCTION distribution_delete_portfolio_links();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('distribution', '0006_schedule_language'),
        ('portfolio_reports', '0005_locked_holds'),
        ('tenants', '0042_delegation_has_role'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PortfolioLink',
            fields=[
                ('id', models.UUIDField(default=tenants.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('report_number', models.PositiveIntegerField()),
                ('recipient', models.CharField(max_length=254)),
                ('token_hash', models.CharField(max_length=64)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('expires_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('use_count', models.PositiveIntegerField(default=0)),
                ('last_used_at', models.DateTimeField(blank=True, null=True)),
                ('last_used_from', models.CharField(blank=True, max_length=45)),
                ('made_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organization', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.organization')),
                ('revoked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-created_at', '-pk'],
                'abstract': False,
                'indexes': [models.Index(fields=['organization', 'report_number'], name='distribution_portfolio_link')],
                'constraints': [models.UniqueConstraint(fields=('token_hash',), name='distribution_portfoliolink_token'), models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('created_at'))), name='distribution_portfoliolink_period'), models.CheckConstraint(condition=models.Q(models.Q(('last_used_at__isnull', True), ('use_count', 0)), models.Q(('last_used_at__isnull', False), ('use_count__gt', 0)), _connector='OR'), name='distribution_portfoliolink_used'), tenants.rls.RowLevelSecurity(name='distribution_portfoliolink_rls', read="token_hash = (SELECT NULLIF(current_setting('surety.invitation', true), ''))", using="organization_id = ANY((SELECT NULLIF(current_setting('surety.organizations', true), '')::uuid[])::uuid[])")],
            },
        ),
        migrations.RunSQL(DELETED, NOT_DELETED),
    ]
