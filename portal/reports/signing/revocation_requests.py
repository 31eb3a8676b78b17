"""Request OCSP answers, CRLs and issuers' certificates from the URLs that certificates contain.

The maker of a certificate chose these URLs. So requests go only to public IP addresses and to hosts in
`SURETY_REVOCATION_ALLOWED_HOSTS`. The connection goes to the checked address, without redirects or proxies, and answers
are limited in time and size. HTTP without TLS is permitted too, because the answers are signed.
"""

from __future__ import annotations

import asyncio
import http.client
from collections.abc import Awaitable, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from asn1crypto import x509
from django.conf import settings
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import CertificateFetchError
from pyhanko_certvalidator.fetchers.api import Fetchers, FetchLimits
from pyhanko_certvalidator.fetchers.common_utils import FetchBudget
from pyhanko_certvalidator.fetchers.requests_fetchers.cert_fetch_client import RequestsCertificateFetcher
from pyhanko_certvalidator.fetchers.requests_fetchers.crl_client import RequestsCRLFetcher
from pyhanko_certvalidator.fetchers.requests_fetchers.ocsp_client import RequestsOCSPFetcher
from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError

from assessments.version import VERSION
from portal.notify.addresses import Exemptions, RefusedAddress, Target, Unresolved, parse, resolve
from portal.notify.outbound import connection_to, limited
from portal.reports.errors import SigningUnavailable
from portal.reports.signatures.pyhanko_thread import run_in_own_thread
from portal.reports.verification.archive_updates import MAX_ITEM_BYTES, MAX_ITEMS, ValidationData
from portal.reports.verification.certificate_chains import (
    Chain,
    ChainRefused,
    minimal,
    ordered_chain,
    validate_chain,
)

SETTING: Final = "SURETY_REVOCATION_ALLOWED_HOSTS"
CONNECT_SECONDS: Final = 5.0
ANSWER_SECONDS: Final = 15.0
MAX_ADDRESSES: Final = 3
MAX_REQUESTS: Final = 40
_PORTS: Final = (80, 443)
_BLOCK: Final = 64 * 1024


def exemptions() -> Exemptions:
    """Return the hosts to which requests are allowed although their addresses are not public."""
    return Exemptions.parse(settings.SURETY_REVOCATION_ALLOWED_HOSTS)


def fetch_validation_data(chains: Sequence[Chain]) -> ValidationData:
    """Fetch OCSP answers and CRLs as evidence that no certificate of the chains had been revoked when it was used.

    The result does not include the certificates of the chains. Raises SigningUnavailable if a certificate was revoked
    or an answer is missing. The message says what to do.
    """
    failures: list[str] = []
    try:
        found = run_in_own_thread(lambda: asyncio.run(_fetch(chains, failures)))
        return minimal(chains, found)
    except ChainRefused as error:
        raise SigningUnavailable(_advice(error, failures)) from None
    except (ValueError, TypeError, LookupError) as error:
        raise SigningUnavailable(
            f"An answer about the revocation of a certificate cannot be read: {error}. Ask the authority that "
            "issued the certificate, or choose the level B-T in SURETY_SIGNING_LEVEL."
        ) from None


def _advice(error: ChainRefused, failures: Sequence[str]) -> str:
    reasons = " ".join(dict.fromkeys(failures))
    if error.revoked:
        return f"{error} Configure a certificate that is not revoked, and build the report again."
    if error.unanswered:
        return (
            f"{error} {reasons} Check that this machine can reach the addresses in the certificates, or choose the"
            " level B-T in SURETY_SIGNING_LEVEL."
        ).replace("  ", " ")
    return f"{error} Check the configured certificates."


async def _fetch(chains: Sequence[Chain], failures: list[str]) -> ValidationData:
    ocsps: dict[bytes, None] = {}
    crls: dict[bytes, None] = {}
    fetchers = _fetchers(failures)
    for chain in chains:
        if not chain.needs_answers:
            continue
        context = ValidationContext(
            trust_roots=[chain.certificates[-1]],
            other_certs=list(chain.certificates[1:-1]),
            allow_fetching=True,
            fetchers=fetchers,
            revocation_mode="require",
            retroactive_revinfo=True,
        )
        await validate_chain(chain, context)
        ocsps |= dict.fromkeys(answer.dump() for answer in context.ocsps)
        crls |= dict.fromkeys(answer.dump() for answer in context.crls)
    return ValidationData((), tuple(ocsps), tuple(crls))


