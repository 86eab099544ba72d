import { API } from "/config.js";

const by = (id) => document.getElementById(id);
const AFTER_MS = 400;

// The back end is another origin of the same site: the browser sends the cookie along only when it is told to, and
// gives the answer to this page only when the back end names this page's origin.
async function call(path, body) {
  const answer = await fetch(API + path, {
    method: body ? "POST" : "GET",
    credentials: "include",
    headers: body ? { "content-type": "application/json" } : {},
    body: body && JSON.stringify(body),
  });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.error);
  return said;
}

function show(said) {
  by("said").replaceChildren(...said.map(({ name, text, label }) => {
    const item = document.createElement("li");
    const [who, what] = [document.createElement("b"), document.createElement("span")];
    who.textContent = name;
    what.textContent = label;
    item.append(what, who, text);
    return item;
  }));
}

const read = async () => show((await call("/api/feedback")).feedback);

function known(name) {
  by("who").textContent = name;
  by("sign-in").hidden = true;
  by("say").hidden = false;
}

async function trying(work) {
  by("trouble").textContent = "";
  try {
    await work();
  } catch (error) {
    by("trouble").textContent = error.message;
  }
}

by("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  trying(async () => known((await call("/api/sign-in", { name: event.target.name.value })).name));
});

let waiting;
by("say").text.addEventListener("input", ({ target }) => {
  clearTimeout(waiting);
  waiting = setTimeout(() => trying(async () => {
    if (!target.value.trim()) return;
    const { label, share } = await call("/ai/classify", { text: target.value });
    by("guess").textContent = `This reads like: ${label} (${Math.round(100 * share)} %)`;
  }), AFTER_MS);
});

by("say").addEventListener("submit", (event) => {
  event.preventDefault();
  trying(async () => {
    const text = event.target.text.value;
    const { label } = await call("/ai/classify", { text });
    await call("/api/feedback", { text, label });
    event.target.reset();
    by("guess").textContent = "";
    await read();
  });
});

call("/api/me").then(({ name }) => known(name), () => {});
trying(read);
