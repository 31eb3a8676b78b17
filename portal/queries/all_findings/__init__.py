"""The findings of all customers: filters, numbers by control, and the numbers of one control by customer."""
