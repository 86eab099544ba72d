// Elements without a template language. Text is always text: nothing that comes from the API is ever read as HTML.

const SVG = "http://www.w3.org/2000/svg";
let fields = 0;

/** `h("button", { class: "btn", onclick: f, "aria-label": "…" }, "Save")`; null and false children are left out. */
export function h(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (key === "value") made.value = value;
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat().filter((one) => one !== null && one !== undefined && one !== false));
  return made;
}

export function icon(id, className = "i") {
  const made = document.createElementNS(SVG, "svg");
  made.setAttribute("class", className);
  made.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#${id}`);
  made.append(use);
  return made;
}

/** A label above its control, a place for what is wrong below it. */
export function field(label, control, aside = null) {
  control.id ||= `f-${fields += 1}`;
  const problem = h("p", { class: "err", id: `${control.id}-err`, hidden: true });
  control.setAttribute("aria-describedby", problem.id);
  return h("div", { class: "field" }, h("div", { class: "row2" }, h("label", { for: control.id }, label), aside), control, problem);
}

/** Shows under each control what the API found wrong with it; what belongs to none is given back. */
export function showProblems(form, refused) {
  for (const problem of form.querySelectorAll(".err")) problem.hidden = true;
  const rest = [];
  for (const one of refused?.problems ?? []) {
    const problem = form.elements[one.where]?.closest(".field")?.querySelector(".err");
    if (!problem) rest.push(one.what);
    else {
      problem.textContent = [one.what, one.todo].filter(Boolean).join(" ");
      problem.hidden = false;
    }
  }
  return rest;
}

/** Says it to screen readers, without moving anything. */
export function speak(text) {
  document.getElementById("spoken").textContent = text;
}

let fading;

/** A sentence at the foot of the page for eight seconds. */
export function toast(text, act = null) {
  document.querySelector(".toast")?.remove();
  clearTimeout(fading);
  const button = act && h("button", { class: "link", type: "button", onclick: () => { made.remove(); act.run(); } }, act.text);
  const made = h("div", { class: "toast", role: "status" }, text, button);
  (document.querySelector("dialog[open]") ?? document.body).append(made);
  fading = setTimeout(() => made.remove(), 8000);
}

/** While `work` runs the button says so and cannot be pressed again. */
export async function busy(button, work) {
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
  try {
    return await work();
  } finally {
    button.disabled = false;
    button.removeAttribute("aria-busy");
  }
}
