"""The findings of all customers: filters, sources of numbers, groups by control, customers of a control."""
