"""Queries of the changes of a customer's resources, for pages, exports and reports. They filter, count and order
changes, and name the possible actors.
"""
