"""Read the roles and permissions of principals, and the names of directory objects."""
