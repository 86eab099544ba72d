// One's tasks of a project in three columns, one for each status. Buttons and keys move a card; there is no dragging.
import * as api from "./api.js";
import { h, icon, speak, toast } from "./dom.js";
import { face, header } from "./header.js";
import { newTask, openTask } from "./task.js";
import { dayText, isLate, t } from "./words.js";

const STATUSES = { waiting: "Waiting", in_progress: "In progress", done: "Done" };
const ORDER = Object.keys(STATUSES);
const LIMIT = 200;
const LOOK_AGAIN_MS = 15_000;
const PRIORITIES = { 3: "High", 4: "Urgent" };

export class Board {
  constructor(user, onsignout, onended) {
    Object.assign(this, { user, onsignout, onended, mine: true, tasks: [], more: 0, focused: null });
    this.element = h("div");
    this.place = h("div");
    this.element.addEventListener("keydown", (event) => this.key(event));
    this.timer = setInterval(() => document.hidden || document.querySelector("dialog[open]") || this.load(), LOOK_AGAIN_MS);
  }

  end() {
    clearInterval(this.timer);
  }

  async begin(key = "") {
    await this.run(async () => {
      this.projects = await api.projects();
      const chosen = this.projects.find((one) => one.key === key) ?? this.projects[0];
      if (chosen) await this.choose(chosen.key);
      else this.draw();
    });
  }

  async choose(key) {
    this.project = await api.project(key);
    this.draw();
    await this.load();
  }

  get mayWrite() {
    return ["member", "manager"].includes(this.project?.role);
  }

  async load() {
    await this.run(async () => {
      const found = await api.tasks(this.project.key, this.mine, LIMIT);
      const shown = JSON.stringify(found.tasks);
      if (shown === this.shown) return; // what has not changed is left alone: focus and scroll stay
      Object.assign(this, { tasks: found.tasks, more: found.count - found.tasks.length, shown });
      this.drawTasks();
    });
  }

  /** Shows what was refused; a session that has ended brings back the sign-in. */
  async run(work) {
    try {
      return await work();
    } catch (refused) {
      if (refused.status === 401) this.onended(t("Your session has ended. Sign in and go on."));
      else toast(refused.message);
      return undefined;
    }
  }

  // --- drawing

  draw() {
    const main = h("main", { class: "main" }, this.head(), this.project ? this.place : this.nothing());
    this.element.replaceChildren(header(this.user, this.onsignout), main);
  }

  drawTasks() {
    const inside = this.place.contains(document.activeElement) || document.activeElement === document.body;
    const rest = this.more > 0 && h("p", { class: "faint small rest" }, t("{n} more in Bongsu", { n: this.more }));
    this.place.replaceChildren(...[h("div", { class: "board" }, ORDER.map((status) => this.column(status))), rest].filter(Boolean));
    if (inside && this.focused) this.place.querySelector(`[data-key="${this.focused}"] .open`)?.focus();
  }

  head() {
    if (!this.project) return h("div", { class: "head" }, h("h1", {}, t("Tasks")));
    const choice = h("select", { class: "input", "aria-label": t("Project"), onchange: (event) => this.run(() => this.choose(event.target.value)) },
      this.projects.map((one) => h("option", { value: one.key, selected: one.key === this.project.key }, one.title)));
    const side = (mine, text) => h("button", { type: "button", "aria-pressed": String(this.mine === mine), onclick: () => { this.mine = mine; this.draw(); this.load(); } }, text);
    return h("div", { class: "head" },
      h("div", { class: "what" }, h("h1", {}, this.project.title),
        h("p", { class: "dim" }, this.mayWrite ? h("span", { class: "no-touch" }, t("Arrows choose a card, Shift and arrows move it, Enter opens it, N makes a new one")) : t("You may only look at this project."))),
      h("div", { class: "do" },
        this.projects.length > 1 && choice,
        h("div", { class: "seg", role: "group", "aria-label": t("Whose tasks") }, side(true, t("Mine")), side(false, t("Everybody’s"))),
        this.mayWrite && h("button", { class: "btn main-act", type: "button", onclick: () => this.create() }, icon("i-plus"), t("New task"))));
  }

  nothing() {
    return h("p", { class: "empty" }, t("You are in no project yet. Somebody who manages one can add you, in Bongsu."));
  }

