"""Read files of vulnerability scanners without a database: which machines were scanned, when, and what was found.

`read.read_scan` recognizes the format. Every file may be hostile, so `opened` and `xml_records` limit memory. A file
that cannot be read completely is refused.
"""
