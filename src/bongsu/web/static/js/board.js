// The board: cards go to another place by pointer, by keys (Space, arrows, Space) or by their menu. The server
// decides; what it refuses snaps back and says why. While a card is in the hand the board is not refreshed.
import { refresh } from "./live.js";

/** @type {any} */
const htmx = /** @type {any} */ (window).htmx;
const says = /** @type {HTMLElement} */ (document.getElementById("board-says"));
const menu = /** @type {HTMLElement | null} */ (document.getElementById("cardmenu"));
const board = () => /** @type {HTMLElement} */ (document.getElementById("board"));
const columns = () => /** @type {HTMLElement[]} */ ([...board().querySelectorAll("[data-column]")]);
const cardsOf = (/** @type {Element} */ column) => /** @type {HTMLElement[]} */ ([...column.querySelectorAll("[data-card]")]);
const columnOf = (/** @type {Element} */ card) => /** @type {HTMLElement} */ (card.closest("[data-column]"));
const listOf = (/** @type {Element} */ column) => /** @type {HTMLElement} */ (column.querySelector(".cards"));

/** The card in the hand, where it came from, and whether keys or the pointer hold it.
 * @type {{card: HTMLElement, list: Element, next: Element | null, by: "keys" | "pointer"} | null} */
let held = null;

// ---------- what is said ----------
/** @param {string} what @param {Record<string, string | number>} values */
function say(what, values) {
  let text = says.dataset[what] ?? "";
  for (const [name, value] of Object.entries(values)) text = text.replace(`{${name}}`, String(value));
  says.textContent = text;
}

/** @param {HTMLElement} card */
function sayPlace(card) {
  const column = columnOf(card), all = cardsOf(column);
  say("at", { column: column.dataset.name ?? "", n: all.indexOf(card) + 1, all: all.length + Number(column.dataset.rest) });
}

// ---------- picking up, moving, dropping ----------
/** @param {HTMLElement} card @param {"keys" | "pointer"} by */
function pick(card, by) {
  held = { card, list: /** @type {Element} */ (card.parentElement), next: card.nextElementSibling, by };
  card.dataset.held = "";
  board().dataset.hold = "";
  if (by === "keys") say("picked", { key: card.dataset.card ?? "" });
}

/** @param {boolean} now whether what was missed meanwhile is fetched at once */
function release(now = true) {
  if (!held) return;
  delete held.card.dataset.held;
  const missed = board().dataset.hold === "stale";
  delete board().dataset.hold;
  held = null;
  if (missed && now) refresh(board());
}

function putBack() {
  if (!held) return;
  const { card, list, next } = held;
  list.insertBefore(card, next);
  say("back", { key: card.dataset.card ?? "" });
  release();
  card.focus();
}

/** @param {HTMLElement} card @param {-1 | 1} step */
function up(card, step) {
  const all = cardsOf(columnOf(card)), other = all[all.indexOf(card) + step];
  if (!other) return;
  step < 0 ? other.before(card) : other.after(card);
}

/** @param {HTMLElement} card @param {-1 | 1} step */
function across(card, step) {
  const all = columns(), column = all[all.indexOf(columnOf(card)) + step];
  if (!column) return;
  const place = cardsOf(columnOf(card)).indexOf(card), there = cardsOf(column);
  there[place] ? there[place].before(card) : listOf(column).append(card);
  column.scrollIntoView({ block: "nearest", inline: "nearest" });
}

async function drop() {
  if (!held) return;
  const { card, list, next } = held, column = columnOf(card);
  const same = card.parentElement === list && card.nextElementSibling === next;
  const above = /** @type {HTMLElement | null} */ (card.previousElementSibling?.closest("[data-card]") ?? null);
  if (!same) say("dropped", { key: card.dataset.card ?? "", column: column.dataset.name ?? "" });
  release(same);
  card.focus();
  if (!card.nextElementSibling && column.dataset.rest !== "0") show(column, cardsOf(column).length); // else it would be out of sight
  if (!same) await send(card, column, above?.dataset.card ?? "");
}

/** @param {HTMLElement} card @param {HTMLElement} column @param {string} after */
async function send(card, column, after) {
  const values = { column: column.dataset.column, after, version: card.dataset.version };
  card.setAttribute("aria-busy", "true");
  await htmx.ajax("POST", `/tasks/${card.dataset.card}/move`, { swap: "none", values });
  await refresh(board()); // what is true now, also after a refusal
}

// ---------- more of a column ----------
/** From now on, also after a reload. @param {HTMLElement} column @param {number} cards */
function show(column, cards) {
  const src = new URL(board().dataset.src ?? "", location.href), page = new URL(location.href);
  const others = (src.searchParams.get("more") ?? "").split("-").filter((one) => one && !one.startsWith(`${column.dataset.column}.`));
  for (const one of [src, page]) one.searchParams.set("more", [...others, `${column.dataset.column}.${cards}`].join("-"));
  board().dataset.src = src.pathname + src.search;
  history.replaceState(history.state, "", page);
}

document.addEventListener("click", async (event) => {
  const link = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest?.("[data-more]"));
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const column = columnOf(link), last = cardsOf(column).length, id = column.id;
  show(column, last + Number(link.dataset.more));
  await refresh(board());
  focus(cardsOf(/** @type {HTMLElement} */ (document.getElementById(id)))[last]);
});

// ---------- the keyboard ----------
/** @param {HTMLElement | undefined} card */
function focus(card) {
  if (!card) return;
  for (const one of board().querySelectorAll('[data-card][tabindex="0"]')) one.setAttribute("tabindex", "-1");
  card.tabIndex = 0;
  card.focus();
  card.scrollIntoView({ block: "nearest", inline: "nearest" });
}

