// Light and dark. The server draws the theme it knows (a cookie), so nothing flashes; this only switches it.
const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");
const dark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
const tell = () => document.dispatchEvent(new CustomEvent("bongsu:theme"));

document.addEventListener("submit", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (!form.matches("[data-theme-form]")) return;
  event.preventDefault();
  root.dataset.theme = dark() ? "light" : "dark";
  fetch(form.action, { method: "POST", headers: { "HX-Request": "true" }, body: new URLSearchParams({ theme: root.dataset.theme }) }).catch(() => {});
  tell();
});
system.addEventListener("change", tell);
