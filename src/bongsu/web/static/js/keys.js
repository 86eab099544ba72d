// The keyboard everywhere: / and Ctrl-K find, g w goes to a room, j and k walk a list, c begins a task, ? says all of them.
import { openPalette } from "./palette.js";
import { openSheet } from "./overlay.js";

const GO_MS = 1200;
let goUntil = 0;

/** @param {EventTarget | null} target */
const typing = (target) => target instanceof HTMLElement && (target.isContentEditable || target.matches("input:not([type=checkbox], [type=radio], [type=button]), textarea, select"));

/** @param {number} step */
function walk(step) {
  const rows = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-rows] [data-row]")]).filter((row) => row.offsetParent !== null);
  if (!rows.length) return false;
  const at = rows.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + step));
  rows[next].focus();
  rows[next].scrollIntoView({ block: "nearest" });
  return true;
}

/** @param {string} letter */
function go(letter) {
  const link = /** @type {HTMLAnchorElement | undefined} */ ([...document.querySelectorAll(".rail [data-key]")].find((a) => /** @type {HTMLElement} */ (a).dataset.key === letter));
  link?.click();
  return Boolean(link);
}

/** The page's own button goes before: it knows the project. */
function create() {
  const own = /** @type {HTMLElement | null} */ (document.querySelector("[data-new]"));
  if (own) own.click();
  else if (document.querySelector('.rail [href="/tasks"]')) location.href = "/tasks/new";
  else return false;
  return true;
}

/** @param {KeyboardEvent} event @returns {boolean} whether the key was ours */
function act(event) {
  if (performance.now() < goUntil) {
    goUntil = 0;
    return go(event.key);
  }
  switch (event.key) {
    case "/": return openPalette(), true;
    case "?": return openSheet("keys"), true;
    case "g": return (goUntil = performance.now() + GO_MS), true;
    case "c": return create();
    case "j": return walk(1);
    case "k": return walk(-1);
    default: return false;
  }
}

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey) {
    event.preventDefault();
    return openPalette();
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
  if (act(event)) event.preventDefault();
});
