"""Read files of vulnerability scanners without a database: which machines were scanned, when, and what was found.

`read.read_scan` recognizes the format of a file. Every file may be hostile, so `opened` and `xml_records` limit the
memory that reading a file can take. A file that cannot be read completely is refused as a whole.
"""
