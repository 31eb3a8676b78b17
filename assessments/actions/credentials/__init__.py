"""Sign in with the credentials of service principals, test them, and record what they may read."""
