// The form under comments: people after @; files chosen, dropped, pasted; how far sending is. What is typed
// is kept in this tab until it is sent.
import { draft } from "./draft.js";
import { signedOut } from "./live.js";

const { htmx } = window;
const AT = /(?:^|[\s(])@([^\s@][^@\n]{0,40})?$/u;

function make(tag, own, ...inside) {
  const element = Object.assign(document.createElement(tag), own);
  element.append(...inside);
  return element;
}

class NoteForm extends HTMLElement {
  asked = 0;
  at = 0;

  connectedCallback() {
    if (this.form) return;
    const [form, text, input, hints, chosen] = ["form", "textarea", "[type=file]", ".hints", ".chosen"].map((one) => this.querySelector(one));
    Object.assign(this, { form, text, input, hints, chosen });
    const on = (name, act) => this.addEventListener(name, act);
    on("input", (event) => event.target === text && (draft(form.action, text.value), this.look()));
    on("focusout", () => setTimeout(() => this.contains(document.activeElement) || this.hide()));
    on("keydown", (event) => this.key(event));
    on("change", () => this.list());
    on("paste", (event) => this.take(event, event.clipboardData));
    on("drop", (event) => (delete this.dataset.over, this.take(event, event.dataTransfer)));
    on("dragover", (event) => (event.preventDefault(), (this.dataset.over = "")));
    on("dragleave", () => delete this.dataset.over);
    on("submit", (event) => (event.preventDefault(), this.send()));
    text.value ||= draft(form.action);
  }

  async look() {
    const turn = ++this.asked;
    const found = AT.exec(this.text.value.slice(0, this.text.selectionStart));
    if (!found) return this.hide();
    await new Promise((go) => setTimeout(go, 120));
    if (turn !== this.asked) return;
    const answer = await fetch(`${this.form.action}/people?q=${encodeURIComponent(found[1] ?? "")}`).catch(() => null);
    const people = answer?.ok ? await answer.json() : [];
    if (turn === this.asked) this.show(people);
  }

  show(people) {
    if (!people.length) return this.hide();
    const options = people.map(({ name, email, text }, at) => {
      const onmousedown = (event) => (event.preventDefault(), this.put(text));
      return make("div", { id: `hint-${at}`, role: "option", text, onmousedown }, name, make("span", { className: "faint" }, email));
    });
    this.hints.replaceChildren(make("div", { id: "hint-list", role: "listbox", ariaLabel: this.dataset.people }, ...options));
    this.choose(0);
  }

  hide() {
    this.asked++;
    this.hints.replaceChildren();
    this.text.removeAttribute("aria-activedescendant");
  }

  choose(at) {
    const options = [...this.hints.querySelectorAll("[role=option]")];
    this.at = (at + options.length) % options.length;
    options.forEach((option, number) => (option.ariaSelected = String(number === this.at)));
    this.text.setAttribute("aria-activedescendant", `hint-${this.at}`);
  }

  put(name) {
    const end = this.text.selectionStart;
    this.text.setRangeText(`@${name} `, this.text.value.lastIndexOf("@", end - 1), end, "end");
    draft(this.form.action, this.text.value);
    this.hide();
  }

  key(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return this.form.requestSubmit();
    const chosen = this.hints.querySelectorAll("[role=option]")[this.at];
    if (!chosen || event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.choose(this.at + step);
    else if (event.key === "Enter" || event.key === "Tab") this.put(chosen.text);
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
    const words = (key, name) => this.dataset[key].replace("{name}", () => name);
    const line = (file) => {
      const large = file.size > this.dataset.limit;
      const said = large ? words("large", file.name) : `${file.name} · ${Math.ceil(file.size / 1e3)} kB`;
      const onclick = () => this.keep(files.filter((other) => other !== file));
      const drop = { type: "button", className: "btn quiet icon", ariaLabel: words("remove", file.name), onclick };
      return make("li", {}, make("span", { className: large ? "err" : "" }, said), make("button", drop, "×"));
    };
    this.chosen.replaceChildren(...files.map(line));
  }

  send() {
    const button = this.form.querySelector("[type=submit]");
    if (this.chosen.querySelector(".err") || button.ariaBusy) return;
    const bar = make("progress", { value: 0, ariaLabel: button.textContent });
    const request = new XMLHttpRequest();
    if (this.input.files.length) this.chosen.append(bar);
    button.ariaBusy = "true";
    request.open("POST", this.form.action);
    const headers = { "HX-Request": "true", Accept: "text/html", "X-CSRF-Token": document.querySelector("meta[name=csrf]").content };
    for (const name in headers) request.setRequestHeader(name, headers[name]);
    request.upload.onprogress = (event) => (bar.value = event.loaded / event.total);
    request.onload = request.onerror = () => this.answer(request);
    request.onloadend = () => (bar.remove(), (button.ariaBusy = null));
    request.send(new FormData(this.form));
  }

  answer(request) {
    const { status, responseText: text } = request;
    if (status === 401) return signedOut();
    const said = JSON.parse(request.getResponseHeader("HX-Trigger") ?? "{}").toast;
    const detail = said ?? { text: this.dataset.away, bad: true };
    if (said || !status || status >= 500) document.dispatchEvent(new CustomEvent("toast", { detail }));
    if (status && status < 400) this.form.reset(), draft(this.form.action, ""), this.list();
    const target = this.closest("#notes");
    if (text.includes('id="notes"')) htmx.swap({ sourceElement: target, target, text, swap: "outerMorph" });
  }
}
customElements.define("note-form", NoteForm);