def completed_chain(leaf: x509.Certificate, others: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """Return the certificate and its issuers up to a root. Fetch the issuers that are not among `others`.

    Raises SigningUnavailable if the chain remains incomplete.
    """
    failures: list[str] = []
    path = ordered_chain(leaf, others)
    if path[-1].issuer != path[-1].subject:
        run_in_own_thread(lambda: asyncio.run(_fetch_issuers(path, others, failures)))
    if path[-1].issuer != path[-1].subject:
        reasons = " ".join(dict.fromkeys(failures))
        raise SigningUnavailable(
            f"For the levels B-LT and B-LTA, the certificate of the authority “{path[-1].issuer.human_friendly}” is"
            f" needed, but it is missing. {reasons} Add the certificate of this authority, and then the"
            " certificates of the authorities above it, to the file with the signing certificate.".replace(
                "  ", " "
            )
        )
    return path


async def _fetch_issuers(
    path: list[x509.Certificate], others: Sequence[x509.Certificate], failures: list[str]
) -> None:
    fetcher = _fetchers(failures).cert_fetcher
    while path[-1].issuer != path[-1].subject and len(path) <= MAX_ITEMS:
        try:
            found = [one async for one in fetcher.fetch_cert_issuers(path[-1])]
        except CertificateFetchError:
            return  # `failures` has the errors of the requests.
        extended = ordered_chain(path[-1], [*found, *others])
        if len(extended) == 1:
            return
        path.extend(extended[1:])


class _Guarded:
    """Sends the requests of pyhanko-certvalidator's fetchers with `ask`, which checks the URL and limits the answer."""

    failures: list[str]

    def _get(self, url: str, *, acceptable_content_types: Sequence[str]) -> Awaitable[requests.Response]:
        headers = {"Accept": ",".join(acceptable_content_types)}
        return asyncio.to_thread(self._ask, "GET", url, None, headers)

    def _post(
        self, url: str, data: bytes, *, content_type: str, acceptable_content_types: Sequence[str]
    ) -> Awaitable[requests.Response]:
        headers = {"Accept": ",".join(acceptable_content_types), "Content-Type": content_type}
        return asyncio.to_thread(self._ask, "POST", url, data, headers)

    def _ask(self, method: str, url: str, body: bytes | None, headers: dict[str, str]) -> requests.Response:
        try:
            return ask(method, url, body, headers)
        except requests.RequestException as error:
            self.failures.append(str(error))
            raise


class _OCSP(_Guarded, RequestsOCSPFetcher):
    # By default, issuers are identified by SHA-1 (RFC 5019), because few responders understand SHA-256. Security does
    # not depend on this hash.
    pass


class _CRL(_Guarded, RequestsCRLFetcher):
    pass


class _Certificate(_Guarded, RequestsCertificateFetcher):
    pass


def _fetchers(failures: list[str]) -> Fetchers:
    budget = FetchBudget(FetchLimits(max_requests=MAX_REQUESTS, max_cert_requests=MAX_REQUESTS))
    kinds: tuple[Any, ...] = (_OCSP, _CRL, _Certificate)
    made = [kind(budget=budget) for kind in kinds]
    for fetcher in made:
        fetcher.failures = failures
    return Fetchers(*made)


def ask(method: str, url: str, body: bytes | None, headers: dict[str, str]) -> requests.Response:
    """Send a request and return the answer.

    Raises requests.RequestException if the URL is not permitted or there is no answer. The message is a sentence.
    """
    if urlsplit(url).scheme not in ("http", "https"):
        raise requests.RequestException(
            f"No request was sent to {url}, because the address is neither HTTP nor HTTPS."
        )
    allowed = exemptions()
    try:
        target = parse(url, allowed=allowed, setting=SETTING, ports=_PORTS, schemes=("http", "https"))
        addresses = resolve(target, allowed=allowed, setting=SETTING)
    except (RefusedAddress, Unresolved) as error:
        raise requests.RequestException(f"No request was sent to {url}: {error}") from None
    reason = f"{target.host} has no IP address."
    for address in addresses[:MAX_ADDRESSES]:
        connection = connection_to(target, str(address))
        try:
            return _exchange(connection, target, method, body, headers)
        except requests.RequestException:
            raise
        except (OSError, HTTPError, http.client.HTTPException) as error:
            reason = f"{target.host} did not answer ({type(error).__name__})."
        finally:
            connection.close()
    raise requests.RequestException(reason)


def _exchange(
    connection: HTTPConnection, target: Target, method: str, body: bytes | None, headers: dict[str, str]
) -> requests.Response:
    connection.connect()
    sent = {"Host": target.host_header, "User-Agent": f"Surety/{VERSION}", "Connection": "close", **headers}
    connection.timeout = ANSWER_SECONDS
    assert connection.sock is not None
    # The socket's time limit begins again with each byte, so a timer limits the whole exchange.
    with limited(connection.sock, ANSWER_SECONDS) as expired:
        answer = _answer(connection, target, method, body, sent)
        # If the timer closes the connection while headers are read, http.client raises no error and treats the headers
        # as complete. So check whether the timer has expired.
        if expired.is_set():
            raise requests.RequestException(
                f"{target.host} did not answer within {ANSWER_SECONDS:.0f} seconds."
            )
        return answer


def _answer(
    connection: HTTPConnection, target: Target, method: str, body: bytes | None, sent: dict[str, str]
) -> requests.Response:
    connection.request(method, target.path, body=body, headers=sent, preload_content=False)
    answer = http.client.HTTPConnection.getresponse(connection)
    if answer.status != http.client.OK:
        raise requests.RequestException(f"{target.host} answered with status {answer.status}.")
    content = bytearray()
    while block := answer.read1(_BLOCK):
        content += block
        if len(content) > MAX_ITEM_BYTES:
            raise requests.RequestException(
                f"The answer of {target.host} is larger than {MAX_ITEM_BYTES // 2**20} MB."
            )
    made = requests.Response()
    made.status_code = answer.status
    made.headers["Content-Type"] = answer.headers.get("Content-Type", "")
    made._content = bytes(content)
    return made
