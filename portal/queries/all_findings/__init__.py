"""Queries of the findings of all customers. They filter the findings, count them by control, and count the findings of
one control by customer.
"""
