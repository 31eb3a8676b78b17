"""Change an estate in the name of a person or application, and write the records that Azure keeps of such changes."""
