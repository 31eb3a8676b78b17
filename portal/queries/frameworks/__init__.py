"""Requirements (“numbers”) of frameworks, for pages, exports and reports: how controls cover them, and their results
for a tenant.
"""
