"""Show the auditor's room: access, frameworks and all records of a period on one page."""
