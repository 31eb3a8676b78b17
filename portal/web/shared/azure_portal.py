"""URLs of resources in the Azure portal."""

from __future__ import annotations

from urllib.parse import quote

from tenants.models import Directory


def portal_address(directory: Directory | None, identifier: str) -> str:
    """Return the URL of a subscription or resource in the Azure portal.

    Return an empty text for any other subject, such as a user, and for subjects in custom clouds.
    """
    portal = directory.cloud.portal if directory else ""
    if directory is None or not portal or not identifier.startswith("/subscriptions/"):
        return ""
    # Ids contain names from Azure. Encode them, so that a quote or "#" in a name does not end the URL.
    return f"{portal}/#@{directory.directory_id}/resource{quote(identifier, safe='/()')}"
