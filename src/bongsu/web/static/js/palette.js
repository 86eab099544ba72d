// Find anything: Ctrl-K or /. The server answers `GET /-/find?q=` with [{title, href, hint, state?, icon?}].
const palette = /** @type {HTMLDialogElement | null} */ (document.getElementById("palette"));
const input = /** @type {HTMLInputElement | null} */ (palette?.querySelector("input") ?? null);
const list = /** @type {HTMLElement | null} */ (palette?.querySelector(".found") ?? null);
const WAIT_MS = 90;

/** @typedef {{title: string, href: string, hint?: string, state?: string, icon?: string}} Found */

/** @type {AbortController | undefined} */
let asking;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

export function openPalette() {
  if (!palette || !input || palette.open) return;
  for (const other of /** @type {NodeListOf<HTMLDialogElement>} */ (document.querySelectorAll("dialog[open]"))) other.close();
  palette.showModal();
  input.value = "";
  show(rooms());
  ask();
}

/** The rooms of the rail, known without asking. @returns {Found[]} */
const rooms = () =>
  [.../** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll(".rail .nav a"))].map((link) => ({
    title: link.querySelector("span")?.textContent ?? "",
    href: link.href,
    icon: link.querySelector("use")?.getAttribute("href")?.slice(1),
  }));

async function ask() {
  asking?.abort();
  asking = new AbortController();
  const words = input?.value.trim() ?? "";
  try {
    const response = await fetch(`/-/find?q=${encodeURIComponent(words)}`, { signal: asking.signal, headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error(String(response.status));
    const matching = rooms().filter((room) => words && room.title.toLowerCase().includes(words.toLowerCase()));
    show([...(await response.json()), ...(words ? matching : rooms())]);
  } catch (error) {
    if (/** @type {Error} */ (error).name !== "AbortError") say(palette?.dataset.away ?? "");
  }
}

/** @param {Found[]} found */
function show(found) {
  if (!found.length) return say(palette?.dataset.none ?? "");
  list?.replaceChildren(...found.slice(0, 30).map(row));
  choose(0);
}

/** @param {string} text */
function say(text) {
  list?.replaceChildren(Object.assign(document.createElement("p"), { className: "none", role: "option", textContent: text }));
  input?.removeAttribute("aria-activedescendant");
}

/** @param {Found} one @param {number} index */
function row(one, index) {
  const link = Object.assign(document.createElement("a"), { href: one.href, id: `found-${index}`, role: "option", tabIndex: -1 });
  if (one.state) link.dataset.s = one.state;
  if (one.state || one.icon) link.append(picture(one.state ? `g-${one.state}` : /** @type {string} */ (one.icon), one.state ? "g" : "i"));
  link.append(Object.assign(document.createElement("span"), { className: "cut", textContent: one.title }));
  if (one.hint) link.append(Object.assign(document.createElement("span"), { className: "faint small", textContent: one.hint }));
  return link;
}

/** @param {string} name @param {"g" | "i"} kind */
function picture(name, kind) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", kind);
  svg.setAttribute("viewBox", kind === "g" ? "0 0 12 12" : "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS("http://www.w3.org/2000/svg", "use"));
  svg.firstElementChild?.setAttribute("href", `#${name}`);
  return svg;
}

const links = () => /** @type {HTMLAnchorElement[]} */ ([...(list?.querySelectorAll("a") ?? [])]);

/** @param {number} index */
function choose(index) {
  const all = links();
  const chosen = all[(index + all.length) % all.length];
  for (const link of all) link.setAttribute("aria-selected", String(link === chosen));
  chosen?.scrollIntoView({ block: "nearest" });
  if (chosen) input?.setAttribute("aria-activedescendant", chosen.id);
}

input?.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(ask, WAIT_MS);
});
palette?.addEventListener("keydown", (event) => {
  const at = links().findIndex((link) => link.getAttribute("aria-selected") === "true");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    choose(at + step);
  } else if (event.key === "Enter") {
    event.preventDefault();
    links()[at]?.click();
  }
});
document.addEventListener("click", (event) => {
  if (event.target instanceof Element && event.target.closest("[data-do=find]")) openPalette();
});
