"""The settings, one module per concern. What can be set from outside: docs/operations.md."""

from portal.settings.base import *  # noqa: F403
from portal.settings.base import INSTALLED_APPS
from portal.settings.celery import *  # noqa: F403
from portal.settings.database import *  # noqa: F403
from portal.settings.logging import *  # noqa: F403
from portal.settings.security import *  # noqa: F403
from portal.settings.security import OIDC_APPS

INSTALLED_APPS += OIDC_APPS
