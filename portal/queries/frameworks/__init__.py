"""Queries of the requirements (“numbers”) of frameworks, for pages, exports and reports. They return how controls cover
each requirement, and the result of each requirement for a tenant.
"""
