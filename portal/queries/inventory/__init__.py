"""Queries of the inventory of a customer: the customer's Azure resources, their findings and their history."""
