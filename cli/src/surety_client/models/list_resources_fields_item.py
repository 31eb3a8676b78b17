from enum import StrEnum


class ListResourcesFieldsItem(StrEnum):
    APPROVED_CONFIGURATION = "approved_configuration"
    CHANGED_AT = "changed_at"
    FIRST_SEEN_AT = "first_seen_at"
    GONE_AT = "gone_at"
    ID = "id"
    LOCATION = "location"
    NAME = "name"
    OPEN_FINDINGS = "open_findings"
    RESOURCE_GROUP = "resource_group"
    RESOURCE_ID = "resource_id"
    SHA256 = "sha256"
    TAGS = "tags"
    TYPE = "type"
    UNIT = "unit"
    UNIT_NAME = "unit_name"
    UNKNOWN_FINDINGS = "unknown_findings"

    def __str__(self) -> str:
        return str(self.value)
