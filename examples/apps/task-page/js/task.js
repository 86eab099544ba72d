// One task in a dialog: made, changed, talked about; its files, with the small pictures that Bongsu makes of them.
import * as api from "./api.js";
import { busy, field, h, icon, showProblems, speak, toast } from "./dom.js";
import { face } from "./header.js";
import { momentText, t } from "./words.js";

const PRIORITIES = { 1: "Low", 2: "Normal", 3: "High", 4: "Urgent" };
const STATUSES = { waiting: "Waiting", in_progress: "In progress", done: "Done" };
const PICTURE_TRIES = 20; // small pictures are made by a worker, a moment after the upload

function sheet(title, ...inside) {
  const id = "sheet-title";
  const close = h("button", { class: "btn quiet icon", type: "button", "aria-label": t("Close"), onclick: () => made.close() }, icon("i-x"));
  const made = h("dialog", { class: "sheet", "aria-labelledby": id, onclose: () => made.remove() },
    h("header", {}, h("h2", { id }, title), close), ...inside);
  document.body.append(made);
  made.showModal();
  return made;
}

const options = (values, chosen) => Object.entries(values).map(([value, text]) => h("option", { value, selected: value === String(chosen) }, t(text)));

function fields(task, mayWrite) {
  const off = mayWrite ? {} : { disabled: true };
  const [day, clock] = (task.due ?? "").split(" ");
  return [
    field(t("Title"), h("input", { class: "input", name: "title", required: true, maxlength: "200", value: task.title, ...off })),
    field(t("Description"), h("textarea", { class: "input", name: "description", rows: "5", value: task.description, ...off })),
    h("div", { class: "cols" },
      field(t("Status"), h("select", { class: "input", name: "status", ...off }, options(STATUSES, task.status))),
      field(t("Priority"), h("select", { class: "input", name: "priority", ...off }, options(PRIORITIES, task.priority))),
      field(t("Due"), h("input", { class: "input", name: "due", type: "date", value: day, "data-clock": clock ?? "", ...off }))),
  ];
}

/** What the form says. A day that keeps its hour keeps it. */
function valuesOf(form) {
  const { title, description, status, priority, due } = form.elements;
  const clock = due.value && due.dataset.clock ? ` ${due.dataset.clock}` : "";
  return { title: title.value, description: description.value, status: status.value, priority: Number(priority.value), due: due.value ? due.value + clock : null };
}

function changed(before, after) {
  const same = { ...before, due: before.due ?? null };
  return Object.fromEntries(Object.entries(after).filter(([name, value]) => same[name] !== value));
}

/** `done(task)` once it is made. It is given to whoever makes it, so that it stands among their own. */
export function newTask(project, user, done) {
  const button = h("button", { class: "btn main-act", type: "submit" }, t("Create the task"));
  const submit = async (event) => {
    event.preventDefault();
    const form = event.target;
    try {
      const made = await busy(button, () => api.createTask({ project: project.key, assignees: [user.id], ...valuesOf(form) }));
      dialog.close();
      speak(t("{task} is created.", { task: made.key }));
      done(made);
    } catch (refused) {
      if (showProblems(form, refused).length || !refused.problems.length) toast(refused.message);
    }
  };
  const form = h("form", { onsubmit: submit }, fields({ title: "", description: "", status: "waiting", priority: 2, due: "" }, true), h("div", { class: "acts" }, button));
  const dialog = sheet(t("New task"), h("div", { class: "body" }, form));
}

export async function openTask(key, mayWrite, onchange) {
  const task = await api.task(key);
  const body = h("div", { class: "body" });
  const dialog = sheet(key, body);
  const again = async () => { body.replaceChildren(...parts(await api.task(key), mayWrite, again, onchange, dialog)); };
  body.append(...parts(task, mayWrite, again, onchange, dialog));
}

function parts(task, mayWrite, again, onchange, dialog) {
  const people = task.assignees.map((one) => h("span", { class: "who" }, face(one.name), one.name));
  return [
    h("p", { class: "facts small" }, h("span", { class: "faint" }, t("Assigned to")), people.length ? people : t("Nobody"),
      h("a", { class: "link end", href: task.url, target: "_blank", rel: "noopener" }, t("Open in Bongsu"))),
    editor(task, mayWrite, again, onchange, dialog),
    files(task, mayWrite, onchange),
    talk(task, mayWrite, onchange),
  ];
}

