"""Signing a report, and adding the data with which the signature can be verified for many years."""
