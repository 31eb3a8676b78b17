"""Queries of a customer's overview: the controls to fix first, the time for which controls failed, and the changes
since earlier days.
"""
