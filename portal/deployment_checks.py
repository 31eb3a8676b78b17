"""Checks of `manage.py check --deploy`. They warn of unencrypted connections, of a cache that has the same user as the
broker, and of security measures that an installation has not switched on. With the option `--database default`, they
also check whether the database lacks migrations.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from email.utils import parseaddr
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Tags, register
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor

from portal.settings import env
from portal.settings.names import KNOWN
from tenants import secrets
from tenants.azure import host_identities
from tenants.errors import SecretsUnusable

_LEVELS: Final = ("B-B", "B-T", "B-LT", "B-LTA")
_SIGNERS: Final = ("SURETY_SIGNING_P12", "SURETY_SIGNING_KEY_VAULT", "SURETY_SIGNING_PKCS11_MODULE")
_PREFIX: Final = "SURETY_"
_EXAMPLE_KEY: Final = "RVhBTVBMR"
"""The beginning of the example key in the documentation: the word `EXAMPLE` in base64."""
_EXAMPLE_BEGINNING: Final = "EXAMPLE-"
_LOCAL: Final = frozenset({"", "localhost", "127.0.0.1", "::1"})
_MICROSOFT_365: Final = (".office365.com", ".office365.us", "smtp.partner.outlook.cn")
"""The ends of the names of Microsoft 365's mail servers, in all Microsoft clouds. Programs sign in to these servers
with the account of a mailbox.
"""


def _is_local(host: str) -> bool:
    """Return whether a host is this machine: a loopback address, or the folder of a Unix socket."""
    return host in _LOCAL or host.startswith("/")


@register(Tags.security, deploy=True)
def connections_are_encrypted(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Return surety.W001 to W004, W006, W007 and W010 for connections that somebody on the network could read."""
    return [*_site(), *_databases(), *_brokers(), *_mail(), *_journals(), *_scanner(), *_posts()]


def _site() -> Iterator[CheckMessage]:
    if urlsplit(settings.SURETY_URL).scheme != "https":
        yield checks.Warning(
            "SURETY_URL is not an https address, so passwords and session cookies are sent unencrypted.",
            hint="Put a reverse proxy with a certificate in front of Surety, and set SURETY_URL to the https address"
            " of the proxy.",
            id="surety.W001",
        )


def _databases() -> Iterator[CheckMessage]:
    for alias, values in settings.DATABASES.items():
        host = _database_host(values)
        # `host` can name several hosts, separated by commas. libpq tries one after the other.
        if (
            not all(map(_is_local, host.split(",")))
            and values.get("OPTIONS", {}).get("sslmode") != "verify-full"
        ):
            yield checks.Warning(
                f"Surety does not verify the certificate of the PostgreSQL server {host} in the connection {alias}.",
                hint="Add ?sslmode=verify-full&sslrootcert=FILE to DATABASE_URL and DATABASE_OWNER_URL. FILE contains"
                " the certificate of the authority that issued the server’s certificate.",
                id="surety.W002",
            )


def _database_host(values: Mapping[str, Any]) -> str:
    """Return the host to which libpq connects: `hostaddr` or, if it is not set, `host`. If an option is missing in the
    settings, its environment variable (PGHOSTADDR, PGHOST) counts.
    """
    options = values.get("OPTIONS", {})
    address = options.get("hostaddr") or os.environ.get("PGHOSTADDR")
    return str(address or values.get("HOST") or os.environ.get("PGHOST", ""))


def _brokers() -> Iterator[CheckMessage]:
    addresses = {"BROKER_URL": settings.CELERY_BROKER_URL}
    if (cache := settings.CACHES["default"].get("LOCATION", "")) != settings.CELERY_BROKER_URL:
        addresses["CACHE_URL"] = cache
    for variable, address in addresses.items():
        parts = urlsplit(str(address))
        if parts.scheme not in ("redis", "rediss") or _is_local(parts.hostname or ""):
            continue
        if parts.scheme == "redis":
            problem, hint = "without TLS", f"Set {variable} to a rediss:// address."
        elif parse_qs(parts.query).get("ssl_cert_reqs", ["required"]) != ["required"]:
            problem, hint = "without verifying its certificate", f"Remove ssl_cert_reqs from {variable}."
        else:
            continue
        yield checks.Warning(
            f"{variable} sends messages to {parts.hostname} {problem}.", hint=hint, id="surety.W003"
        )


