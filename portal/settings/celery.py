"""Configure Celery: tasks are acknowledged late, lost tasks are delivered again within seconds, and periodic tasks
(“ticks”) start due work, most of them every minute.
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
# By default, kombu accepts any certificate of a rediss:// broker. Require a valid one. `ssl_…` options in the URL
# replace this value.
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
# Accept only the kinds of messages that Surety sends.
CELERY_WORKER_CONSUMER = "portal.workers.checked_broker:CheckedConsumer"
# If the broker is lost while all processes of a worker are busy, the worker notices the loss only through its
# connection for remote control. Without this connection, the worker would wait for messages forever. portal/celery.py
# removes all commands of remote control except `ping`.
CELERY_WORKER_ENABLE_REMOTE_CONTROL = True
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_TIMEZONE = "UTC"

# Maximum numbers of subscriptions and directories that are assessed at the same time: of one tenant, and of all tenants
# of an organization.
SURETY_UNITS_PER_TENANT = env.integer("SURETY_UNITS_PER_TENANT", 8, minimum=1)
SURETY_UNITS_PER_ORGANIZATION = env.integer("SURETY_UNITS_PER_ORGANIZATION", 32, minimum=1)

# Minutes between two readings of the activity log of a watched subscription.
SURETY_WATCH_MINUTES = env.integer("SURETY_WATCH_MINUTES", 5, minimum=1)

# The folder from which results of vulnerability scanners are imported. Paths of the files in this folder are
# <organization>/<customer>/<file>. If the variable is empty, no folder is read.
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


def _every_minute(task: str) -> dict[str, Any]:
    return {"task": task, "schedule": 60.0, "options": {"expires": 55}}


def _at(schedule: crontab, task: str, *, expires: int) -> dict[str, Any]:
    """Return the entry of a task in CELERY_BEAT_SCHEDULE. A message that no worker has taken after `expires` seconds is
    dropped.
    """
    return {"task": task, "schedule": schedule, "options": {"expires": expires}}


CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "tick": _every_minute("assessments.tasks.tick"),
    "scan-folder": _at(crontab(minute="*/5"), "assessments.tasks.look_for_scans", expires=280),
    "treatment": _every_minute("portal.treatment.tasks.tick"),
    "changes": _every_minute("portal.changes.tasks.tick"),
    "tickets": _every_minute("portal.tickets.tasks.tick"),
    "bulk-jobs": _every_minute("portal.bulk_jobs.tasks.tick"),
    "old-bulk-jobs": _at(
        crontab(hour="2", minute="51"), "portal.bulk_jobs.tasks.delete_all_old", expires=3600
    ),
    "notify": _every_minute("portal.notify.tasks.tick"),
    "reports": _every_minute("portal.reports.tasks.tick"),
    "time-stamps": _at(
        crontab(hour="3", minute="17"), "portal.reports.tasks.renew_time_stamps", expires=3600
    ),
    "portfolio-reports": _every_minute("portal.portfolio_reports.tasks.tick"),
    "old-portfolio-reports": _at(
        crontab(hour="2", minute="41"), "portal.portfolio_reports.tasks.delete_all_old", expires=3600
    ),
    "portfolio-time-stamps": _at(
        crontab(hour="3", minute="27"), "portal.portfolio_reports.tasks.renew_time_stamps", expires=3600
    ),
    "report-schedules": _every_minute("portal.distribution.tasks.tick"),
    "account-mails": _every_minute("portal.accounts.tasks.send_mails"),
    "journal-stream": _every_minute("portal.audit.tasks.tick"),
    "journal-anchors": _at(crontab(hour="0", minute="11"), "portal.audit.tasks.anchor_all", expires=3600),
    "ended-sessions": _at(crontab(minute="11"), "portal.accounts.tasks.remove_ended_sessions", expires=3600),
    "idempotency-keys": _at(
        crontab(minute="47"), "portal.accounts.tasks.delete_idempotency_keys", expires=1800
    ),
    "access-tokens": _at(crontab(minute="53"), "portal.accounts.tasks.delete_access_tokens", expires=1800),
    "customer-exports": _at(crontab(minute="*/10"), "portal.leaving.tasks.tick", expires=500),
    "import-previews": _at(crontab(minute="41"), "portal.imports.tasks.delete_all_previews", expires=1800),
    "configuration-files": _at(
        crontab(minute="43"), "portal.configuration.tasks.delete_all_files", expires=1800
    ),
    "retention": _at(crontab(hour="2", minute="23"), "portal.retention.tasks.start_all", expires=3600),
    "retention-lost": _at(crontab(minute="*/10"), "portal.retention.tasks.tick", expires=500),
}
