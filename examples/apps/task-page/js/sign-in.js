// Signing in: mail and password, and the code of the second factor once the API asks for it.
import { API } from "../config.js";
import * as api from "./api.js";
import { busy, field, h, showProblems } from "./dom.js";
import { header } from "./header.js";
import { t } from "./words.js";

/** Calls `done(user)`. */
export function signInPage(done, why = "") {
  const input = (name, type, autocomplete) => h("input", { class: "input", name, type, autocomplete, required: true });
  const button = h("button", { class: "btn main-act tall", type: "submit" }, t("Sign in"));
  const problem = h("p", { class: "wrong", role: "alert", hidden: !why }, why);
  const code = h("input", { class: "input", name: "code", inputmode: "numeric", autocomplete: "one-time-code", maxlength: "64" });
  const second = field(t("Code"), code);
  second.append(h("p", { class: "help" }, t("Six digits of your authenticator, or a recovery code")));
  second.hidden = true;

  const submit = async (event) => {
    event.preventDefault();
    const given = event.target.elements;
    try {
      done(await busy(button, () => api.signIn(given.email.value, given.password.value, given.code.value.trim())));
    } catch (refused) {
      if (refused.code === "second_factor_needed") {
        second.hidden = false;
        code.required = true;
        code.focus();
      }
      showProblems(event.target, refused);
      problem.textContent = refused.message;
      problem.hidden = false;
    }
  };

  const form = h("form", { onsubmit: submit },
    h("div", { class: "hello" }, h("h1", {}, t("Sign in")), h("p", { class: "dim" }, t("This page belongs to {page} and asks {api}.", { page: location.host, api: API }))),
    problem,
    field(t("Mail address"), input("email", "email", "username")),
    field(t("Password"), input("password", "password", "current-password")),
    second,
    button);
  return h("div", { class: "gate" }, header(null), h("main", {}, form));
}