def _mail() -> Iterator[CheckMessage]:
    options = settings.MAILERS["default"].get("OPTIONS", {})
    host = str(options.get("host", ""))
    if not _is_local(host) and not (options.get("use_tls") or options.get("use_ssl")):
        yield checks.Warning(
            f"Mail is sent to {host} without TLS.",
            hint="Set SURETY_SMTP_STARTTLS=1.",
            id="surety.W004",
        )


def _journals() -> Iterator[CheckMessage]:
    parts = urlsplit(settings.SURETY_JOURNAL_STREAM)
    if parts.scheme in ("syslog+tcp", "syslog+udp", "http") and not _is_local(parts.hostname or ""):
        yield checks.Warning(
            f"SURETY_JOURNAL_STREAM is an address without TLS, so journals are sent to {parts.hostname} unencrypted.",
            hint="Set SURETY_JOURNAL_STREAM to a syslog+tls:// or https:// address.",
            id="surety.W006",
        )


def _scanner() -> Iterator[CheckMessage]:
    parts = urlsplit(settings.SURETY_MALWARE_SCANNER)
    if parts.scheme == "clamd" and not _is_local(parts.hostname or ""):
        yield checks.Warning(
            f"SURETY_MALWARE_SCANNER is an address without TLS, so evidence files are sent to {parts.hostname}"
            " unencrypted.",
            hint="Run clamd on this machine and set SURETY_MALWARE_SCANNER to its Unix socket.",
            id="surety.W007",
        )


def _posts() -> Iterator[CheckMessage]:
    addresses = {
        "SURETY_TSA_URL": env.text("SURETY_TSA_URL"),
        "SURETY_ANCHOR_WEBHOOK": settings.SURETY_ANCHOR_WEBHOOK,
        "SURETY_ALARM_WEBHOOK": settings.SURETY_ALARM_WEBHOOK,
    }
    for variable, address in addresses.items():
        parts = urlsplit(address)
        if parts.scheme == "http" and not _is_local(parts.hostname or ""):
            yield checks.Warning(
                f"{variable} sends requests to {parts.hostname} without TLS.",
                hint=f"Set {variable} to an https:// address.",
                id="surety.W010",
            )


