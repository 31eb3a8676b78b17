"""Read files of vulnerability scanners. Such a file states which machines were scanned, when they were scanned, and
which vulnerabilities were found. This package uses no database.

`read.read_scan` recognizes the format. Every file may be hostile, so the modules `opened` and `xml_records` limit the
memory that reading takes. A file that cannot be read completely is refused.
"""
