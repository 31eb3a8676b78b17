"""Rewrite error texts about the organization's service principal, so that customers may read them.

Azure's error texts name the principal: “The client '<application>' with object id '<object>' does not have
authorization …”. Entra's error texts advise how to correct the credential, which only the organization can do.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from assessments.collect.session import Session
from assessments.collect.sign_in.refusals import SignInError
from assessments.estate.gaps import Gap

SIGN_IN_CODE: Final = "organization_sign_in"
SIGN_IN_TEXT: Final = (
    "The organization’s service principal could not sign in. Ask an administrator of the organization to check it on"
    " the Lighthouse page."
)
PRINCIPAL: Final = "The organization’s service principal"
_CLIENT: Final = re.compile(r"\b(?:the )?client '[^']*' with object id '[^']*'", re.IGNORECASE)
_GUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
HIDDEN: Final = "[hidden]"


def for_customer(gap: Gap, error: BaseException, session: Session) -> Gap:
    """If the subscription is delegated, return the gap without texts that identify the organization's principal.
    Otherwise, return the gap unchanged.
    """
    if not session.delegated_subscription:
        return gap
    if isinstance(error, SignInError):
        return replace(gap, code=SIGN_IN_CODE, message=SIGN_IN_TEXT)
    return replace(gap, message=without_principal(gap.message, f"{gap.path} {gap.scope}"))


def without_principal(message: str, request: str) -> str:
    """Replace the principal's name. Hide every GUID that the request did not contain: such a GUID may identify the
    principal or its directory.
    """
    asked = {guid.casefold() for guid in _GUID.findall(request)}
    text = _CLIENT.sub(PRINCIPAL, message)
    return _GUID.sub(lambda found: found[0] if found[0].casefold() in asked else HIDDEN, text)
