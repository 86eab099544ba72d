"""Colours and type of a drawing: Bongsu's tokens as plain hexadecimal, which slides and printers know too."""

from typing import Literal

Theme = Literal["light", "dark", "auto"]
Colours = dict[str, str]
SANS = (
    'Pretendard, Inter, -apple-system, "Segoe UI", "Apple SD Gothic Neo", "Malgun Gothic",'
    ' "Noto Sans KR", "Noto Sans CJK KR", system-ui, sans-serif'
)
LIGHT: Colours = {
    "bg": "#ffffff", "network": "#fbfbfc", "zone": "#f5f6f8", "subnet": "#ffffff", "box": "#ffffff",
    "line": "#dfe2e6", "line-2": "#c3c8cf", "ink": "#171b21", "ink-2": "#434a54", "ink-3": "#626a76",
    "serve": "#3f74bd", "use": "#7c8593", "accent-soft": "#edf3fc", "ramp": "#8fb3e0",
    "degraded": "#c77400", "degraded-soft": "#fdf5e7", "degraded-text": "#8a5200",
    "down": "#d92c2c", "down-soft": "#fdf0ef", "down-text": "#b01e21",
    "unknown": "#8f6bb5", "unknown-soft": "#f6f1fb", "up": "#2e9b6b", "paused": "#858c97",
}  # fmt: skip
DARK: Colours = {
    "bg": "#14171b", "network": "#171a1f", "zone": "#1a1e24", "subnet": "#1e2228", "box": "#252a31",
    "line": "#323842", "line-2": "#4a525e", "ink": "#eceef1", "ink-2": "#b9bfc8", "ink-3": "#979fab",
    "serve": "#6a9fe4", "use": "#8d96a4", "accent-soft": "#1b2838", "ramp": "#3f6499",
    "degraded": "#e3a13c", "degraded-soft": "#2f2617", "degraded-text": "#f0c171",
    "down": "#e8544e", "down-soft": "#351d1c", "down-text": "#ff9a92",
    "unknown": "#a98bce", "unknown-soft": "#292231", "up": "#4bb784", "paused": "#7d8591",
}  # fmt: skip
SHAPES = f"""
.arch text {{ font-family: {SANS}; font-size: 11px; font-variant-numeric: tabular-nums; }}
.arch .title {{ font-size: 20px; font-weight: 600; }}
.arch .name {{ font-size: 13px; font-weight: 600; }}
.arch .range, .arch .port {{ font-size: 11px; }}
.arch .port {{ font-weight: 500; stroke-width: 4px; stroke-linejoin: round; paint-order: stroke; }}
.arch .line {{ fill: none; stroke-width: 1.5px; stroke-linejoin: round; stroke-linecap: round; }}
.arch .line.serve {{ stroke-width: 2px; }}
.arch .line.spare {{ stroke-dasharray: 6 5; }}
.arch .line.join {{ stroke-width: 4px; }}
.arch .line.copy {{ stroke-dasharray: 1 5; stroke-width: 2px; }}
.arch .network {{ stroke-width: 1.25px; }}
.arch .zone {{ stroke-dasharray: 4 4; }}
.arch .icon {{ fill: none; stroke-width: 1.4px; stroke-linejoin: round; stroke-linecap: round; }}
.arch .mark {{ display: none; }}
.arch .state-up .mark-up, .arch .state-degraded .mark-degraded, .arch .state-down .mark-down,
.arch .state-unknown .mark-unknown, .arch .lost .mark-down {{ display: inline; }}
.arch .lost .mark-degraded {{ display: none; }}
.arch .lost .slab {{ stroke-dasharray: 4 3; }}
.arch .lost .name {{ text-decoration: line-through; }}
.arch .lost .icon, .arch .lost .chips {{ opacity: 0.35; }}
.arch .line.lost, .arch .arrow.lost, .arch .port.lost {{ opacity: 0.25; }}
"""
# Selectors and what they take from the palette.
COLOURED = (
    (".ground", "fill: {bg}"),
    (".network", "fill: {network}; stroke: {line-2}"),
    (".zone", "fill: {zone}; stroke: {line-2}"),
    (".subnet, .strip", "fill: {subnet}; stroke: {line}"),
    (".subnet.public", "fill: {accent-soft}"),
    (".slab", "fill: {box}; stroke: {line-2}"),
    (".title, .name", "fill: {ink}"),
    (".below, .range", "fill: {ink-3}"),
    (".label", "fill: {ink-2}"),
    (".network-label", "fill: {ink}; font-weight: 600; font-size: 13px"),
    (".icon", "stroke: {ink-2}"),
    (".line", "stroke: {use}"),
    (".arrow", "fill: {use}"),
    (".line.join", "stroke: {line-2}"),
    (".line.serve, .line.spare", "stroke: {serve}"),
    (".arrow.serve, .arrow.spare", "fill: {serve}"),
    (".port", "fill: {ink-2}; stroke: {halo}"),
    (".pebble", "fill: {ramp}; stroke: none"),
    (".pebble.more", "fill: none; stroke: {line-2}"),
    (".mark-up", "fill: {up}"),
    (".mark-degraded", "fill: {degraded}"),
    (".mark-down", "fill: {down}"),
    (".mark-unknown", "fill: none; stroke: {unknown}; stroke-width: 1.5px; stroke-dasharray: 2 2"),
    (".mark path", "stroke: {box}; stroke-width: 1.5px; fill: none"),
    (".state-degraded .slab", "fill: {degraded-soft}; stroke: {degraded}"),
    (".state-degraded .below", "fill: {degraded-text}"),
    (".state-down .slab", "fill: {down-soft}; stroke: {down}"),
    (".state-down .below", "fill: {down-text}"),
    (".state-unknown .slab", "fill: {unknown-soft}; stroke: {unknown}; stroke-dasharray: 4 3"),
    (".state-maintenance .slab, .state-paused .slab", "stroke: {paused}; stroke-dasharray: 2 3"),
    (".zone.lost, .subnet.lost", "fill: {down-soft}; stroke: {down}; stroke-opacity: 0.5"),
    (".lost .slab", "fill: {down-soft}; stroke: {down}"),
    (".lost .name, .lost .below", "fill: {down-text}"),
)


def css(theme: Theme = "auto") -> str:
    """Rules for everything inside `.arch`. `auto`: as the reader's system says, or `data-theme` of the page."""
    if theme == "light":
        return SHAPES + _rules(LIGHT, "")
    if theme == "dark":
        return SHAPES + _rules(DARK, "")
    dark = _rules(DARK, ':root:not([data-theme="light"]) ')
    media = f"@media (prefers-color-scheme: dark) {{\n{dark}}}\n"
    return SHAPES + _rules(LIGHT, "") + media + _rules(DARK, ':root[data-theme="dark"] ')


def _rules(colours: Colours, before: str) -> str:
    lines = []
    for selectors, body in COLOURED:
        scoped = ", ".join(f"{before}.arch {one.strip()}" for one in selectors.split(","))
        filled = body.replace("{halo}", colours["zone"])
        for name, value in colours.items():
            filled = filled.replace("{" + name + "}", value)
        lines.append(f"{scoped} {{ {filled}; }}")
    return "\n".join(lines) + "\n"
