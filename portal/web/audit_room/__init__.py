"""The auditor's room: access, frameworks and everything of a period in one page."""
