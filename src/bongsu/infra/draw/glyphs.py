"""Small line drawings for kinds of parts, 16 by 16, drawn for Bongsu."""

# ruff: noqa: E501  a path is one piece

GLYPHS = {
    "people": '<circle cx="8" cy="5" r="2.6"/><path d="M2.8 13.8c.5-3 2.5-4.6 5.2-4.6s4.7 1.6 5.2 4.6"/>',
    "globe": '<circle cx="8" cy="8" r="6.2"/><path d="M1.8 8h12.4M8 1.8c2.6 2.2 2.6 10.2 0 12.4M8 1.8c-2.6 2.2-2.6 10.2 0 12.4"/>',
    "gate": '<path d="M2.5 14V4.8C2.5 3 5 1.9 8 1.9s5.5 1.1 5.5 2.9V14M1.2 14h13.6M6 14V8.4h4V14"/>',
    "split": '<circle cx="3.3" cy="8" r="1.8"/><circle cx="12.7" cy="3.5" r="1.8"/><circle cx="12.7" cy="12.5" r="1.8"/><path d="M5.1 8h2.4c2 0 1.4-4.5 3.4-4.5M7.5 8c2 0 1.4 4.5 3.4 4.5"/>',
    "container": '<path d="M8 1.6 13.8 4.6v6.8L8 14.4 2.2 11.4V4.6zM2.2 4.6 8 7.7l5.8-3.1M8 7.7v6.7"/>',
    "wheel": '<circle cx="8" cy="8" r="4.4"/><circle cx="8" cy="8" r="1.3"/><path d="M8 1.2v5.5M8 9.3v5.5M1.2 8h5.5M9.3 8h5.5M3.2 3.2l3.9 3.9M8.9 8.9l3.9 3.9M12.8 3.2 8.9 7.1M7.1 8.9l-3.9 3.9"/>',
    "server": '<rect x="2" y="2.5" width="12" height="4.6" rx="1"/><rect x="2" y="8.9" width="12" height="4.6" rx="1"/><path d="M4.6 4.8h.01M4.6 11.2h.01M8 4.8h3.6M8 11.2h3.6"/>',
    "cylinder": '<ellipse cx="8" cy="3.7" rx="5.4" ry="2"/><path d="M2.6 3.7v8.6c0 1.1 2.4 2 5.4 2s5.4-.9 5.4-2V3.7M2.6 8c0 1.1 2.4 2 5.4 2s5.4-.9 5.4-2"/>',
    "bolt": '<path d="M9.2 1.6 3.4 9h4.2l-.8 5.4L12.6 7H8.4z"/>',
    "bucket": '<ellipse cx="8" cy="3.8" rx="5.6" ry="1.9"/><path d="M2.4 3.8 4 12.7c.3 1 2 1.6 4 1.6s3.7-.6 4-1.6l1.6-8.9"/>',
    "table": '<path d="M2.2 3h11.6v10H2.2zM2.2 6.3h11.6M2.2 9.7h11.6M6.2 6.3V13"/>',
    "lambda": '<path d="M3.4 2.2h2.5l5.3 11.6h2M7 7.4 3.6 13.8"/>',
    "letter": '<path d="M1.8 3.8h12.4v8.4H1.8zM2 4.2l6 4.6 6-4.6"/>',
    "pipeline": '<circle cx="3.4" cy="8" r="1.7"/><path d="M5.1 8h2.2M9 6.2 7.3 8 9 9.8zM9 8h1.9"/><circle cx="12.6" cy="8" r="1.7"/>',
    "folder": '<path d="M1.8 4.3c0-.7.5-1.2 1.2-1.2h3.2l1.6 1.8h5.2c.7 0 1.2.5 1.2 1.2v5.8c0 .7-.5 1.2-1.2 1.2H3c-.7 0-1.2-.5-1.2-1.2z"/>',
    "move": '<path d="M2 5.5h9.5M9 3l2.7 2.5L9 8M14 10.8H4.5M7 8.3l-2.7 2.5L7 13.3"/>',
    "name": '<path d="M2.5 3h11v10h-11zM5 6.5h6M5 9.5h4"/>',
    "out": '<path d="M9 3H4.2C3.5 3 3 3.5 3 4.2v7.6c0 .7.5 1.2 1.2 1.2H9M7 8h7M11.5 5.5 14 8l-2.5 2.5"/>',
    "plug": '<path d="M5.5 1.8v3.4M10.5 1.8v3.4M3.8 5.2h8.4v2.3a4.2 4.2 0 0 1-8.4 0zM8 11.7v2.6"/>',
    "join": '<circle cx="8" cy="8" r="2.2"/><path d="M8 1.8v4M8 10.2v4M1.8 8h4M10.2 8h4"/>',
    "building": '<path d="M3 14.2V3.2c0-.5.3-.8.8-.8h5.4c.5 0 .8.3.8.8v11M10 7h2.2c.5 0 .8.3.8.8v6.4M1.8 14.2h12.4M5.5 5.4h2M5.5 8.2h2M5.5 11h2"/>',
}  # fmt: skip
