// What every page loads. Pages read and work without it; this makes them live and quick.
import "./theme.js";
import "./toast.js";
import "./overlay.js";
import "./palette.js";
import "./keys.js";
import "./times.js";
import "./whole.js";
import "./live.js";
import "./draft.js";

/** @type {any} htmx is loaded before, as a plain script */
const htmx = /** @type {any} */ (window).htmx;

// Every write by htmx carries the token, so that a page cannot forget it.
document.addEventListener("htmx:config:request", (event) => {
  const { request } = /** @type {CustomEvent} */ (event).detail.ctx;
  const token = /** @type {HTMLMetaElement | null} */ (document.querySelector("meta[name=csrf]"))?.content;
  if (token && request.method !== "GET") request.headers["X-CSRF-Token"] = token;
});

// What a person has opened stays open when the part around it is drawn again.
htmx?.registerExtension("keep-open", {
  htmx_before_morph_attr: (/** @type {Element} */ element, /** @type {{attrName: string}} */ { attrName }) =>
    !(attrName === "open" && element.matches("details, dialog")),
});

// A plain form is sent once; coming back by the back button frees it again.
document.addEventListener("submit", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (event.defaultPrevented || form.method === "dialog") return;
  const button = event.submitter;
  if (button?.matches(".btn")) setTimeout(() => button.setAttribute("aria-busy", "true"));
});
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("form .btn[type=submit][aria-busy]")) button.removeAttribute("aria-busy");
});

// Who is new reads every hour by their own clock.
document.querySelector("[data-own-zone]")?.setAttribute("value", Intl.DateTimeFormat().resolvedOptions().timeZone);

// A filter applies at once.
document.addEventListener("change", (event) => {
  const field = /** @type {HTMLSelectElement} */ (event.target);
  if (field.matches("[data-submit]")) field.form?.requestSubmit();
});

// Only pages that have one pay for it.
const some = () => {
  for (const name of ["monitor-grid", "note-form"]) if (document.querySelector(name)) import(`./${name}.js`);
};
document.addEventListener("htmx:after:swap", some);
some();
