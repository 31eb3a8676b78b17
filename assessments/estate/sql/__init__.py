"""Facts about SQL servers, managed instances and flexible servers. Pure functions."""
