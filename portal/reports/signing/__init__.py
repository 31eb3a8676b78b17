"""Sign a report, and add the data with which the signature can be verified for many years."""
