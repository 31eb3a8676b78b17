"""Controls of SQL servers, their databases, managed instances and SQL virtual machines."""
