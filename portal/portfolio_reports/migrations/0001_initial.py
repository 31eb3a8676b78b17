"""Portfolio reports of organizations."""

import django.contrib.postgres.fields
import django.db.models.deletion
import portal.portfolio_reports.models
import portal.reports.storage
import tenants.ids
import tenants.rls
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('tenants', '0038_report_link_days'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PortfolioReport',
            fields=[
                ('id', models.UUIDField(default=tenants.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('title', models.CharField(max_length=300)),
                ('classification', models.CharField(default='Confidential', max_length=60)),
                ('paper', models.CharField(choices=[('a4', 'A4 (210 × 297 mm)'), ('letter', 'Letter (8.5 × 11 in)')], db_default='a4', default='a4', max_length=10)),
                ('state', models.CharField(choices=[('building', 'Building'), ('ready', 'Ready'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='building', max_length=20)),
                ('error', models.TextField(blank=True)),
                ('step', models.CharField(blank=True, choices=[('gathering', 'Gathering data'), ('rendering', 'Rendering pages'), ('signing', 'Signing'), ('checking', 'Checking the signature')], db_default='', default='', max_length=20)),
                ('attempt', models.PositiveIntegerField(db_default=0, default=0)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('build_until', models.DateTimeField(blank=True, help_text='the time at which the worker that claimed the report is stopped', null=True)),
                ('worker', models.CharField(blank=True, db_default='', default='', max_length=200)),
                ('requested_as', models.CharField(help_text='name and address of the requester, as printed in the report', max_length=320)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('size', models.PositiveBigIntegerField(default=0)),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('level', models.CharField(blank=True, max_length=10)),
                ('signer', models.CharField(blank=True, max_length=300)),
                ('self_made', models.BooleanField(default=False)),
                ('pages', models.PositiveIntegerField(default=0)),
                ('archive_until', models.DateTimeField(blank=True, help_text='when the certificates of the last archive time stamp end', null=True)),
                ('archive_algorithm', models.CharField(blank=True, db_default='', default='', help_text='algorithm of the last archive time stamp', max_length=40)),
                ('label', models.CharField(blank=True, max_length=100)),
                ('customers', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField())),
                ('is_selection', models.BooleanField(default=False, help_text='customers were chosen one by one')),
                ('supersedes_number', models.PositiveIntegerField(blank=True, help_text='number of the report that this report supersedes when it is ready', null=True)),
                ('as_of', models.DateTimeField(blank=True, help_text='the time whose figures the report states', null=True)),
                ('file', models.FileField(blank=True, max_length=200, storage=portal.reports.storage.report_storage, upload_to=portal.portfolio_reports.models.portfolio_name)),
                ('organization', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.organization')),
                ('requested_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-number'],
                'abstract': False,
                'constraints': [models.UniqueConstraint(fields=('organization', 'number'), name='portfolio_report_number'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'ready'), _negated=True), models.Q(models.Q(('sha256', ''), _negated=True), models.Q(('file', ''), _negated=True), ('as_of__isnull', False), ('size__gt', 0)), _connector='OR'), name='portfolio_report_ready_has_file'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'failed'), _negated=True), models.Q(('error', ''), _negated=True), _connector='OR'), name='portfolio_report_failed_says_why'), models.CheckConstraint(condition=models.Q(('customers__len__gt', 0)), name='portfolio_report_has_customers'), tenants.rls.RowLevelSecurity(name='portfolio_reports_portfolioreport_rls', using="organization_id = ANY((SELECT NULLIF(current_setting('surety.organizations', true), '')::uuid[])::uuid[])")],
            },
        ),
    ]
