"""Define what auditors with a review period may read: the days, and the pages and operations of the API."""
