"""Register and change many customers from a CSV file, on a page or with a command."""
