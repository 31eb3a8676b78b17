"""The stored records of signed reports, with which this installation verifies files and revokes reports."""
