"""Configure the tests: PostgreSQL with the application's role, fast password hashes, and mail and tasks in memory."""

from portal.settings import *
from portal.settings import EMBEDDED_HOME, LOGGING

SECRET_KEY = "surety-tests-only-" + "0123456789abcdef" * 4
SECRET_KEY_FALLBACKS = []
SURETY_HOME = EMBEDDED_HOME / "test"
MEDIA_ROOT = SURETY_HOME / "media"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
# The messages of tasks stay in the memory of this process. Tests of real workers use the fixture `broker`.
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS = {}
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
SURETY_WEBHOOK_HOSTS = []
# Record failed sign-ins in the same thread, because tests use one connection to the database.
AFTER_ANSWER_SECONDS = 0
SURETY_CHANGES_PER_MINUTE = SURETY_EXPORTS_PER_MINUTE = 0
SURETY_WEBHOOK_ALLOWED_HOSTS = []
SURETY_REVOCATION_ALLOWED_HOSTS = []
SURETY_WEBHOOK_CA_FILE = SURETY_HOST_IDENTITIES = ""
SURETY_JOURNAL_STREAM = SURETY_JOURNAL_SECRET = SURETY_JOURNAL_CA_FILE = ""
SURETY_MALWARE_SCANNER = ""
SURETY_ANCHOR_MAIL = SURETY_ANCHOR_WEBHOOK = ""
LOGGING["root"]["level"] = "WARNING"

# Do not limit exports in tests. Most tests do not read exports to their end, so the slots of these exports would never
# be released.
SURETY_LIMIT_EXPORTS = False
