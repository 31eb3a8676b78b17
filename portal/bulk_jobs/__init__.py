"""Actions on many findings that a program requests with the API, and that workers carry out in steps."""