function editor(task, mayWrite, again, onchange, dialog) {
  const button = h("button", { class: "btn main-act", type: "submit" }, t("Save"));
  const submit = async (event) => {
    event.preventDefault();
    const form = event.target;
    const values = changed(task, valuesOf(form));
    if (Object.keys(values).length === 0) return dialog.close();
    try {
      await busy(button, () => api.changeTask(task.key, { ...values, version: task.version }));
      speak(t("{task} is saved.", { task: task.key }));
      dialog.close();
      onchange();
    } catch (refused) {
      const rest = showProblems(form, refused);
      if (refused.status === 409) toast(refused.message, { text: t("Show what is there now"), run: again });
      else if (rest.length || !refused.problems.length) toast(refused.message);
    }
  };
  return h("form", { onsubmit: submit }, fields(task, mayWrite), mayWrite && h("div", { class: "acts" }, button));
}

// --- files

function files(task, mayWrite, onchange) {
  const list = h("ul", { class: "files" });
  const show = async (tries = PICTURE_TRIES) => {
    const found = await api.attachments(task.id);
    list.replaceChildren(...(found.length ? found.map(fileLine) : [h("li", { class: "faint" }, t("No file yet"))]));
    const unmade = found.some((one) => one.picture === "waiting");
    if (unmade && tries > 0 && list.isConnected) setTimeout(() => show(tries - 1).catch(() => {}), 1000);
  };
  const choose = h("input", { type: "file", class: "sr", id: "attach", onchange: async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    try {
      await busy(choose, () => api.attach(task.id, file));
      onchange();
    } catch (refused) {
      toast(refused.message);
    }
    event.target.value = "";
    show().catch((refused) => toast(refused.message));
  } });
  show().catch((refused) => toast(refused.message));
  const add = mayWrite && h("span", { class: "attach" }, choose, h("label", { class: "btn", for: "attach" }, icon("i-clip"), t("Attach a file")));
  return h("section", {}, h("div", { class: "row2" }, h("h3", {}, t("Attachments")), add), list);
}

/** `crossorigin` makes the browser ask with the session and by the rules for other origins. */
function fileLine(one) {
  const small = one.thumb_url
    ? h("img", { class: "thumb", src: api.fileAddress(one.thumb_url), crossorigin: "use-credentials", alt: t("Small picture of {name}", { name: one.name }), loading: "lazy" })
    : h("span", { class: "thumb none" }, icon("i-file"));
  return h("li", {}, small, h("span", { class: "cut" }, h("a", { class: "link", href: api.fileAddress(one.url), target: "_blank", rel: "noopener" }, one.name),
    h("span", { class: "faint small" }, `${one.kind} · ${Math.max(1, Math.round(one.size_bytes / 1000))} kB${one.reason ? ` · ${one.reason}` : ""}`)));
}

// --- comments

function talk(task, mayWrite, onchange) {
  const list = h("ol", { class: "talk" });
  const show = async () => {
    const found = await api.notes(task.id);
    list.replaceChildren(...(found.length ? found.map(noteLine) : [h("li", { class: "faint" }, t("No comment yet"))]));
  };
  const button = h("button", { class: "btn", type: "submit" }, t("Comment"));
  const submit = async (event) => {
    event.preventDefault();
    const words = event.target.elements.text;
    try {
      await busy(button, () => api.addNote(task.id, words.value));
      words.value = "";
      await show();
      onchange();
    } catch (refused) {
      toast(refused.message);
    }
  };
  show().catch((refused) => toast(refused.message));
  const form = mayWrite && h("form", { class: "say", onsubmit: submit }, field(t("Write a comment"), h("textarea", { class: "input", name: "text", rows: "2", required: true })), h("div", { class: "acts" }, button));
  return h("section", {}, h("h3", {}, t("Comments")), list, form);
}

/** Markdown is shown as it was typed: this page has no reader of Markdown, and needs none to be safe. */
function noteLine(one) {
  return h("li", {}, face(one.author.name), h("div", {}, h("p", { class: "small" }, h("b", {}, one.author.name), " ", h("time", { class: "faint", datetime: one.created_at }, momentText(one.created_at))),
    h("p", { class: one.removed ? "faint" : "said" }, one.removed ? t("Removed") : one.text)));
}
