"""Configure Celery: tasks are acknowledged late, lost tasks are delivered again within seconds, and a periodic task
(“tick”) runs every minute.
"""

from __future__ import annotations

import ssl
from typing import Any
from urllib.parse import urlsplit

from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured

from portal.embedded.valkey import Valkey
from portal.settings import env

_broker = env.server_address("BROKER_URL")
if _broker and urlsplit(_broker).scheme not in ("redis", "rediss", "redis+socket"):
    raise ImproperlyConfigured(
        "BROKER_URL is not a redis:// or rediss:// address. Set it to the address of a Valkey or Redis server, such as"
        " rediss://USER:PASSWORD@HOST:6379/0."
    )
CELERY_BROKER_URL = _broker or Valkey(env.state_directory()).broker_url()
# Require a valid certificate of a rediss:// broker. By default, kombu accepts any certificate. Options in the broker's
# URL also apply.
CELERY_BROKER_USE_SSL: dict[str, Any] | bool = (
    {"ssl_cert_reqs": ssl.CERT_REQUIRED} if CELERY_BROKER_URL.startswith("rediss://") else False
)
CELERY_TASK_IGNORE_RESULT = (
    True  # Celery has no result backend, because tasks write their results to the database.
)
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_DEFAULT_QUEUE = "surety"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_MAX_MEMORY_PER_CHILD = env.integer("SURETY_WORKER_MEMORY_MB", 400, minimum=100) * 1024
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # Try forever to connect to the broker.
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
# With this consumer, workers accept only the kinds of messages that Surety sends.
CELERY_WORKER_CONSUMER = "portal.workers.checked_broker:CheckedConsumer"
# While all processes of a worker are busy, only the connection for remote control shows that the broker was lost.
# Without this connection, the worker would wait for messages forever. portal/celery.py removes all commands of remote
# control except `ping`.
CELERY_WORKER_ENABLE_REMOTE_CONTROL = True
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_TIMEZONE = "UTC"

# Maximum number of subscriptions and directories that are assessed at the same time, per tenant or organization.
SURETY_UNITS_PER_TENANT = env.integer("SURETY_UNITS_PER_TENANT", 8, minimum=1)
SURETY_UNITS_PER_ORGANIZATION = env.integer("SURETY_UNITS_PER_ORGANIZATION", 32, minimum=1)

# Minutes between two readings of the activity log of a watched subscription.
SURETY_WATCH_MINUTES = env.integer("SURETY_WATCH_MINUTES", 5, minimum=1)

# The folder from which results of vulnerability scanners are imported, empty for none. The results are in files
# <organization>/<customer>/<file>.
SURETY_SCAN_FOLDER = env.text("SURETY_SCAN_FOLDER")
if SURETY_SCAN_FOLDER and not SURETY_SCAN_FOLDER.startswith("/"):
    raise ImproperlyConfigured(
        f"SURETY_SCAN_FOLDER={SURETY_SCAN_FOLDER!r} is not an absolute path, so it would depend on the folder in"
        " which a worker starts. Set it to a path that begins with /."
    )

# Maximum time of one attempt to build a report. After this time, the process is killed, because rendering cannot be
# interrupted.
SURETY_REPORT_SECONDS = env.integer("SURETY_REPORT_SECONDS", 3600, minimum=5)

# Tasks that are sent when an assessment has ended, with the ids of the tenant and the assessment.
SURETY_AFTER_ASSESSMENT = [
    "assessments.tasks.refresh_names",
    "assessments.tasks.match_scans",
    "portal.treatment.tasks.after_assessment",
    "portal.changes.tasks.after_assessment",
    "portal.tickets.tasks.after_assessment",
]

# Functions that are called with a new tenant (`tenant=`, `by=`) in the transaction of its registration.
SURETY_ON_REGISTRATION = ["portal.treatment.actions.baselines.follow_baselines"]

# Tasks that are sent with the tenant's id when scheduled assessments were missed, or a schedule is paused.
SURETY_AFTER_SCHEDULE = ["portal.treatment.tasks.refresh"]

