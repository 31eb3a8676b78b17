"""The inventory of a customer: its Azure resources, their findings and their history."""
