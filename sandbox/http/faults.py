"""Choose deliberate faults, reproducible from a seed.

Whether a request fails depends only on the seed, the kind of fault, method, path and query, and on the number of
earlier equal requests. So a retry may succeed, and the order of requests does not matter.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping

RATES = ("reset", "truncate", "invalid-json", "slow", "huge", "endless", "gzip-bomb", "burst", "login")
BURST_LENGTH = 3


class FaultError(ValueError):
    """The specification of a fault is invalid. The message says why."""


def parse_faults(texts: Iterable[str]) -> dict[str, float]:
    """Return {kind of fault: rate} from texts `kind=rate`. Raise `FaultError` if one of the texts is invalid."""
    faults: dict[str, float] = {}
    for text in texts:
        kind, found, number = text.partition("=")
        if not found:
            raise FaultError(f"fault {text!r}: expected KIND=RATE, for example 500=0.05")
        faults[kind] = check_fault(kind, number)
    return faults


def check_fault(kind: str, number: object) -> float:
    """Parse the rate of a fault. For `expire-tokens`, the rate is a number of requests. For all other faults, it is a
    number from 0 to 1.

    Raise `FaultError` if the kind or the rate is invalid.
    """
    is_status = kind.isdecimal() and 400 <= int(kind) <= 599
    if kind not in RATES and kind != "expire-tokens" and not is_status:
        raise FaultError(
            f"unknown fault kind {kind!r}. Use a status from 400 to 599, {', '.join(RATES)} or expire-tokens"
        )
    try:
        rate = float(number)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise FaultError(f"fault {kind}: {number!r} is not a number") from error
    if kind == "expire-tokens":
        if not rate.is_integer() or rate < 1:
            raise FaultError(f"fault {kind}: expected a whole number of requests, 1 or more, not {number!r}")
    elif not 0 <= rate <= 1:
        raise FaultError(f"fault {kind}: expected a rate from 0 to 1, not {number!r}")
    return rate


class Faults:
    """Choose for each request a fault or no fault."""

    def __init__(self, seed: int, faults: Mapping[str, float]) -> None:
        self.seed = seed
        self._request_counts: Counter[str] = Counter()
        self.set(faults)

    def set(self, faults: Mapping[str, float]) -> None:
        self.faults = dict(faults)
        self._request_counts.clear()

    @property
    def token_uses(self) -> int | None:
        """Return the number of requests after which a token counts as expired. Return None if tokens have no such
        limit.
        """
        uses = self.faults.get("expire-tokens")
        return None if uses is None else int(uses)

    def fault_for(self, request: str, *, login: bool = False) -> str | None:
        """Return the fault for this request (`METHOD path?query`): an HTTP status as text, or a name from `RATES`.

        Return None if the request has no fault.
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
