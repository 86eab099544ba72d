// The form under comments: people after an @, files by choosing, drop and paste, and how far sending is.
const { htmx } = window;
const AT = /(?:^|[\s(])@([^\s@][^@\n]{0,40})?$/u;

function make(tag, own, ...inside) {
  const element = Object.assign(document.createElement(tag), own);
  element.append(...inside);
  return element;
}
const toast = (detail) => document.dispatchEvent(new CustomEvent("toast", { detail }));

class NoteForm extends HTMLElement {
  asked = 0;
  at = 0; // the hint that is chosen

  connectedCallback() {
    if (this.form) return; // moved by a morph
    const [form, text, input] = ["form", "textarea", "[type=file]"].map((name) => this.querySelector(name));
    Object.assign(this, { form, text, input });
    const on = (name, act) => this.addEventListener(name, act);
    on("input", (event) => event.target === text && this.look());
    on("focusout", () => setTimeout(() => this.contains(document.activeElement) || this.hide()));
    on("keydown", (event) => this.key(event));
    on("change", () => this.list());
    on("paste", (event) => this.take(event, event.clipboardData));
    on("drop", (event) => this.take(event, event.dataTransfer));
    on("dragover", (event) => (event.preventDefault(), (this.dataset.over = "")));
    for (const name of ["dragleave", "drop"]) on(name, () => delete this.dataset.over);
    on("submit", (event) => (event.preventDefault(), this.send()));
  }

  async look() {
    const turn = ++this.asked;
    const found = AT.exec(this.text.value.slice(0, this.text.selectionStart));
    if (!found) return this.hide();
    await new Promise((done) => setTimeout(done, 120)); // typing goes on
    if (turn !== this.asked) return;
    const answer = await fetch(`${this.getAttribute("people")}?q=${encodeURIComponent(found[1] ?? "")}`).catch(() => null);
    const people = answer?.ok ? await answer.json() : []; // a name can be written by hand, too
    if (turn === this.asked) this.show(people);
  }

  show(people) {
    if (!people.length) return this.hide();
    const options = people.map((one, at) => {
      const option = make("div", { id: `hint-${at}`, role: "option" }, one.name, make("span", { className: "faint" }, one.email));
      option.dataset.text = one.text;
      option.onmousedown = (event) => (event.preventDefault(), this.put(one.text));
      return option;
    });
    this.hints().replaceChildren(make("div", { id: "hint-list", role: "listbox", ariaLabel: this.dataset.people }, ...options));
    this.text.setAttribute("aria-controls", "hint-list");
    this.choose(0);
  }

  hints() {
    return this.querySelector(".hints");
  }

  hide() {
    this.asked++;
    this.hints().replaceChildren();
    for (const name of ["aria-controls", "aria-activedescendant"]) this.text.removeAttribute(name);
  }

  choose(at) {
    const options = [...this.hints().querySelectorAll("[role=option]")];
    this.at = (at + options.length) % options.length;
    options.forEach((option, number) => (option.ariaSelected = String(number === this.at)));
    this.text.setAttribute("aria-activedescendant", `hint-${this.at}`);
  }

  put(name) {
    const end = this.text.selectionStart;
    this.text.setRangeText(`@${name} `, this.text.value.lastIndexOf("@", end - 1), end, "end");
    this.hide();
  }

  key(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return this.form.requestSubmit();
    const chosen = this.hints().querySelectorAll("[role=option]")[this.at];
    if (!chosen || event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.choose(this.at + step);
    else if (event.key === "Enter" || event.key === "Tab") this.put(chosen.dataset.text);
    else if (event.key === "Escape") this.hide();
    else return;
    event.preventDefault();
  }

  take(event, given) {
    if (!given?.files.length) return;
    event.preventDefault();
    this.keep([...this.input.files, ...given.files]);
  }

  keep(files) {
    const all = new DataTransfer();
    for (const file of files) all.items.add(file);
    this.input.files = all.files;
    this.list();
  }

  list() {
    const files = [...this.input.files];
    const words = (which, name) => this.dataset[which].replace("{name}", () => name);
    const line = (file) => {
      const large = file.size > this.dataset.limit;
      const size = file.size < 1e6 ? `${Math.ceil(file.size / 1e3)} kB` : `${(file.size / 1e6).toFixed(1)} MB`;
      const drop = make("button", { type: "button", className: "btn quiet icon", ariaLabel: words("remove", file.name) }, "×");
      drop.onclick = () => this.keep(files.filter((other) => other !== file));
      return make("li", {}, make("span", { className: large ? "err" : "" }, large ? words("large", file.name) : `${file.name} · ${size}`), drop);
    };
    this.querySelector(".chosen").replaceChildren(...files.map(line));
  }

  send() {
    const button = this.form.querySelector("[type=submit]");
    if (this.querySelector(".chosen .err") || button.ariaBusy) return;
    const bar = make("progress", { value: 0, ariaLabel: button.textContent });
    const request = new XMLHttpRequest();
    if (this.input.files.length) this.querySelector(".chosen").append(bar);
    button.ariaBusy = "true";
    request.open("POST", this.form.action);
    for (const pair of [["HX-Request", "true"], ["Accept", "text/html"], ["X-CSRF-Token", document.querySelector("meta[name=csrf]").content]]) request.setRequestHeader(...pair);
    request.upload.onprogress = (event) => (bar.value = event.loaded / event.total);
    request.onload = () => this.answer(request);
    request.onerror = () => toast({ text: this.dataset.away, bad: true });
    request.onloadend = () => (bar.remove(), (button.ariaBusy = null));
    request.send(new FormData(this.form));
  }

  answer(request) {
    if (request.status === 401) return location.reload();
    const said = JSON.parse(request.getResponseHeader("HX-Trigger") ?? "{}").toast;
    if (said ?? request.status >= 500) toast(said ?? { text: this.dataset.away, bad: true });
    if (request.status < 400) this.form.reset(), this.list();
    const target = this.closest("#notes"), text = request.responseText;
    if (text.includes('id="notes"')) htmx.swap({ sourceElement: target, target, text, swap: "outerMorph ignoreTitle:true" });
  }
}
customElements.define("note-form", NoteForm);
// What was changed is read again; a refusal leaves the words open.
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  const saved = ctx?.sourceElement?.matches?.("form.change") && ctx.response?.status < 400;
  if (saved) ctx.sourceElement.closest("li").querySelector("details.edit").open = false;
});
