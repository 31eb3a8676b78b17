from enum import StrEnum


class ListTicketsKindItem(StrEnum):
    AUTOTASK = "autotask"
    CONNECTWISE = "connectwise"
    GITHUB = "github"
    HALOPSA = "halopsa"
    JIRA = "jira"
    SERVICENOW = "servicenow"

    def __str__(self) -> str:
        return str(self.value)
