"""Changes of an estate in the name of a person or application, with the records that Azure keeps of them."""
