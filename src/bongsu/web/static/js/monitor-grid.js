// <monitor-grid src href topic names? label data-words>: every check as a cell, ten thousand on a canvas.
// Well is small and quiet, trouble is larger and has its own shape, so it shows without colour.
//
// `src` gives  {"groups": [{"title": "Shop", "ids": [1, 2, 3], "states": "uud"}]}   one letter a check:
//              u up · g degraded · d down · k unknown · m maintenance · p paused
// `names` gives {"1": "shop/home", …}, asked for when somebody first points at a cell.
// On the stream: `delta` rows [id, state, ms] of `topic`; the topic alone, or `reset`, asks `src` again.

import { SIZE, STATES, cell, palette } from "./cells.js";

const LETTERS = "ugdkmp";
const WORST = [2, 1, 3, 4, 5, 0]; // down first
const ROWS_MOST = 200; // of checks that are up, in the table
const root = document.documentElement;
const figures = new Intl.NumberFormat(root.lang);

/** @typedef {{title: string, ids: number[], kinds: Uint8Array, canvas: HTMLCanvasElement, line: HTMLElement, columns: number, at: number}} Group */

/** Few checks may be large; ten thousand must fit one screen. @param {number} count */
const pitchFor = (count) => (count <= 400 ? 16 : count <= 2000 ? 11 : innerWidth < 740 ? 7 : 8);

/** @param {string} tag @param {Record<string, unknown>} [props] @param {...(Node | string)} children */
const make = (tag, props = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), props);
  element.append(...children);
  return element;
};

export class MonitorGrid extends HTMLElement {
  /** @type {Group[]} */ groups = [];
  /** @type {Map<number, [Group, number]>} */ places = new Map();
  /** @type {Promise<Record<string, string>> | null} */ names = null;
  /** @type {Record<string, string>} */ words = {};
  /** @type {ReturnType<typeof setTimeout> | undefined} */ later;
  tip = make("div", { className: "gridtip", hidden: true });
  spoken = make("div", { className: "sr" });
  table = make("div", { hidden: true });
  body = make("div");

  connectedCallback() {
    if (this.groups.length) return;
    this.words = JSON.parse(this.dataset.words ?? "{}");
    this.spoken.setAttribute("role", "status");
    this.prepend(this.body, this.table, this.spoken);
    this.addEventListener("keydown", (event) => this.key(event));
    this.addEventListener("pointermove", (event) => this.point(event));
    this.addEventListener("pointerleave", () => (this.tip.hidden = true));
    this.addEventListener("click", (event) => event.target instanceof HTMLCanvasElement && this.open());
    new ResizeObserver(() => this.draw()).observe(this);
    document.addEventListener("bongsu:theme", () => this.draw());
    document.addEventListener("bongsu:reset", () => this.load());
    document.addEventListener("bongsu:topics", (e) => /** @type {CustomEvent} */ (e).detail.includes(this.getAttribute("topic")) && this.load());
    document.addEventListener("bongsu:delta", (e) => this.delta(/** @type {CustomEvent} */ (e).detail));
    this.load();
  }

  async load() {
    try {
      const response = await fetch(this.getAttribute("src") ?? "", { headers: { Accept: "application/json" } });
      if (!response.ok) throw new Error(String(response.status));
      this.fill((await response.json()).groups);
    } catch {
      if (!this.groups.length) this.body.replaceChildren(make("p", { className: "empty", textContent: this.words.failed }));
      clearTimeout(this.later);
      this.later = setTimeout(() => this.isConnected && this.load(), 15000);
    }
  }

  /** @param {{title: string, ids: number[], states: string}[]} given */
  fill(given) {
    const same = given.length === this.groups.length && given.every((g, i) => g.title === this.groups[i].title);
    if (!same) this.groups = given.map((g) => this.group(g.title));
    this.places.clear();
    given.forEach(({ ids, states }, i) => {
      const group = this.groups[i];
      group.ids = ids;
      group.kinds = Uint8Array.from(states, (letter) => Math.max(0, LETTERS.indexOf(letter)));
      group.at = Math.min(group.at, ids.length - 1);
      ids.forEach((id, at) => this.places.set(id, [group, at]));
    });
    if (!same) this.body.replaceChildren(...this.groups.map((g) => make("div", { className: "field-grp" }, g.line, make("div", { className: "cells" }, g.canvas))));
    this.draw();
    if (!this.table.hidden) this.list();
  }

