"""Templates of the sentences that controls of the section `storage` write."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = (
    "Not regenerated since: {dates}",
    "Both keys are younger than {number} days",
    "Containers open to anonymous readers: {list}",
    "The IP rules let the Internet reach the shares: {list}",
    "Every network can reach the shares: {list}",
    "The IP rules and the network security perimeter together let the Internet reach the shares: {list}",
    "Attest how long signatures are valid: the SAS policy allows {words}, which is more than {number} hours",
    "The SAS policy sets a limit of {words}",
    "Signatures that are valid longer than {words} are blocked",
    "File shares can be used without encryption over {list}: {shares}",
    "Protocols for which encryption in transit is not required, and which no share uses: {list}",
    # The next remark occurs only in findings that earlier versions of Surety stored.
    "Encryption in transit is not required for {list}; no share has this protocol",
    "Property {property} of {resource} is {value}, which is not of the form d.hh:mm:ss",
)
