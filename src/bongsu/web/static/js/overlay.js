// Sheets, menus and copy buttons, all by delegation: parts that are swapped in need no set-up.

/** @param {EventTarget | null} target @param {string} selector @returns {HTMLElement | null} */
const near = (target, selector) => (target instanceof Element ? target.closest(selector) : null);

document.addEventListener("click", (event) => {
  const opener = near(event.target, "[data-open]");
  if (opener) return openSheet(/** @type {string} */ (opener.dataset.open));
  if (near(event.target, "[data-close]")) return near(event.target, "dialog") && /** @type {HTMLDialogElement} */ (near(event.target, "dialog")).close();
  if (event.target instanceof HTMLDialogElement && event.target.matches(".sheet")) event.target.close(); // the ground beside it
  const copier = near(event.target, "[data-copy]");
  if (copier) copy(copier);
  closeMenus(event.target);
});

/** @param {string} id */
export function openSheet(id) {
  const sheet = document.getElementById(id);
  if (!(sheet instanceof HTMLDialogElement) || sheet.open) return;
  for (const other of /** @type {NodeListOf<HTMLDialogElement>} */ (document.querySelectorAll("dialog[open]"))) other.close();
  sheet.showModal();
}

/** A click beside a menu or on one of its items closes it. @param {EventTarget | null} target */
function closeMenus(target) {
  for (const menu of /** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll("details[data-menu][open]"))) {
    const inside = target instanceof Node && menu.contains(target);
    if (!inside || near(target, ".pop :is(a, button)")) menu.open = false;
  }
}

document.addEventListener("keydown", (event) => {
  const menu = /** @type {HTMLDetailsElement | null} */ (near(event.target, "details[data-menu][open]"));
  if (!menu) return;
  const items = /** @type {HTMLElement[]} */ ([...menu.querySelectorAll(".pop :is(a, button)")]);
  const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    items[(at + step + items.length) % items.length]?.focus();
  } else if (event.key === "Escape") {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  }
});

/** @param {HTMLElement} button */
async function copy(button) {
  const text = button.dataset.copy ?? "";
  if (!(await put(text))) return;
  const words = button.querySelector("span");
  const before = words ? words.textContent : button.getAttribute("aria-label");
  button.dataset.copied = "";
  words ? (words.textContent = button.dataset.done ?? "") : button.setAttribute("aria-label", button.dataset.done ?? "");
  setTimeout(() => {
    delete button.dataset.copied;
    words ? (words.textContent = before) : button.setAttribute("aria-label", before ?? "");
  }, 2000);
}

/** Pages reached by plain HTTP have no clipboard of their own; the old way works there. @param {string} text */
async function put(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = Object.assign(document.createElement("textarea"), { value: text, className: "sr" });
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