  /** @param {string} title @returns {Group} */
  group(title) {
    const canvas = /** @type {HTMLCanvasElement} */ (make("canvas", { tabIndex: 0 }));
    canvas.setAttribute("role", "img");
    canvas.addEventListener("focus", () => this.draw());
    canvas.addEventListener("blur", () => ((this.tip.hidden = true), this.draw()));
    return { title, ids: [], kinds: new Uint8Array(), canvas, line: make("div", { className: "grp-in" }), columns: 1, at: 0 };
  }

  draw() {
    if (!this.offsetParent || this.body.hidden) return;
    const { found, focus } = palette();
    const pitch = pitchFor(this.places.size);
    for (const group of this.groups) {
      const { canvas, kinds } = group;
      const dpr = devicePixelRatio || 1;
      group.columns = Math.max(1, Math.floor((canvas.parentElement?.clientWidth ?? 300) / pitch));
      const size = [group.columns * pitch, Math.ceil(kinds.length / group.columns) * pitch];
      [canvas.width, canvas.height] = size.map((v) => Math.round(v * dpr));
      [canvas.style.width, canvas.style.height] = size.map((v) => `${v}px`);
      const c = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
      c.scale(dpr, dpr);
      kinds.forEach((kind, i) => {
        const s = SIZE[kind] * (pitch - 1);
        cell(c, kind, (i % group.columns) * pitch + (pitch - s) / 2, Math.floor(i / group.columns) * pitch + (pitch - s) / 2, s, found[kind]);
      });
      if (document.activeElement === canvas && kinds.length) {
        c.strokeStyle = focus;
        c.lineWidth = 1.5;
        c.strokeRect((group.at % group.columns) * pitch + 0.75, Math.floor(group.at / group.columns) * pitch + 0.75, pitch - 1.5, pitch - 1.5);
      }
      this.describe(group);
    }
  }

  /** The counts, above the cells and as the picture's name. @param {Group} group */
  describe(group) {
    const counts = STATES.map((_, kind) => group.kinds.reduce((n, k) => n + Number(k === kind), 0));
    const bad = WORST.filter((i) => i && counts[i]).map((i) => ({ state: STATES[i], text: `${figures.format(counts[i])} ${this.words[STATES[i]]}` }));
    const what = bad.length ? `${bad.map((b) => b.text).join(", ")}; ${this.words.rest}` : this.words.all;
    const label = this.words.of.replace("{n}", figures.format(group.ids.length)).replace("{group}", group.title).replace("{what}", what);
    if (group.canvas.getAttribute("aria-label") === label) return;
    group.canvas.setAttribute("aria-label", label);
    const marks = bad.map(({ state, text }) => {
      const mark = make("span", { className: "state" }, text);
      mark.dataset.s = state;
      mark.insertAdjacentHTML("afterbegin", `<svg class="g" viewBox="0 0 12 12" aria-hidden="true"><use href="#g-${state}"/></svg>`);
      return mark;
    });
    group.line.replaceChildren(make("b", { textContent: group.title }), make("span", { className: "faint small num", textContent: figures.format(group.ids.length) }), ...marks);
  }

