"""Put stored results into words, for pages, reports, exports and messages. All data is read with few queries."""
