"""Faults on purpose, reproducible from the seed.

Whether a request fails depends on the seed, the kind, the request's method, path and query, and how often
exactly that was asked before: not on the time or on the order of other requests. So a retry may succeed,
and two runs fault_for the same faults however their requests are interleaved.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping

RATES = ("reset", "truncate", "invalid-json", "slow", "burst", "login")
BURST_LENGTH = 3


class FaultError(ValueError):
    """A fault that cannot be understood."""


def parse_faults(texts: Iterable[str]) -> dict[str, float]:
    """`kind=rate` texts. Raises `FaultError`."""
    faults: dict[str, float] = {}
    for text in texts:
        kind, found, number = text.partition("=")
        if not found:
            raise FaultError(f"fault {text!r}: kind=rate is expected, such as 500=0.05")
        faults[kind] = check_fault(kind, number)
    return faults


def check_fault(kind: str, number: object) -> float:
    """The fault's rate between 0 and 1 (of `expire-tokens` the number of requests). Raises `FaultError`."""
    is_status = kind.isdecimal() and 400 <= int(kind) <= 599
    if kind not in RATES and kind != "expire-tokens" and not is_status:
        raise FaultError(
            f"fault kind {kind!r} is unknown; known: a status 400..599, {', '.join(RATES)}, expire-tokens"
        )
    try:
        rate = float(number)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise FaultError(f"fault {kind}: {number!r} is not a number") from error
    if kind == "expire-tokens":
        if not rate.is_integer() or rate < 1:
            raise FaultError(
                f"fault {kind}: a whole number of requests, at least 1, is expected, not {number!r}"
            )
    elif not 0 <= rate <= 1:
        raise FaultError(f"fault {kind}: a rate between 0 and 1 is expected, not {number!r}")
    return rate


class Faults:
    """Says which fault, if any, meets a request."""

    def __init__(self, seed: int, faults: Mapping[str, float]) -> None:
        self.seed = seed
        self._request_counts: Counter[str] = Counter()
        self.set(faults)

    def set(self, faults: Mapping[str, float]) -> None:
        """Replace the faults; the counts of what was asked begin anew."""
        self.faults = dict(faults)
        self._request_counts.clear()

    @property
    def token_uses(self) -> int | None:
        """After how many requests a token is taken for expired."""
        uses = self.faults.get("expire-tokens")
        return None if uses is None else int(uses)

    def fault_for(self, request: str, *, login: bool = False) -> str | None:
        """The kind of fault for this request (`METHOD path?query`): a status, or one of `RATES`; None for
        none.
        """
        if not self.faults:
            return None
        count = self._request_counts[request]
        self._request_counts[request] += 1
        if login:
            return "503" if self._hit("login", request, count) else None
        for kind in self.faults:
            if kind == "burst":
                if any(
                    self._hit(kind, request, begin)
                    for begin in range(max(0, count - BURST_LENGTH + 1), count + 1)
                ):
                    return "503"
            elif kind not in ("expire-tokens", "login") and self._hit(kind, request, count):
                return kind
        return None

    def _hit(self, kind: str, request: str, count: int) -> bool:
        digest = hashlib.blake2b(
            f"{self.seed}\0{kind}\0{request}\0{count}".encode("utf-8", "surrogatepass"), digest_size=8
        )
        return int.from_bytes(digest.digest()) / 2**64 < self.faults.get(kind, 0)
