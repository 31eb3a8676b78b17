"""Define icons as {name: the inner markup of a 16 by 16 SVG, drawn with a 1.5 stroke in the current colour}.

The icons are drawn for Surety, so that Surety need not include an icon set.
"""

from typing import Final

FILLED: Final = 'fill="currentColor" stroke="none"'

ICONS: Final[dict[str, str]] = {
    # pages
    "portfolio": '<rect x="2" y="2.5" width="5" height="5" rx="1"/><rect x="9" y="2.5" width="5" height="3" rx="1"/>'
    '<rect x="2" y="10.5" width="5" height="3" rx="1"/><rect x="9" y="8.5" width="5" height="5" rx="1"/>',
    "inbox": '<path d="M2 9l1.800-5.300a1 1 0 0 1 .950-.700h6.500a1 1 0 0 1 .950.700L14 9v3.500a.800.800 0 0 1-.800.800H2.800'
    'a.800.800 0 0 1-.800-.800zM2 9h3.500l1 1.700h3l1-1.700H14"/>',
    "overview": '<path d="M2.5 11a5.5 5.5 0 1 1 11 0"/><path d="M8 11l2.6-3.2"/><path d="M2.5 13.5h11"/>',
    "findings": '<path d="M3 3.5h10M3 8h6M3 12.5h4"/><circle cx="11.5" cy="10.5" r="2.2"/><path d="M13.2 12.2l1.3 1.3"/>',
    "assessments": '<path d="M13.5 8A5.5 5.5 0 1 1 8 2.5"/><path d="M8 5v3.2l2 1.3"/><path d="M10.5 2.5h3v3"/>',
    "changes": '<path d="M2.5 5.500h9.500M9.500 3l2.500 2.500L9.500 8M13.500 10.500H4M6.500 8L4 10.500 6.500 13"/>',
    "reports": '<path d="M4 1.8h5.2L12.5 5v9.2H4z"/><path d="M9 2v3.2h3.3M6.2 8.5h4M6.2 11h4"/>',
    "exceptions": '<path d="M8 1.800l5 1.800v4.200c0 3-2 5.3-5 6.4-3-1.1-5-3.4-5-6.400V3.600z"/><path d="M8 5v3.300l1.900 1.200"/>',
    "attestations": '<path d="M3 3h10v10.500H3z"/><path d="M6 1.800h4v2.400H6zM5.600 9l1.600 1.600 3.200-3.500"/>',
    "journal": '<path d="M4 1.800h8.500v12.400H4zM6.500 1.800v12.400M8.500 5h2M8.500 8h2"/>',
    "file": '<path d="M4 1.800h5.2L12.5 5v9.2H4z"/><path d="M9 2v3.200h3.300"/>',
    "controls": '<path d="M3 2.5h10v11H3z"/><path d="M5.3 5.8l.9.9 1.6-1.7M5.3 10.3l.9.9 1.6-1.7M9.7 6h1.2M9.7 10.6h1.2"/>',
    "verify": '<path d="M8 1.8l5 1.8v4.2c0 3-2 5.3-5 6.4-3-1.1-5-3.4-5-6.4V3.6z"/><path d="M5.8 8l1.6 1.6 2.9-3.2"/>',
    "settings": '<path d="M2.5 4.5h5M11 4.5h2.5M2.5 11.5H5M8.5 11.5h5"/><circle cx="9.2" cy="4.5" r="1.7"/>'
    '<circle cx="6.7" cy="11.5" r="1.7"/>',
    "menu": '<path d="M2.5 4.5h11M2.500 8h11M2.500 11.500h11"/>',
    "surety": f'<path {FILLED} d="M8 .9l5.9 2.100v4.900c0 3.5-2.3 6-5.9 7.300C4.4 13.9 2.1 11.4 2.1 7.900V3z"/>'
    '<path d="M5.3 8.100l1.9 1.9 3.5-3.9" stroke="#fff" stroke-width="1.7"/>',
    # Icons of verdicts and states. No two of them have the same shape.
    "pass": '<circle cx="8" cy="8" r="6"/><path d="M5.3 8.200l1.9 1.9 3.5-3.9"/>',
    "fail": '<rect x="2.3" y="2.3" width="11.4" height="11.4" rx="2"/><path d="M5.7 5.700l4.6 4.600M10.3 5.700l-4.6 4.6"/>',
    "unknown": '<circle cx="8" cy="8" r="6" stroke-dasharray="2.3 2.4"/><path d="M6.3 6.500a1.7 1.7 0 1 1 2.5 1.500c-.600.3-.800.6-.800 1.100M8 11v.100"/>',
    "not-applicable": '<circle cx="8" cy="8" r="6"/><path d="M5.2 8h5.6"/>',
    "manual": '<path d="M3 13l.6-2.7 6.9-6.9 2.1 2.1-6.9 6.900z"/><path d="M9.2 4.700l2.1 2.1"/>',
    "open": '<circle cx="8" cy="8" r="5.8"/>',
    "acknowledged": f'<circle cx="8" cy="8" r="5.8"/><path {FILLED} d="M8 4.200a3.8 3.8 0 0 1 0 7.600z"/>',
    "excepted": '<path d="M8 1.800l5 1.800v4.200c0 3-2 5.3-5 6.4-3-1.1-5-3.4-5-6.400V3.600z"/><path d="M5.5 8h5"/>',
    "resolved": f'<circle cx="8" cy="8" r="6.5" {FILLED}/><path d="M5.3 8.200l1.9 1.9 3.5-3.9" stroke="var(--surface)"/>',
    "attested": '<path d="M3 2.500h10v11H3z"/><path d="M5.5 8.200l1.800 1.800 3.300-3.800"/>',
    "not-met": '<path d="M3 2.500h10v11H3z"/><path d="M5.8 5.800l4.400 4.400M10.2 5.800l-4.400 4.400"/>',
    "lapsed": '<circle cx="8" cy="8" r="6"/><path d="M8 4.800V8l2 1.500M3.700 12.300L12.300 3.700"/>',
    "refused": '<circle cx="8" cy="8" r="6"/><path d="M3.800 12.200l8.400-8.400"/>',
    "revoked": '<path d="M8 1.800l5 1.800v4.200c0 3-2 5.3-5 6.4-3-1.1-5-3.4-5-6.400V3.600z"/><path d="M6.200 6.200l3.600 3.600M9.800 6.200l-3.600 3.600"/>',
    # Icons of severities, from the most to the least conspicuous shape.
    "critical": f'<path {FILLED} d="M5.2 1.300h5.600l3.9 3.900v5.600l-3.9 3.900H5.200l-3.9-3.900V5.200z"/>'
    '<path d="M8 4.500v4.200M8 11.300v.1" stroke="var(--surface)" stroke-width="1.8"/>',
    "high": f'<path {FILLED} d="M8 1.900l6.5 11.600h-13z"/>',
    "medium": f'<path {FILLED} d="M8 1.600L14.4 8 8 14.4 1.6 8z"/>',
    "low": f'<path {FILLED} d="M8 13.500L1.9 3.500h12.200z"/>',
    "info": f'<circle cx="8" cy="8" r="3.5" {FILLED}/>',
    # Icons of the progress of work, such as an assessment.
    "queued": '<circle cx="8" cy="8" r="6"/><path d="M8 4.800V8l2 1.5"/>',
    "running": '<path d="M8 2v2.500M8 11.500V14M2 8h2.500M11.5 8H14M3.8 3.800l1.7 1.700M10.5 10.500l1.7 1.700M3.8 12.200l1.7-1.700M10.5 5.500l1.7-1.7"/>',
    "partial": f'<circle cx="8" cy="8" r="6"/><path {FILLED} d="M8 2a6 6 0 0 1 0 12z"/>',
    "stopped": f'<circle cx="8" cy="8" r="6"/><rect x="5.7" y="5.7" width="4.6" height="4.6" rx=".6" {FILLED}/>',
    # Icons of actions and other symbols of the pages.
    "search": '<circle cx="7" cy="7" r="4.5"/><path d="M10.4 10.400l3.3 3.3"/>',
    "people": '<circle cx="5.8" cy="5.5" r="2.5"/><path d="M1.2 13.500c.500-2.5 2.3-3.700 4.600-3.700s4.100 1.200 4.600 3.700"/>'
    '<path d="M10.400 3.200a2.500 2.500 0 0 1 0 4.600M12 10.200c1.500.500 2.500 1.600 2.900 3.300"/>',
    "person": '<circle cx="8" cy="5.5" r="2.8"/><path d="M2.8 13.700c.600-2.7 2.6-4 5.2-4s4.6 1.3 5.2 4"/>',
    "down": '<path d="M4.5 6.300L8 9.800l3.5-3.5"/>',
    "up": '<path d="M4.5 9.800L8 6.300l3.500 3.500"/>',
    "undo": '<path d="M5.5 3L2.500 6l3 3"/><path d="M2.5 6h7a3.7 3.7 0 0 1 0 7.400H6"/>',
    "comment": '<path d="M2.5 3h11v8H7.200L4.5 13.500V11h-2z"/>',
    "right": '<path d="M6.2 4.500L9.7 8l-3.5 3.5"/>',
    "left": '<path d="M9.8 4.500L6.3 8l3.5 3.5"/>',
    "tick": '<path d="M3.5 8.500l3 3 6-6.8"/>',
    "close": '<path d="M4 4l8 8M12 4l-8 8"/>',
    "copy": '<rect x="5.5" y="5.5" width="8" height="8" rx="1.5"/><path d="M10.5 5.500v-2a1 1 0 0 0-1-1h-6a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h2"/>',
    "download": '<path d="M8 2.500v7.500M4.8 7L8 10.2 11.2 7M2.8 13.500h10.4"/>',
    "play": f'<path {FILLED} d="M5 3.200v9.600L12.8 8z"/>',
    "plus": '<path d="M8 3v10M3 8h10"/>',
    "external": '<path d="M9.5 2.500h4v4M13.5 2.500L7.5 8.500M11.5 9.500v4h-9v-9h4"/>',
    "sun": '<circle cx="8" cy="8" r="2.8"/><path d="M8 1.500v1.300M8 13.200v1.300M1.5 8h1.300M13.2 8h1.300M3.4 3.400l.9.9M11.7 11.700l.9.9M3.4 12.600l.9-.9M11.7 4.300l.9-.9"/>',
    "moon": '<path d="M13 9.600A5.6 5.6 0 0 1 6.4 3 5.6 5.6 0 1 0 13 9.600z"/>',
    "display": '<rect x="2" y="3" width="12" height="8" rx="1"/><path d="M5.5 13.500h5"/>',
    "signout": '<path d="M6.5 2.500h-4v11h4M7 8h6.500M11 5.500L13.5 8 11 10.5"/>',
    "tenant": '<path d="M2.5 13.500v-9l5-2v11M7.5 6.500h6v7M1.5 13.500h13M4.7 6.500h.6M4.7 9.500h.6M10 9h1M10 11.300h1"/>',
    "key": '<circle cx="5" cy="10.5" r="2.7"/><path d="M7 8.500l6-6M10.7 4.800l1.9 1.9"/>',
    "clock": '<circle cx="8" cy="8" r="6"/><path d="M8 4.800V8l2 1.5"/>',
    "resource": '<path d="M8 1.800l5.4 3.100v6.200L8 14.200l-5.4-3.100V4.900z"/><path d="M2.8 5L8 8l5.2-3M8 8v6"/>',
    "arrow": '<path d="M3 8h10M9.5 4.500L13 8l-3.5 3.5"/>',
    "warning": '<path d="M8 2.200l6.2 11.100H1.800z"/><path d="M8 6.500v3M8 11.400v.1"/>',
    "bell": '<path d="M3 11.5h10c-1-1-1.3-2-1.3-4.7a3.7 3.7 0 0 0-7.4 0c0 2.700-.3 3.7-1.3 4.700z"/><path d="M6.6 13.600a1.5 1.5 0 0 0 2.800 0"/>',
    "mail": '<rect x="2" y="3.500" width="12" height="9" rx="1.500"/><path d="m2.500 4.500 5.500 4.500 5.500-4.500"/>',
    "note": '<circle cx="8" cy="8" r="6"/><path d="M8 7.300v3.700M8 5v.1"/>',
}
