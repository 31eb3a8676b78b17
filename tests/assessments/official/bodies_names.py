"""Bodies of Microsoft Graph that name people, applications, roles and other directories.

Sources: the pages that docs/azure-requests.md names. The names are shown in findings and decide no verdict.
"""

from __future__ import annotations

from tests.assessments.official.bodies import ROLE_GROUP, Bodies

HELPDESK, TREVOR, MY_APP = (
    "729827e3-9c14-49f7-bb1b-9608f156bbb8",
    "84b80893-8749-40a3-97b7-68513b600544",
    "59e617e5-e447-4adc-8b88-00af644d7c92",
)

DIRECTORY: Bodies = {
    # As in the example, both users have the same id.
    "directory_objects": {
        "": [
            {
                "@odata.type": "#microsoft.graph.user",
                "id": TREVOR,
                "accountEnabled": True,
                "displayName": name,
            }
            for name in ("Trevor Jones", "Billy Smith")
        ]
    },
    # Only the properties that Surety's request selects were copied from the example.
    "directory_role_definitions": {
        "": [
            {"id": identifier, "displayName": name, "templateId": identifier}
            for identifier, name in (
                (HELPDESK, "Helpdesk Administrator"),
                ("f023fd81-a637-4b56-95fd-791ac0226033", "Service Support Administrator"),
                ("b0f54661-2d74-4c50-afa3-1ec803f12efe", "Billing Administrator"),
            )
        ]
    },
    "service_principals": {"": [{"id": MY_APP, "displayName": "foo"}]},
    # As in the example, `federationBrandName` is null.
    "home_tenants": {
        "example.com": [
            {
                "tenantId": "6babcaad-604b-40ac-a9d7-9fd97c0b779f",
                "federationBrandName": None,
                "displayName": "Contoso, Ltd",
                "defaultDomainName": "CONTOSO18839.onmicrosoft.com",
            }
        ]
    },
    # https://learn.microsoft.com/graph/api/group-list-transitivemembers
    "excluded_group_members": {
        ROLE_GROUP: [{"@odata.type": "#microsoft.graph.user", "id": "11111111-2222-3333-4444-555555555555"}]
    },
    # Only the properties that Surety's request selects were copied from the example.
    "group_visibility": {ROLE_GROUP: [{"id": ROLE_GROUP, "visibility": "Public"}]},
    "excluded_group_visibility": {ROLE_GROUP: [{"id": ROLE_GROUP, "visibility": "Public"}]},
}

MAY_BE_ABSENT = {"excluded_group_visibility", "group_visibility", "home_tenants"}

NOT_REQUESTED = {
    "group_visibility": "the group has a member",
    "excluded_group_members": "no enabled policy excludes a group",
    "excluded_group_visibility": "no enabled policy excludes a group",
}

DEFINED = {
    "home_tenants": "tenantId",
    "directory_role_definitions": "displayName id",
    "directory_objects": "displayName id userPrincipalName",
    "service_principals": "displayName id",
    "excluded_group_members": "displayName id userPrincipalName",
    "group_visibility": "id visibility",
    "excluded_group_visibility": "id visibility",
}

UNDEFINED = {
    "home_tenants": {
        "id": "Added by Surety from tenantId",
    },
    "directory_role_definitions": {
        "userPrincipalName": "Looked for in every object with a name; only users have it",
    },
    "service_principals": {
        "userPrincipalName": "Looked for in every object with a name; only users have it",
    },
}
