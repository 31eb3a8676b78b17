"""Requirements (“numbers”) of frameworks, for pages, exports and reports: how controls cover each requirement, and the
result of each requirement for a tenant.
"""
