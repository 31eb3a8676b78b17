"""Verify the part of a report after its signature, at the levels B-LT and B-LTA.

Two kinds of updates may follow the signature:

- Validation data must show that the certificates of the preceding signature or time stamp had not been revoked when
  they were used. The update must contain nothing else.
- An archive time stamp must cover every byte before it, and come from an accepted authority.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from asn1crypto import cms, x509

from portal.reports.signatures.cms_encoding import signer_certificate
from portal.reports.signatures.container import DamagedSignature, SignatureContainer, decoded, fingerprints
from portal.reports.signatures.place import SignaturePlace
from portal.reports.signatures.stamps import CLOCK_SKEW, check_stamp
from portal.reports.verification.archive_updates import (
    DocumentStamp,
    ForeignUpdate,
    Update,
    ValidationData,
    read_updates,
)
from portal.reports.verification.certificate_chains import (
    STAMPING,
    Chain,
    ChainRefused,
    ordered_chain,
    surplus,
    validate_chains,
)

ARCHIVED: Final = ("B-LT", "B-LTA")
_EXTENDED: Final = (
    "The file was extended after it was signed: {what} after the part that the signature covers."
)


@dataclass(frozen=True, slots=True)
class ArchiveStamp:
    """An archive time stamp: its time, its authority, and the earliest time at which a certificate of its chain
    expires.

    `algorithm` names the kind of key, the number of its bits, and the hash, such as “ecdsa-256-sha256”. `certificates`
    are the SHA-256 fingerprints of the certificates in the time stamp's chain.
    """

    at: datetime
    authority: str
    valid_until: datetime
    algorithm: str
    certificates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ArchiveCheck:
    """The result of checking the part of a file after its signature.

    `level` is B-LT or B-LTA if the file reaches one of these levels, otherwise empty. `stamps` are the archive time
    stamps. `answers` and `lists` count the OCSP answers and CRLs about the signature and its time stamp.
    """

    problems: list[str] = field(default_factory=list)
    level: str = ""
    stamps: list[ArchiveStamp] = field(default_factory=list)
    answers: int = 0
    lists: int = 0


def signature_chains(container: SignatureContainer, at: datetime) -> list[Chain]:
    """Return the chain of the signer and, if the signature has a time stamp, the chain of the time stamp.

    `at` is the time at which the certificates must not have been revoked. Callers check this. Raises ValueError or
    LookupError.
    """
    certificates = [choice.chosen for choice in container.signed["certificates"]]
    own = ordered_chain(container.certificate, certificates)
    chains = [Chain(tuple(own), at, "the signer")]
    if container.stamp is not None:
        chains.append(stamp_chain(container.stamp, at, "the time stamp"))
    return chains


def stamp_chain(stamp: cms.SignedData, at: datetime, name: str) -> Chain:
    """Return the chain of certificates from the signer of a time stamp to the pinned certificate. Raises ValueError or
    LookupError.
    """
    certificates = [choice.chosen for choice in stamp["certificates"]]
    return Chain(tuple(ordered_chain(signer_certificate(stamp), certificates)), at, name, STAMPING)


def certificates_of(chains: Sequence[Chain]) -> tuple[bytes, ...]:
    """Return the certificates of the chains, each once and sorted, which is their order in validation data."""
    return tuple(sorted({one.dump() for chain in chains for one in chain.certificates}))


def archive_imprint(digest: bytes) -> Callable[[str], bytes]:
    """Return a function for the argument `imprint` of `check_stamp`. The function returns the digest, and refuses every
    algorithm except SHA-256.
    """

    def imprint(name: str) -> bytes:
        if name != "sha256":
            raise ValueError(f"its hash algorithm, {name}, is not accepted")
        return digest

    return imprint


def check_archive(
    data: bytes,
    place: SignaturePlace,
    container: SignatureContainer,
    stamp_at: datetime | None,
    authorities: frozenset[str],
    is_accepted: bool,
) -> ArchiveCheck:
    """Check everything after the signature.

    - `stamp_at`: the time of the signature's time stamp, or None if this time stamp is not valid
    - `authorities`: fingerprints of authorities that are accepted besides those in the profile of the signature
    - `is_accepted`: whether the signature is valid and its signer is accepted. If not, the validation data and time
      stamps after the signature are not read, because anybody could have made them

    Raises DamagedSignature, ValueError, LookupError or TypeError for damaged bytes.
    """
    profile = container.profile
    level = profile.level if profile is not None else ""
    extra = len(data) - place.end
    if profile is None or level not in ARCHIVED:
        what = f"{extra} byte is" if extra == 1 else f"{extra} bytes are"
        return ArchiveCheck([_EXTENDED.format(what=what)] if extra else [])
    if not is_accepted:
        return ArchiveCheck([])
    try:
        updates = read_updates(data, place.end, data[place.first + 1 : place.start - 1])
    except ForeignUpdate as error:
        return ArchiveCheck([str(error)])
    if problem := _order_problem(updates, level):
        return ArchiveCheck([problem])
    if stamp_at is None:
        return ArchiveCheck([])
    chains = signature_chains(container, stamp_at)
    if problem := _chain_problem(chains):
        return ArchiveCheck([problem])
    accepted = frozenset(profile.time_stamp_authorities) | authorities
    stamps: list[ArchiveStamp] = []
    at = stamp_at
    for update in updates:
        if isinstance(update, ValidationData):
            if problem := _validation_problem(update, chains):
                return ArchiveCheck([problem], stamps=stamps)
            continue
        stamp, problem = _checked_stamp(update, accepted, at, len(stamps) + 1)
        if problem or stamp is None:
            return ArchiveCheck([problem], stamps=stamps)
        made, chain = stamp
        stamps.append(made)
        chains, at = [chain], made.at
    first = updates[0]
    counts = (len(first.ocsps), len(first.crls)) if isinstance(first, ValidationData) else (0, 0)
    return ArchiveCheck([], "B-LTA" if stamps else "B-LT", stamps, *counts)


def _order_problem(updates: Sequence[Update], level: str) -> str:
    """Return why the kinds or the order of the updates do not fit the level, or an empty text if they fit. A file at
    B-LT has exactly one update, which contains validation data. In a file at B-LTA, a time stamp follows each update
    with validation data.
    """
    signed_as = f"the report was signed as PAdES {level}, which has"
    if not updates or isinstance(updates[0], DocumentStamp):
        return f"The validation data were removed: {signed_as} certificates and revocation information."
    if level == "B-LT":
        return (
            "" if len(updates) == 1 else "An archive time stamp or validation data were added after signing."
        )
    stamps = [isinstance(update, DocumentStamp) for update in updates]
    if not stamps[-1]:
        return f"The archive time stamp was removed: {signed_as} a time stamp over the whole file at its end."
    if stamps != [False, True] * (len(stamps) // 2):
        return "The archive time stamps and validation data are not in the order in which Surety adds them."
    return ""


def _chain_problem(chains: Sequence[Chain]) -> str:
    """Return why a chain is incomplete, or an empty text if each chain ends with a certificate that issued itself.

    If incomplete chains were accepted, the holder of a revoked key could leave out the authority that revoked the key.
    """
    for chain in chains:
        last = chain.certificates[-1]
        if last.issuer.dump() != last.subject.dump():
            return (
                f"The certificate chain of {chain.name} is incomplete, so nobody can check it for revoked"
                " certificates."
            )
    return ""


def _validation_problem(data: ValidationData, chains: Sequence[Chain]) -> str:
    if data.certificates != certificates_of(chains):
        return "The certificates in the validation data are not those of the signature and its time stamp."
    try:
        validate_chains(chains, data)
        return surplus(chains, data)
    except ChainRefused as error:
        return str(error)
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        reason = (str(error).splitlines() or ["they cannot be read"])[0].rstrip(".")
        return f"The validation data are damaged: {reason}."


def _checked_stamp(
    update: DocumentStamp, accepted: frozenset[str], after: datetime, number: int
) -> tuple[tuple[ArchiveStamp, Chain] | None, str]:
    """Check a time stamp. If the stamp is accepted, return (stamp and its chain, empty text). Otherwise, return (None,
    sentence that says why).
    """
    which = "The archive time stamp" if number == 1 else f"Archive time stamp {number}"
    problems: list[str] = []
    try:
        stamp = read_stamp(update.digits, problems)
    except (DamagedSignature, ValueError, TypeError, LookupError, AttributeError):
        return None, f"{which} is damaged, or was changed after it was made."
    if problems:
        return None, f"{which} was rewritten after it was made."
    check = check_stamp(stamp, archive_imprint(update.digest), accepted)
    if check.problems or check.at is None:
        reason = " ".join(check.problems)
        return None, (
            f"{which} is not valid: {reason} If the time stamp is from a newer time-stamp authority, give the"
            " fingerprint of the authority’s certificate."
            if "authority" in reason
            else f"{which} is not valid: {reason}"
        )
    if check.at < after - CLOCK_SKEW:
        return None, f"{which} was replaced: it is older than the data that it covers."
    chain = stamp_chain(stamp, check.at, f"archive time stamp {number}")
    if problem := _chain_problem([chain]):
        return None, problem
    return (described_stamp(stamp, check.at, chain), chain), ""


def described_stamp(stamp: cms.SignedData, at: datetime, chain: Chain) -> ArchiveStamp:
    """Return the properties of a time stamp. `chain` is the chain of its certificates."""
    signer, key = stamp["signer_infos"][0], chain.certificates[0].public_key
    algorithm = f"{key.algorithm}-{key.bit_size}-{signer['digest_algorithm']['algorithm'].native}"
    authority = chain.certificates[0].subject.human_friendly
    return ArchiveStamp(
        at,
        authority,
        chain_end(chain.certificates),
        algorithm.replace("ec-", "ecdsa-"),
        tuple(fingerprints(stamp)),
    )


def read_stamp(digits: bytes, problems: list[str]) -> cms.SignedData:
    """Read a document time stamp from its hexadecimal digits. Raises DamagedSignature, ValueError or TypeError."""
    raw = decoded(digits, problems)
    content = cms.ContentInfo.load(raw, strict=True)
    if content["content_type"].native != "signed_data" or content.dump() != raw:
        raise ValueError("it is not a time stamp")
    signed: cms.SignedData = content["content"]
    return signed


def chain_end(certificates: Sequence[x509.Certificate]) -> datetime:
    """Return the earliest time at which one of the certificates expires."""
    ends: list[datetime] = [one["tbs_certificate"]["validity"]["not_after"].native for one in certificates]
    return min(ends)
