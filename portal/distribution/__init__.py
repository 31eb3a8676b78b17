"""Build reports on a schedule, and send finished reports by mail or as download links that expire."""
