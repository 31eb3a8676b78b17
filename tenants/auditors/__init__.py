"""Define what auditors with a review period may read: days, operations of the API, and pages."""
