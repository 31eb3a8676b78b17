"""Delete old data: retention policies of organizations and customers, legal holds, and the runs that delete."""
