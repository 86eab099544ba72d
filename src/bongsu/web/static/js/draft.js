// What is typed and not yet kept, in this tab, for this person alone: a session may end, and the page with it, in
// the middle of a sentence. A form with `data-draft="name"` is filled in again when its page is opened anew, until
// an answer takes it. Only what differs from the page is kept, beside the hidden fields that say what the page
// showed, so that nobody's change in between is undone. Never passwords, codes, files, or what proves a request.
const person = document.documentElement.dataset.person;
const SENT = "draft sent";
const SECRET = ["password", "file", "submit"];
const key = (/** @type {string} */ name) => `draft ${person} ${name}`;

/** What is kept under a name; `words` are kept from now on, empty ones are forgotten.
 * @param {string} name @param {string} [words] */
export function draft(name, words) {
  if (words) sessionStorage.setItem(key(name), words);
  else if (words === "") sessionStorage.removeItem(key(name));
  return sessionStorage.getItem(key(name)) ?? "";
}

// ---------- forms ----------
/** @typedef {{typed: Record<string, string[]>, hidden: Record<string, string[]>}} Kept */
const taken = ((/** @type {any} */ (performance.getEntriesByType("navigation")[0]))?.responseStatus || 200) < 400;

/** @param {any} field */
const secret = (field) => !field.name || field.name === "csrf" || SECRET.includes(field.type) || /password|one-time/.test(field.autocomplete ?? "");
/** @param {HTMLFormElement} form @returns {any[]} */
const fields = (form) => [...form.elements].filter((one) => !secret(one));
/** @param {any} field */
const untouched = (field) => {
  if (field.options) return [...field.options].every((/** @type {HTMLOptionElement} */ one) => one.selected === one.defaultSelected);
  return field.type === "checkbox" || field.type === "radio" ? field.checked === field.defaultChecked : field.value === field.defaultValue;
};

/** @param {HTMLFormElement} form @returns {Kept} */
const read = (form) => JSON.parse(draft(form.dataset.draft ?? "") || '{"typed": {}, "hidden": {}}');

/** @param {HTMLFormElement} form @param {string} name */
function keep(form, name) {
  const kept = read(form), all = new FormData(form), same = fields(form).filter((one) => one.name === name);
  kept.typed[name] = all.getAll(name).map(String);
  if (taken && same.every(untouched)) delete kept.typed[name];
  for (const one of fields(form)) if (one.type === "hidden") kept.hidden[one.name] = [one.value];
  draft(form.dataset.draft ?? "", Object.keys(kept.typed).length ? JSON.stringify(kept) : "");
}

/** @param {HTMLFormElement} form */
function fill(form) {
  const { typed, hidden } = read(form), known = { ...hidden, ...typed };
  for (const one of fields(form)) {
    const values = known[one.name];
    if (!values) continue;
    if (one.type === "checkbox" || one.type === "radio") one.checked = values.includes(one.value);
    else one.value = values[0] ?? "";
  }
  if (Object.keys(typed).length) form.prepend(note(form));
}

/** Says that it is not the page as it was, and leads back to that. @param {HTMLFormElement} form */
function note(form) {
  const bar = Object.assign(document.createElement("div"), { className: "banner" });
  const words = Object.assign(document.createElement("span"), { textContent: form.dataset.draftSaid, role: "status" });
  const button = Object.assign(document.createElement("button"), { type: "button", className: "btn quiet", textContent: form.dataset.draftDrop });
  button.addEventListener("click", () => (draft(form.dataset.draft ?? "", ""), location.reload()));
  bar.dataset.s = "unknown";
  bar.append(words, button);
  return bar;
}

// What was sent is gone once a page answers it; one that refuses, or leads to signing in, takes nothing.
const sent = sessionStorage.getItem(SENT);
sessionStorage.removeItem(SENT);
if (sent && person && taken) sessionStorage.removeItem(sent);

for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll("form[data-draft]"))) {
  if (taken) fill(form);
  form.addEventListener("input", (event) => {
    const field = /** @type {any} */ (event.target);
    if (!secret(field)) keep(form, field.name);
  });
  form.addEventListener("submit", () => sessionStorage.setItem(SENT, key(form.dataset.draft ?? "")));
  form.addEventListener("click", (event) => /** @type {Element} */ (event.target).closest(".acts > a") && draft(form.dataset.draft ?? "", "")); // Cancel
}
