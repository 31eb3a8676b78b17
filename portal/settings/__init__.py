"""Django's settings, one module per topic. docs/operations/settings.md lists the environment variables."""

from portal.settings.api import *
from portal.settings.audit import *
from portal.settings.base import *
from portal.settings.celery import *
from portal.settings.database import *
from portal.settings.evidence import *
from portal.settings.logging import *
from portal.settings.notify import *
from portal.settings.security import *
