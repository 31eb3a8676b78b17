"""Queries of exceptions: the filter of the list (`filters`), and the inbox of the approver (`inbox`)."""
