"""What auditors with a review period may read: which days, and which pages and operations of the API."""
