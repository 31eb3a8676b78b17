from enum import StrEnum


class ListOwnerRulesFieldsItem(StrEnum):
    CHANGED_AT = "changed_at"
    CONTROL = "control"
    CREATED_AT = "created_at"
    ID = "id"
    IS_ENABLED = "is_enabled"
    NAME = "name"
    OWNER = "owner"
    POSITION = "position"
    RESOURCE_GROUP = "resource_group"
    RESOURCE_PATTERN = "resource_pattern"
    SECTION = "section"
    SEVERITY = "severity"
    TAG_NAME = "tag_name"
    TAG_VALUE = "tag_value"
    UNIT = "unit"

    def __str__(self) -> str:
        return str(self.value)
