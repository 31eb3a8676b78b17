from enum import StrEnum


class CapabilitiesEnum(StrEnum):
    ADMINISTER = "administer"
    APPROVE = "approve"
    ASSESS = "assess"
    ASSIGN = "assign"
    ATTEST = "attest"
    EVIDENCE = "evidence"
    JOURNAL = "journal"
    MEMBERS = "members"
    OFFBOARD = "offboard"
    ORGANIZATION = "organization"
    READ_REPORTS = "read_reports"
    REGISTER = "register"
    REPORT = "report"
    RETAIN = "retain"
    REVOKE_REPORTS = "revoke_reports"
    TREAT = "treat"
    VIEW = "view"
    VIEW_ALL = "view_all"

    def __str__(self) -> str:
        return str(self.value)
