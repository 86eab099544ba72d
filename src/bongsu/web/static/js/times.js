// Lengths that grow: "23 min" counts on between two looks at the server. Same words as bongsu/web/format.py.
const root = document.documentElement;
const korean = root.lang === "ko";
const WORDS = korean ? { s: "초", min: "분", h: "시간", d: "일" } : { s: " s", min: " min", h: " h", d: " d" };
const figures = new Intl.NumberFormat(root.lang);
const DAY = 86400;

// The server's clock, not this machine's: a laptop that is wrong by minutes still shows right lengths.
const skewMs = root.dataset.now ? Date.parse(root.dataset.now) - Date.now() : 0;
export const nowMs = () => Date.now() + skewMs;

/** @param {number} seconds */
export function length(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  /** @param {number} n @param {keyof typeof WORDS} unit */
  const part = (n, unit) => figures.format(n) + WORDS[unit];
  if (whole < 60) return part(whole, "s");
  if (whole < 3600) return part(Math.floor(whole / 60), "min");
  if (whole >= DAY) return part(Math.floor(whole / DAY), "d");
  const minutes = Math.floor((whole % 3600) / 60);
  return part(Math.floor(whole / 3600), "h") + (minutes ? ` ${part(minutes, "min")}` : "");
}

/** @param {number} seconds */
const running = (seconds) => length(seconds) + (korean ? "째" : "");

/** @param {HTMLElement} element @param {number} seconds */
function words(element, seconds) {
  if (element.hasAttribute("data-ago")) return korean ? `${length(seconds)} 전` : `${length(seconds)} ago`;
  if (element.hasAttribute("data-running") || seconds >= DAY) return running(seconds);
  return `${element.dataset.clock} · ${running(seconds)}`;
}

export function tick() {
  let young = false;
  for (const element of /** @type {NodeListOf<HTMLTimeElement>} */ (document.querySelectorAll("time[data-since], time[data-ago], time[data-running]"))) {
    const seconds = (nowMs() - Date.parse(element.dateTime)) / 1000;
    young ||= seconds < 60;
    const text = words(element, seconds);
    if (element.textContent !== text) element.textContent = text;
  }
  return young;
}

const next = () => setTimeout(() => (document.hidden || tick(), next()), document.querySelector("time[data-ago]") ? 5000 : 15000);
next();
document.addEventListener("visibilitychange", () => document.hidden || tick());
