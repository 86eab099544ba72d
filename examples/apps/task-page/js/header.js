// The bar on top: the mark, the language, light or dark, and who is signed in.
import { h, icon } from "./dom.js";
import { LANGUAGES, language, setLanguage, t, toggleTheme } from "./words.js";

/** `user` null: nobody is signed in. `onsignout` is called by the button. */
export function header(user, onsignout = null) {
  const other = language() === "ko" ? "en" : "ko";
  const change = () => { setLanguage(other); document.dispatchEvent(new Event("language")); };
  return h("header", { class: "bar" },
    h("span", { class: "brand" }, icon("mark", "mark"), h("span", {}, t("Tasks"))),
    h("span", { class: "right" },
      h("button", { class: "btn quiet", type: "button", lang: other, onclick: change }, LANGUAGES[other]),
      h("button", { class: "btn quiet icon", type: "button", "aria-label": t("Light or dark"), title: t("Light or dark"), onclick: toggleTheme }, icon("i-sun")),
      user && h("span", { class: "who" }, face(user.name), h("span", { class: "no-phone" }, user.name)),
      user && h("button", { class: "btn quiet icon", type: "button", "aria-label": t("Sign out"), title: t("Sign out"), onclick: onsignout }, icon("i-out"))));
}

export function face(name) {
  const words = name.trim().split(/\s+/);
  const initials = /[가-힣]/.test(name) ? name.trim().slice(-2) : (words[0][0] + (words.length > 1 ? words.at(-1)[0] : "")).toUpperCase();
  return h("span", { class: "face", "aria-hidden": "true" }, initials);
}
