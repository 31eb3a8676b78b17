"""Send requests to the endpoints of one cloud. Limit the size and time of the answers, and parse their JSON."""
