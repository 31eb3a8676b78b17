from enum import StrEnum


class JournalEntryKindEnum(StrEnum):
    ASSESSMENTS = "assessments"
    ATTESTATIONS = "attestations"
    AZURE = "azure"
    CHANGES = "changes"
    EXCEPTIONS = "exceptions"
    FINDINGS = "findings"
    NOTIFICATIONS = "notifications"
    OTHER = "other"
    PEOPLE = "people"
    REPORTS = "reports"
    RULES = "rules"
    SETTINGS = "settings"
    SIGN_IN = "sign-in"
    TICKETS = "tickets"

    def __str__(self) -> str:
        return str(self.value)