# A message that its worker has not acknowledged within `visibility_timeout` seconds (kombu's default: 3600) is
# delivered again. Workers look for such messages every `unacked_restore_interval` x `unacked_restore_throttle` seconds
# (default: 10 x 10). If the assessment of a subscription takes longer than the timeout, a second worker gets the
# message, but the lease in the database stops it.
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
    "visibility_timeout": env.integer("SURETY_REDELIVERY_SECONDS", 20, minimum=5),
    "unacked_restore_interval": 2,
    "unacked_restore_throttle": 1,
    # One worker at a time looks for unacknowledged messages. If this worker is killed, another worker takes over the
    # search after this number of seconds (default: 300).
    "unacked_mutex_expire": 10,
    "socket_keepalive": True,
    "health_check_interval": 10,
    "global_keyprefix": env.text("SURETY_BROKER_PREFIX"),
}
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "tick": {"task": "assessments.tasks.tick", "schedule": 60.0, "options": {"expires": 55}},
    "scan-folder": {
        "task": "assessments.tasks.look_for_scans",
        "schedule": crontab(minute="*/5"),
        "options": {"expires": 280},
    },
    "treatment": {"task": "portal.treatment.tasks.tick", "schedule": 60.0, "options": {"expires": 55}},
    "changes": {"task": "portal.changes.tasks.tick", "schedule": 60.0, "options": {"expires": 55}},
    "tickets": {"task": "portal.tickets.tasks.tick", "schedule": 60.0, "options": {"expires": 55}},
    "bulk-jobs": {"task": "portal.bulk_jobs.tasks.tick", "schedule": 60.0, "options": {"expires": 55}},
    "old-bulk-jobs": {
        "task": "portal.bulk_jobs.tasks.delete_all_old",
        "schedule": crontab(hour="2", minute="51"),
        "options": {"expires": 3600},
    },
    "notify": {"task": "portal.notify.tasks.tick", "schedule": 60.0, "options": {"expires": 55}},
    "reports": {"task": "portal.reports.tasks.tick", "schedule": 60.0, "options": {"expires": 55}},
    "time-stamps": {
        "task": "portal.reports.tasks.renew_time_stamps",
        "schedule": crontab(hour="3", minute="17"),
        "options": {"expires": 3600},
    },
    "portfolio-reports": {
        "task": "portal.portfolio_reports.tasks.tick",
        "schedule": 60.0,
        "options": {"expires": 55},
    },
    "old-portfolio-reports": {
        "task": "portal.portfolio_reports.tasks.delete_all_old",
        "schedule": crontab(hour="2", minute="41"),
        "options": {"expires": 3600},
    },
    "portfolio-time-stamps": {
        "task": "portal.portfolio_reports.tasks.renew_time_stamps",
        "schedule": crontab(hour="3", minute="27"),
        "options": {"expires": 3600},
    },
    "report-schedules": {
        "task": "portal.distribution.tasks.tick",
        "schedule": 60.0,
        "options": {"expires": 55},
    },
    "account-mails": {
        "task": "portal.accounts.tasks.send_mails",
        "schedule": 60.0,
        "options": {"expires": 55},
    },
    "journal-stream": {"task": "portal.audit.tasks.tick", "schedule": 60.0, "options": {"expires": 55}},
    "journal-anchors": {
        "task": "portal.audit.tasks.anchor_all",
        "schedule": crontab(hour="0", minute="11"),
        "options": {"expires": 3600},
    },
    "ended-sessions": {
        "task": "portal.accounts.tasks.remove_ended_sessions",
        "schedule": crontab(minute="11"),
        "options": {"expires": 3600},
    },
    "idempotency-keys": {
        "task": "portal.accounts.tasks.delete_idempotency_keys",
        "schedule": crontab(minute="47"),
        "options": {"expires": 1800},
    },
    "access-tokens": {
        "task": "portal.accounts.tasks.delete_access_tokens",
        "schedule": crontab(minute="53"),
        "options": {"expires": 1800},
    },
    "customer-exports": {
        "task": "portal.leaving.tasks.tick",
        "schedule": crontab(minute="*/10"),
        "options": {"expires": 500},
    },
    "import-previews": {
        "task": "portal.imports.tasks.delete_all_previews",
        "schedule": crontab(minute="41"),
        "options": {"expires": 1800},
    },
    "configuration-files": {
        "task": "portal.configuration.tasks.delete_all_files",
        "schedule": crontab(minute="43"),
        "options": {"expires": 1800},
    },
    "retention": {
        "task": "portal.retention.tasks.start_all",
        "schedule": crontab(hour="2", minute="23"),
        "options": {"expires": 3600},
    },
    "retention-lost": {
        "task": "portal.retention.tasks.tick",
        "schedule": crontab(minute="*/10"),
        "options": {"expires": 500},
    },
}
