"""Celery: acknowledge late, redeliver within seconds, one beat tick a minute."""

from __future__ import annotations

from typing import Any

from celery.schedules import crontab

from portal.embedded.valkey import Valkey
from portal.settings import env

CELERY_BROKER_URL = env.text("BROKER_URL") or Valkey(env.state_directory()).broker_url()
CELERY_TASK_IGNORE_RESULT = True  # what a task did is in the database
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_DEFAULT_QUEUE = "surety"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_MAX_MEMORY_PER_CHILD = env.integer("SURETY_WORKER_MEMORY_MB", 400, least=100) * 1024
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a broker may be away as long as it likes
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"

# Units in flight: one tenant's flood must not starve the others, nor one organization's the other ones.
SURETY_UNITS_PER_TENANT = env.integer("SURETY_UNITS_PER_TENANT", 8, least=1)
SURETY_UNITS_PER_ORGANIZATION = env.integer("SURETY_UNITS_PER_ORGANIZATION", 32, least=1)

# Sent when an assessment has ended, with the tenant's and the assessment's id.
SURETY_AFTER_ASSESSMENT = ["portal.treatment.tasks.after_assessment"]

# Messages a dead worker held are offered again after `visibility_timeout`, looked for every
# `unacked_restore_interval` x `unacked_restore_throttle` seconds (kombu's defaults: 3600 and 10 x 10).
# A unit that runs longer is delivered twice; its lease in the database turns the second one away.
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
    "visibility_timeout": env.integer("SURETY_REDELIVERY_SECONDS", 20, least=5),
    "unacked_restore_interval": 2,
    "unacked_restore_throttle": 1,
    "unacked_mutex_expire": 10,  # a worker killed while it looked would stop everybody's looking for 300 s
    "socket_keepalive": True,
    "health_check_interval": 10,
    "global_keyprefix": env.text("SURETY_BROKER_PREFIX"),
}
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "tick": {"task": "assessments.tasks.tick", "schedule": 60.0, "options": {"expires": 55}},
    "treatment": {"task": "portal.treatment.tasks.tick", "schedule": 60.0, "options": {"expires": 55}},
    "notify": {"task": "portal.notify.tasks.tick", "schedule": 60.0, "options": {"expires": 55}},
    "notify-prune": {
        "task": "portal.notify.tasks.prune_all",
        "schedule": crontab(hour="2", minute="23"),
        "options": {"expires": 3600},
    },
}