@register(Tags.security, deploy=True)
def reverse_proxy_is_known(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Return surety.W016 if SURETY_URL is an https address, but no reverse proxy is trusted. Then nobody can open the
    site.
    """
    if urlsplit(settings.SURETY_URL).scheme != "https" or settings.SURETY_TRUSTED_PROXIES:
        return []
    return [
        checks.Warning(
            "SURETY_URL is an https address, but SURETY_TRUSTED_PROXIES names no reverse proxy. So Surety treats"
            " each request as http, and redirects it to the same https address again and again.",
            hint="Set SURETY_TRUSTED_PROXIES to the addresses of your reverse proxies, or to `unix` for a Unix socket.",
            id="surety.W016",
        )
    ]


@register(Tags.security, deploy=True)
def measures_are_switched_on(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Return surety.W011 to W013 for security measures that are not switched on, W015 if Surety sends no mail, W017 if
    mail servers refuse the address of the sender, and W018 if Microsoft 365 may refuse Surety's sign-in.
    """
    return [*_anchors(), *_second_factor(), *_malware(), *_sent_mail()]


def _anchors() -> Iterator[CheckMessage]:
    if not (settings.SURETY_ANCHOR_MAIL or settings.SURETY_ANCHOR_WEBHOOK):
        yield checks.Warning(
            "Surety sends the heads of the journals nowhere, so an owner of the database could rewrite a whole"
            " journal, and nobody would notice it.",
            hint="Set SURETY_ANCHOR_MAIL or SURETY_ANCHOR_WEBHOOK to a receiver that the administrators of the"
            " database cannot change.",
            id="surety.W011",
        )


def _second_factor() -> Iterator[CheckMessage]:
    if not settings.SURETY_SECOND_FACTOR:
        yield checks.Warning(
            "SURETY_SECOND_FACTOR is not 1, so people can sign in with only a password, unless their organization"
            " requires a second factor.",
            hint="Set SURETY_SECOND_FACTOR=1, or require a second factor or single sign-on on the page Sign-in of"
            " each organization.",
            id="surety.W012",
        )


def _malware() -> Iterator[CheckMessage]:
    if not settings.SURETY_MALWARE_SCANNER:
        yield checks.Warning(
            "SURETY_MALWARE_SCANNER is not set, so files that people attach are not scanned.",
            hint="Set SURETY_MALWARE_SCANNER to the address of clamd or to the command of another scanner.",
            id="surety.W013",
        )


def _sent_mail() -> Iterator[CheckMessage]:
    backend = settings.MAILERS["default"]["BACKEND"]
    if backend.endswith("smtp.EmailBackend") and parseaddr(settings.DEFAULT_FROM_EMAIL)[1].endswith(
        "@localhost"
    ):
        yield checks.Warning(
            f"Mail is sent from {settings.DEFAULT_FROM_EMAIL}, which mail servers refuse.",
            hint="Set SURETY_MAIL_FROM to an address from which your mail server may send.",
            id="surety.W017",
        )
    mailer = settings.MAILERS["default"].get("OPTIONS", {})
    if mailer.get("username") and str(mailer.get("host")).lower().endswith(_MICROSOFT_365):
        yield checks.Warning(
            f"Surety signs in to {mailer['host']} with a user name and a password. From the end of December 2026,"
            " Microsoft 365 refuses this unless an administrator permits it, and then no mail is sent.",
            hint="Use another way to send mail: docs/operations/mail-and-channels.md names some.",
            id="surety.W018",
        )
    if backend.endswith("mail_files.EmailBackend"):
        yield checks.Warning(
            "SURETY_SMTP_HOST is not set, so Surety sends no mail. It writes each mail to a file in the state"
            " directory.",
            hint="Set SURETY_SMTP_HOST to your mail server.",
            id="surety.W015",
        )


@register(Tags.security, deploy=True)
def cache_has_its_own_user(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Return surety.W005 if anyone with the broker's password can also write to the cache."""
    cache = str(settings.CACHES["default"].get("LOCATION", ""))
    broker = str(settings.CELERY_BROKER_URL)
    if not cache or _server(cache) != _server(broker) or _user(cache) != _user(broker):
        return []
    return [
        checks.Warning(
            "The cache and the broker are on the same server and have the same user. So anyone who can connect to"
            " the broker can reset the limits of sign-in attempts.",
            hint="Set CACHE_URL to an address with a user that the broker does not use. docs/operations/servers.md"
            " has the commands that create the two users.",
            id="surety.W005",
        )
    ]


@register(Tags.security, deploy=True)
def time_stamp_authorities_are_pinned(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Return surety.W008 if a time-stamp authority is configured without the certificate that authenticates it."""
    if not env.text("SURETY_TSA_URL") or env.text("SURETY_TSA_CERTIFICATES"):
        return []
    return [
        checks.Warning(
            "SURETY_TSA_URL is set, but SURETY_TSA_CERTIFICATES is not set, so reports and heads of journals get no"
            " time stamps.",
            hint="Set SURETY_TSA_CERTIFICATES to a PEM file with the certificate of the time-stamp authority or"
            " its root certificate.",
            id="surety.W008",
        )
    ]


@register(Tags.security)
def signing_level_can_be_reached(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Return surety.E010 if reports cannot be built, because SURETY_TSA_URL is not an address, or because
    SURETY_SIGNING_LEVEL is unknown or needs settings that are missing.
    """
    level = env.text("SURETY_SIGNING_LEVEL").upper()
    problem, hint = "", ""
    authority = urlsplit(env.text("SURETY_TSA_URL"))
    if env.text("SURETY_TSA_URL") and not (authority.scheme in ("http", "https") and authority.hostname):
        problem = "SURETY_TSA_URL is not the address of a time-stamp authority."
        hint = "Set SURETY_TSA_URL to an address such as https://tsa.example.com."
    elif level and level not in _LEVELS:
        problem, hint = (
            f"SURETY_SIGNING_LEVEL is {level}, which is not a level.",
            f"Set it to one of: {', '.join(_LEVELS)}.",
        )
    elif level in _LEVELS[1:] and not env.text("SURETY_TSA_URL"):
        problem = f"SURETY_SIGNING_LEVEL is {level}, which needs time stamps, but SURETY_TSA_URL is not set."
        hint = "Set SURETY_TSA_URL and SURETY_TSA_CERTIFICATES, or set SURETY_SIGNING_LEVEL to B-B."
    elif level in _LEVELS[2:] and not any(map(env.text, _SIGNERS)):
        problem = (
            f"SURETY_SIGNING_LEVEL is {level}, which needs revocation information. The self-signed certificate of"
            " Surety has no revocation information."
        )
        hint = (
            f"Set one of {', '.join(_SIGNERS)} to configure a certificate of a certificate authority, or set"
            " SURETY_SIGNING_LEVEL to B-T."
        )
    return [checks.Error(problem, hint=hint, id="surety.E010")] if problem else []


@register(Tags.security)
def host_identities_are_readable(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Return surety.W009 if the file with the host identities is invalid, so that no host identity can be used."""
    if not (problem := host_identities.problem()):
        return []
    return [
        checks.Warning(
            problem, hint="docs/operations/service-principals.md describes the file.", id="surety.W009"
        )
    ]


@register(Tags.security)
def key_ring_is_valid(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Return surety.E014 if SURETY_KEYS has a key that is not 32 bytes in base64, so that no credential can be read."""
    try:
        if text := secrets.from_environment():
            secrets.parse(text, "SURETY_KEYS")
    except SecretsUnusable as error:
        return [checks.Error(error.message, id="surety.E014")]
    return []


@register(Tags.security, deploy=True)
def keys_are_secret(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Return surety.E015 for each key that is the example of docs/operations/settings.md, which everybody can read. A
    fallback key is checked too, because Surety accepts signatures that were made with it.
    """
    generate = "Generate a key of your own with: "
    found = []
    try:
        keys = re.split(r"[\s,]+", secrets.from_environment())
    except SecretsUnusable:
        keys = []  # The check `key_ring_is_valid` reports this error.
    if any(key.startswith(_EXAMPLE_KEY) for key in keys):
        found.append(("SURETY_KEYS", f"{generate}openssl rand -base64 32"))
    if settings.SECRET_KEY.startswith(_EXAMPLE_BEGINNING):
        found.append(("SURETY_SECRET_KEY", f"{generate}openssl rand -base64 48"))
    if any(key.startswith(_EXAMPLE_BEGINNING) for key in settings.SECRET_KEY_FALLBACKS):
        found.append(("SURETY_SECRET_KEY_FALLBACKS", "Remove this key from SURETY_SECRET_KEY_FALLBACKS."))
    return [
        checks.Error(
            f"{name} has the value of the example in the documentation, which everybody can read.",
            hint=hint,
            id="surety.E015",
        )
        for name, hint in found
    ]


@register(Tags.database)
def database_is_migrated(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Return surety.E016 if the database lacks migrations of this version, or is empty."""
    if DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not missing:
        return []
    return [
        checks.Error(
            f"The database lacks {len(missing)} of the migrations of this version of Surety. The first of them is"
            f" {missing[0][0]}."
            if executor.loader.applied_migrations
            else "The database is empty.",
            hint="Set DATABASE_OWNER_URL and run manage.py setup. If you have done so, check the name of the"
            " database in DATABASE_URL.",
            id="surety.E016",
        )
    ]


@register(Tags.security)
def variables_are_known(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Return surety.W014 for each environment variable whose name looks like a setting of Surety, but is not one."""
    return [
        checks.Warning(
            f"{name} is not a setting of Surety, so this variable has no effect.",
            hint=_nearest(name),
            id="surety.W014",
        )
        for name in sorted(os.environ)
        if name.startswith(_PREFIX) and name not in KNOWN
    ]


def _nearest(name: str) -> str:
    known = [one.removeprefix(_PREFIX) for one in KNOWN]
    if near := difflib.get_close_matches(name.removeprefix(_PREFIX), known, n=1, cutoff=0.7):
        return f"Did you mean {_PREFIX}{near[0]}?"
    return "docs/operations/settings.md lists all settings."


def _server(address: str) -> tuple[str, int | None]:
    parts = urlsplit(address)
    return (parts.hostname, parts.port) if parts.hostname else (parts.path, None)


def _user(address: str) -> str:
    parts = urlsplit(address)
    return parts.username or parse_qs(parts.query).get("username", [""])[0] or "default"
