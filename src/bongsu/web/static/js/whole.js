// The tab shows the worst state: its icon by shape and colour, its title in words.
const icon = /** @type {HTMLLinkElement | null} */ (document.getElementById("favicon"));
const title = document.title;
const ICONS = new Set(["up", "degraded", "down", "unknown"]);
let shown = "";

function sync() {
  const whole = document.getElementById("overall");
  const state = whole?.dataset.s;
  const say = whole?.dataset.say ?? "";
  if (!state || `${state} ${say}` === shown) return;
  shown = `${state} ${say}`;
  if (icon) icon.href = icon.href.replace(/[a-z]+\.svg$/, `${ICONS.has(state) ? state : "up"}.svg`);
  document.title = state === "up" || !say || title.startsWith(say) ? title : `${say} · ${title}`;
}

document.addEventListener("htmx:after:swap", sync);
sync();
