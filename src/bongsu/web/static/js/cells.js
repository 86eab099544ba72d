// How a check is drawn in the grid: its state by size and shape before colour.
export const STATES = /** @type {const} */ (["up", "degraded", "down", "unknown", "maintenance", "paused"]);
export const SIZE = [0.42, 0.78, 1, 0.9, 0.6, 0.3];

/** Colours as the page has them now. */
export function palette() {
  const probe = document.createElement("i");
  probe.hidden = true;
  document.body.append(probe);
  const found = STATES.map((state, i) => {
    probe.style.color = `var(--${i ? `${state}-fill` : "up-quiet"})`;
    return getComputedStyle(probe).color;
  });
  probe.style.color = "var(--focus)";
  const focus = getComputedStyle(probe).color;
  probe.remove();
  return { found, focus };
}

/** @param {CanvasRenderingContext2D} c @param {number} kind @param {number} x @param {number} y @param {number} s @param {string} colour */
export function cell(c, kind, x, y, s, colour) {
  c.fillStyle = c.strokeStyle = colour;
  c.beginPath();
  if (kind === 0 || kind === 4) {
    c.arc(x + s / 2, y + s / 2, s / 2, 0, 7);
    c.fill();
  } else if (kind === 1) {
    c.moveTo(x + s / 2, y);
    c.lineTo(x + s, y + s);
    c.lineTo(x, y + s);
    c.fill();
  } else if (kind === 3) {
    c.lineWidth = 1.25;
    c.strokeRect(x + 0.8, y + 0.8, s - 1.6, s - 1.6);
  } else c.fillRect(x, y, s, s);
}
