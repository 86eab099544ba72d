// Lists: choosing rows (x, Shift-click, all of a page), one change to what is chosen, clean addresses.
const bulk = /** @type {HTMLFormElement | null} */ (document.getElementById("bulk"));
const boxes = () => /** @type {HTMLInputElement[]} */ ([...document.querySelectorAll('input[name="tasks"]')]);
/** @type {HTMLInputElement | null} the one that was clicked last, for Shift */
let last = null;

function count() {
  const all = boxes(), chosen = all.filter((box) => box.checked).length;
  const words = /** @type {HTMLElement | null} */ (bulk?.querySelector("[data-chosen]") ?? null);
  if (words) words.textContent = (words.dataset.chosen ?? "").replace("{n}", String(chosen));
  if (bulk) bulk.dataset.n = String(chosen);
  for (const box of all) box.closest("tr")?.setAttribute("aria-selected", String(box.checked));
  const whole = /** @type {HTMLInputElement | null} */ (document.getElementById("choose-all"));
  if (whole) [whole.checked, whole.indeterminate] = [chosen > 0 && chosen === all.length, chosen > 0 && chosen < all.length];
}

/** @param {boolean | ((box: HTMLInputElement) => boolean)} which */
function choose(which) {
  for (const box of boxes()) box.checked = typeof which === "boolean" ? which : which(box);
  count();
}

document.addEventListener("change", (event) => {
  const field = /** @type {HTMLInputElement} */ (event.target);
  if (field.id === "choose-all") choose(field.checked);
  else if (field.name === "tasks") count();
});

document.addEventListener("click", (event) => {
  const box = /** @type {HTMLInputElement} */ (event.target);
  if (!(box instanceof HTMLInputElement) || box.name !== "tasks") return;
  const all = boxes();
  if (event.shiftKey && last?.isConnected) {
    const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
    for (const one of all.slice(from, to + 1)) one.checked = box.checked;
    count();
  }
  last = box;
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const target = /** @type {HTMLElement} */ (event.target);
  if (event.key === "Escape" && boxes().some((box) => box.checked) && !target.matches("input:not([type=checkbox]), select")) choose(false);
  if (event.key !== "x" || target.matches("input:not([type=checkbox]), select, textarea")) return;
  const box = /** @type {HTMLInputElement | null} */ (target.closest("tr")?.querySelector('input[name="tasks"]') ?? null);
  if (!box) return;
  event.preventDefault();
  box.click();
});

bulk?.addEventListener("reset", () => choose(false));
// What was changed is chosen no longer; what was refused stays chosen, under its reason.
bulk?.addEventListener("htmx:after:request", (event) => {
  if (!/** @type {CustomEvent} */ (event).detail.ctx.response?.raw?.ok) return;
  const refused = /** @type {HTMLElement | null} */ (document.querySelector("[data-refused]"))?.dataset.refused?.split(" ") ?? [];
  setTimeout(() => {
    bulk.reset();
    choose((box) => refused.includes(box.value));
  });
});
document.addEventListener("htmx:after:swap", count);

// An address says what was asked for, and nothing else.
document.addEventListener("submit", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (!form.matches("[data-clean]")) return;
  const empty = /** @type {HTMLInputElement[]} */ ([...form.elements]).filter((field) => field.name && !field.value);
  for (const field of empty) field.disabled = true;
  setTimeout(() => { for (const field of empty) field.disabled = false; });
});
addEventListener("pageshow", count);
count();