/** @param {HTMLElement} card @param {string} key */
function walk(card, key) {
  const column = columnOf(card), here = cardsOf(column), at = here.indexOf(card);
  if (key === "ArrowDown" && at === here.length - 1) return /** @type {HTMLElement | null} */ (column.querySelector(".rest a"))?.focus();
  if (key === "ArrowUp" || key === "ArrowDown") return focus(here[at + (key === "ArrowUp" ? -1 : 1)]);
  const all = columns(), step = key === "ArrowLeft" ? -1 : 1;
  for (let n = all.indexOf(column) + step; all[n]; n += step) {
    const there = cardsOf(all[n]);
    if (there.length) return focus(there[Math.min(at, there.length - 1)]);
  }
}

/** @param {HTMLElement} card @param {string} key */
function carry(card, key) {
  if (key === "ArrowUp") up(card, -1);
  else if (key === "ArrowDown") up(card, 1);
  else across(card, key === "ArrowLeft" ? -1 : 1);
  card.focus();
  sayPlace(card);
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && held) return event.preventDefault(), putBack();
  const target = /** @type {HTMLElement} */ (event.target);
  const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
  if (plain && event.key === "n" && target.matches("body, main, [data-card], a, button") && !document.querySelector("dialog[open]")) {
    /** @type {HTMLElement | null} */ (document.querySelector("[data-new]"))?.click();
    return;
  }
  const card = /** @type {HTMLElement | null} */ (target.matches("[data-card]") ? target : null);
  if (!card || !plain) return;
  if (event.key === " " && card.draggable) held ? drop() : pick(card, "keys");
  else if (event.key.startsWith("Arrow")) held ? carry(held.card, event.key) : walk(card, event.key);
  else if (event.key === "Enter") /** @type {HTMLElement | null} */ (card.querySelector("h3 a"))?.click();
  else if (event.key === "m" && menu) openMenu(card, card);
  else return;
  event.preventDefault();
});

/** The first card can be reached by Tab; from there arrows lead. */
function reachable() {
  if (!board().querySelector('[data-card][tabindex="0"]')) board().querySelector("[data-card]")?.setAttribute("tabindex", "0");
}
document.addEventListener("htmx:after:swap", reachable);
reachable();

// ---------- the pointer ----------
document.addEventListener("dragstart", (event) => {
  const card = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest?.("[data-card]"));
  if (!card) return;
  event.dataTransfer?.setData("text/plain", card.dataset.card ?? "");
  if (event.dataTransfer) event.dataTransfer.effectAllowed = "move";
  pick(card, "pointer");
});

document.addEventListener("dragover", (event) => {
  const column = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest?.("[data-column]"));
  if (held?.by !== "pointer" || !column) return;
  event.preventDefault();
  const card = held.card;
  const below = cardsOf(column).find((one) => one !== card && event.clientY < one.getBoundingClientRect().top + one.offsetHeight / 2);
  if (below ? card.nextElementSibling !== below : listOf(column).lastElementChild !== card) listOf(column).insertBefore(card, below ?? null);
});

document.addEventListener("drop", (event) => {
  if (held?.by !== "pointer") return;
  event.preventDefault();
  drop();
});
document.addEventListener("dragend", () => held?.by === "pointer" && putBack());

// ---------- the menu of a card ----------
/** @type {HTMLElement | null} */
let asked = null;

/** @param {HTMLElement} card @param {HTMLElement} by */
function openMenu(card, by) {
  if (!menu) return;
  asked = card;
  for (const link of /** @type {HTMLAnchorElement[]} */ ([...menu.querySelectorAll("[data-href]")])) {
    link.href = (link.dataset.href ?? "").replace("{key}", card.dataset.card ?? "");
  }
  for (const button of /** @type {HTMLElement[]} */ ([...menu.querySelectorAll("[data-move]")])) {
    button.hidden = button.dataset.move === columnOf(card).dataset.column;
  }
  menu.showPopover();
  const box = by.getBoundingClientRect();
  menu.style.top = `${Math.max(8, Math.min(box.bottom + 4, innerHeight - menu.offsetHeight - 8))}px`;
  menu.style.left = `${Math.max(8, Math.min(box.right - menu.offsetWidth, innerWidth - menu.offsetWidth - 8))}px`;
  /** @type {HTMLElement | null} */ (menu.querySelector("button:not([hidden]), a"))?.focus();
}

document.addEventListener("click", (event) => {
  const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest?.("[data-card-menu]"));
  const card = /** @type {HTMLElement | null} */ (button?.closest("[data-card]") ?? null);
  if (button && card) openMenu(card, button);
});

menu?.addEventListener("click", async (event) => {
  const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("button"));
  const card = asked;
  if (!button || !card) return;
  menu.hidePopover();
  const focused = document.activeElement, column = button.dataset.move;
  const values = column ? { column, after: "", version: card.dataset.version } : {};
  await htmx.ajax("POST", `/tasks/${card.dataset.card}/${column ? "move" : "take"}`, { swap: "none", values });
  await refresh(board());
  if ([focused, document.body].includes(document.activeElement)) document.getElementById(card.id)?.focus();
});

menu?.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const all = /** @type {HTMLElement[]} */ ([...menu.querySelectorAll("button:not([hidden]), a")]);
  const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  all[(at + (event.key === "ArrowDown" ? 1 : -1) + all.length) % all.length].focus();
  event.preventDefault();
});