  /** @param {{topic: string, rows: [number, string, number?][]}} change */
  delta({ topic, rows }) {
    if (topic !== this.getAttribute("topic")) return;
    for (const [id, state] of rows) {
      const place = this.places.get(id);
      if (place) place[0].kinds[place[1]] = Math.max(0, STATES.indexOf(/** @type {any} */ (state)));
    }
    requestAnimationFrame(() => (this.draw(), this.table.hidden || this.list()));
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.key.toLowerCase() === "t" && !event.ctrlKey && !event.metaKey) return this.turn();
    const group = this.groups.find((g) => g.canvas === event.target);
    const step = group && { ArrowRight: 1, ArrowLeft: -1, ArrowDown: group.columns, ArrowUp: -group.columns }[event.key];
    if (group && event.key === "Enter") return this.open(group);
    if (!group || step === undefined) return;
    event.preventDefault();
    group.at = Math.min(group.ids.length - 1, Math.max(0, group.at + step));
    this.draw();
    this.tell(group, true);
  }

  /** @param {PointerEvent} event */
  point(event) {
    const group = this.groups.find((g) => g.canvas === event.target);
    if (!group) return void (this.tip.hidden = true);
    const pitch = group.canvas.clientWidth / group.columns;
    const at = Math.floor(event.offsetY / pitch) * group.columns + Math.floor(event.offsetX / pitch);
    if (at < group.ids.length) (group.at = at), this.tell(group, false);
    else this.tip.hidden = true;
  }

  /** @param {Group} group @param {boolean} aloud */
  async tell(group, aloud) {
    const at = group.at;
    const name = await this.name(group.ids[at]);
    if (at !== group.at) return;
    const text = `${name} · ${this.words[STATES[group.kinds[at]]]}`;
    const pitch = group.canvas.clientWidth / group.columns;
    this.tip.textContent = text;
    group.canvas.after(this.tip);
    this.tip.hidden = false;
    const half = this.tip.offsetWidth / 2;
    this.tip.style.left = `${Math.min(group.canvas.clientWidth - half, Math.max(half, ((at % group.columns) + 0.5) * pitch))}px`;
    this.tip.style.top = `${Math.floor(at / group.columns) * pitch}px`;
    if (aloud) this.spoken.textContent = text;
  }

  /** @param {number} id */
  async name(id) {
    const from = this.getAttribute("names");
    if (from) this.names ??= fetch(from).then((r) => (r.ok ? r.json() : {})).catch(() => ({}));
    return (await this.names)?.[id] ?? `#${id}`;
  }

  /** @param {Group} [group] */
  open(group = this.groups.find((g) => g.canvas.matches(":hover, :focus"))) {
    if (group?.ids.length) location.href = this.link(group.ids[group.at]);
  }

  link = (/** @type {number} */ id) => (this.getAttribute("href") ?? "").replace("{id}", String(id));

  turn() {
    this.table.hidden = !this.table.hidden;
    this.body.hidden = !this.table.hidden;
    if (this.table.hidden) return this.draw(), this.groups[0]?.canvas.focus();
    return this.list();
  }

  /** The same as a table: trouble first, then what is well. */
  async list() {
    const all = this.groups.flatMap((group) => group.ids.map((id, i) => ({ id, kind: group.kinds[i] })));
    all.sort((a, b) => WORST.indexOf(a.kind) - WORST.indexOf(b.kind));
    const bad = all.filter((one) => one.kind).length;
    const shown = all.slice(0, bad + ROWS_MOST);
    const row = async (/** @type {{id: number, kind: number}} */ { id, kind }) =>
      make("tr", {}, make("td", { textContent: this.words[STATES[kind]] }), make("td", {}, make("a", { className: "link", href: this.link(id), textContent: await this.name(id) })));
    const rows = await Promise.all(shown.map(row));
    const head = make("thead", {}, make("tr", {}, make("th", { scope: "col", textContent: this.words.state }), make("th", { scope: "col", textContent: this.words.check })));
    const table = make("table", { className: "tbl" }, head, make("tbody", {}, ...rows));
    table.setAttribute("aria-label", this.getAttribute("label") ?? "");
    const rest = all.length - shown.length;
    this.table.replaceChildren(table, ...(rest > 0 ? [make("p", { className: "gridhelp small faint", textContent: this.words.more.replace("{n}", figures.format(rest)) })] : []));
    if (this.contains(document.activeElement) || document.activeElement === document.body) table.querySelector("a")?.focus();
  }
}

customElements.define("monitor-grid", MonitorGrid);