  column(status) {
    const own = this.tasks.filter((one) => one.status === status);
    const id = `c-${status}`;
    return h("section", { class: "col", "data-status": status, "aria-labelledby": id },
      h("header", {}, h("h2", { id }, t(STATUSES[status])), h("span", { class: "faint num" }, String(own.length))),
      h("ul", { class: "cards" }, own.map((one) => this.card(one)), own.length === 0 && h("li", { class: "none faint" }, t("No task here"))));
  }

  card(one) {
    const at = ORDER.indexOf(one.status);
    const move = (step) => {
      const to = ORDER[at + step];
      if (!to || !this.mayWrite) return null;
      const label = t("Move to {column}", { column: t(STATUSES[to]) });
      return h("button", { class: "step", type: "button", "aria-label": `${one.key}: ${label}`, title: label, onclick: () => this.move(one, step) }, icon(step < 0 ? "i-back" : "i-fwd"));
    };
    const late = one.due && one.status !== "done" && isLate(one.due);
    const who = one.assignees[0];
    return h("li", { class: "card", "data-key": one.key, "data-done": one.status === "done", onfocusin: () => { this.focused = one.key; } },
      h("div", { class: "one" }, h("span", {}, one.key), one.priority in PRIORITIES && h("span", { class: "chip", "data-p": one.priority }, t(PRIORITIES[one.priority])),
        h("span", { class: "steps" }, move(-1), move(1))),
      h("h3", {}, h("button", { class: "open", type: "button", onclick: () => this.open(one.key) }, one.title)),
      h("div", { class: "foot" },
        one.due && h("span", { class: late ? "k late" : "k" }, icon("i-clock"), late ? `${dayText(one.due)}, ${t("late")}` : dayText(one.due)),
        one.attachments > 0 && h("span", { class: "k" }, icon("i-clip"), String(one.attachments), h("span", { class: "sr" }, t("Attachments"))),
        one.comments > 0 && h("span", { class: "k" }, icon("i-note"), String(one.comments), h("span", { class: "sr" }, t("Comments"))),
        who && h("span", { class: "who" }, face(who.name), who.name)));
  }

  // --- doing

  async move(one, step) {
    const status = ORDER[ORDER.indexOf(one.status) + step];
    if (!status || !this.mayWrite) return;
    this.place.querySelector(`[data-key="${one.key}"]`)?.setAttribute("aria-busy", "true");
    this.focused = one.key;
    await this.run(async () => {
      const moved = await api.moveTask(one.key, status, one.version);
      speak(t("{task} is now in {column}.", { task: moved.key, column: t(STATUSES[moved.status]) }));
    });
    this.shown = ""; // drawn again after a refusal, too: somebody else was faster, and this shows what they did
    await this.load();
  }

  async open(key) {
    await this.run(() => openTask(key, this.mayWrite, () => this.load()));
  }

  create() {
    newTask(this.project, this.user, (made) => {
      this.focused = made.key;
      this.load();
    });
  }

  key(event) {
    if (event.target.closest("input, textarea, select, dialog") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key.toLowerCase() === "n" && this.mayWrite) return this.take(event, () => this.create());
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!step) return;
    const one = this.tasks.find((other) => other.key === event.target.closest("[data-key]")?.dataset.key);
    if (event.shiftKey && one && step[0]) this.take(event, () => this.move(one, step[0]));
    else if (!event.shiftKey) this.take(event, () => this.walk(one, step));
  }

  take(event, act) {
    event.preventDefault();
    act();
  }

  /** The next card that way; from nowhere, the first one. */
  walk(one, [across, down]) {
    const columns = ORDER.map((status) => [...this.place.querySelectorAll(`[data-status="${status}"] [data-key]`)]);
    const at = one ? ORDER.indexOf(one.status) : -1;
    const row = one ? columns[at].findIndex((card) => card.dataset.key === one.key) : 0;
    let column = one ? at + across : 0;
    const by = across || 1;
    while (columns[column] && (across || !one) && columns[column].length === 0) column += by;
    const cards = columns[column];
    if (cards?.length) cards[Math.min(Math.max(row + down, 0), cards.length - 1)].querySelector(".open").focus();
  }
}
