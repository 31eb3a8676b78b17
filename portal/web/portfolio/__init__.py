"""The portfolio: one list of all customers that the signed-in person may see."""
