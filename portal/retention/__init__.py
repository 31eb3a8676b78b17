"""Retention of data: policies of organizations and customers, legal holds, and the runs that delete old data."""
