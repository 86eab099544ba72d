// One event stream a tab. `[data-live="topic …"]` names what an element depends on; when one of its topics
// is named, the element fetches its `data-src` and morphs itself. Everything else on the page is left alone.

/** @type {any} */
const htmx = /** @type {any} */ (window).htmx;
const QUIET_MS = 3000; // shorter breaks are not worth a word
const LONGEST_MS = 30000;
const root = document.documentElement;

/** @type {EventSource | null} */
let source = null;
let opened = new Set();
// When what is shown was asked for: the stream begins by telling what happened since.
let askedMs = /** @type {PerformanceNavigationTiming | undefined} */ (performance.getEntriesByType("navigation")[0])?.requestStart ?? 0;
const IN_FLIGHT_MS = 1500; // what a stream that is replaced may not have said yet
let begun = false; // whether the stream has said what happened since then
let tries = 0;
let lostAt = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let retry, quiet;

/** @param {Element} element @returns {string[]} */
const topicsOf = (element) =>
  (element.getAttribute("data-live") ?? element.getAttribute("topic") ?? "").split(/\s+/).filter(Boolean);
const parts = () => /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-live][data-src]")]);
const wanted = () => new Set([...document.querySelectorAll("[data-live], monitor-grid[topic]")].flatMap(topicsOf));

// ---------- fetching a part again ----------
/** @typedef {{stale: boolean, done: Promise<void>}} Fetching whether it went stale meanwhile, and when all is shown */
/** @type {WeakMap<HTMLElement, Fetching>} elements being fetched */
const busy = new WeakMap();
/** @type {WeakMap<HTMLElement, ReturnType<typeof setTimeout>>} */
const again = new WeakMap();

/** Ends when what is true now is shown. @param {HTMLElement} element @returns {Promise<void> | undefined} */
export function refresh(element) {
  if (held(element)) return;
  const running = busy.get(element);
  if (running) {
    running.stale = true;
    return running.done;
  }
  const state = { stale: false, done: Promise.resolve() };
  busy.set(element, state);
  return (state.done = fetchPart(element, state));
}

/** Something of it is in a hand: what came meanwhile is fetched after that. @param {HTMLElement} element */
const held = (element) => "hold" in element.dataset && Boolean((element.dataset.hold = "stale"));

/** @param {HTMLElement} element @param {Fetching} state */
async function fetchPart(element, state) {
  const src = /** @type {string} */ (element.dataset.src);
  try {
    const response = await fetch(src, {
      headers: { "HX-Request": "true", "HX-Request-Type": "partial", Accept: "text/html" },
      signal: AbortSignal.timeout(15000),
    });
    if (response.status === 401) return signedOut();
    const text = await response.text();
    if (src !== element.dataset.src) state.stale = true; // asked for something else meanwhile
    else if (held(element)) return;
    else if (response.ok) await show(element, text);
    else failed(element, response.status < 500 || response.headers.has("x-part") ? text : "");
  } catch {
    failed(element, "");
  } finally {
    busy.delete(element);
  }
  if (state.stale && element.isConnected) await refresh(element);
}

/** @param {HTMLElement} element @param {string} text */
async function show(element, text) {
  if (!element.isConnected) return;
  clearTimeout(again.get(element));
  delete element.dataset.old;
  if (element.hasAttribute("data-text")) {
    element.textContent = text.trim();
    return;
  }
  const scroll = [...element.querySelectorAll("[data-keep-scroll], .sideways")].map((e) => [e, e.scrollLeft, e.scrollTop]);
  await htmx.swap({ sourceElement: element, target: element, text, swap: "outerMorph ignoreTitle:true" });
  for (const [e, left, top] of scroll) Object.assign(e, { scrollLeft: left, scrollTop: top });
}

/** Old content stays, dimmed and dated; a part that never came says so itself and tries again. @param {HTMLElement} element @param {string} text */
function failed(element, text) {
  if (!element.isConnected) return;
  if (element.hasAttribute("data-load") && text && !element.hasAttribute("data-text") && element.id !== "overall") element.innerHTML = text;
  element.removeAttribute("aria-busy");
  if (!("old" in element.dataset) && !element.hasAttribute("data-load")) element.prepend(note());
  element.dataset.old = "";
  clearTimeout(again.get(element));
  again.set(element, setTimeout(() => element.isConnected && refresh(element), LONGEST_MS));
}

/** "Not refreshed since 10:02": gone with the next morph. */
function note() {
  const text = document.getElementById("toasts")?.dataset.old ?? "{time}";
  return Object.assign(document.createElement("p"), { className: "oldnote small", textContent: text.replace("{time}", clock(Date.now())) });
}

/** @param {number} at */
const clock = (at) => new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: root.dataset.zone }).format(at);

/** @param {(element: HTMLElement) => boolean} which */
const refreshAll = (which) => parts().filter(which).forEach(refresh);

// ---------- a session that has ended ----------
const LEAVING_MS = 15000;
let leftAt = -LEAVING_MS;
addEventListener("beforeunload", () => (leftAt = performance.now()));

/** The page asked again leads to signing in; one that is being left waits, so as not to call the person back. */
export function signedOut() {
  setTimeout(() => location.reload(), leftAt + LEAVING_MS - performance.now());
}

// ---------- the stream ----------
function open() {
  clearTimeout(retry);
  if (source && begun) askedMs = performance.now() - IN_FLIGHT_MS;
  begun = false;
  source?.close();
  source = null;
  opened = wanted();
  if (!opened.size || document.hidden || !document.querySelector("[data-live-dot]")) return;
  const age = Math.max(0, Math.round(performance.now() - askedMs));
  source = new EventSource(`/live?topics=${encodeURIComponent([...opened].sort().join(","))}&age=${age}`);
  source.addEventListener("open", found);
  source.addEventListener("hello", () => ((begun = true), found()));
  source.addEventListener("topics", (event) => changed(topicList(JSON.parse(event.data))));
  source.addEventListener("delta", (event) => say("delta", JSON.parse(event.data)));
  source.addEventListener("reset", () => {
    refreshAll(() => true);
    say("reset", {});
  });
  source.addEventListener("error", lost);
}

/** @param {any} data @returns {string[]} */
const topicList = (data) => (Array.isArray(data) ? data : (data.topics ?? []));

/** @param {string[]} topics */
function changed(topics) {
  const named = new Set(topics);
  refreshAll((element) => topicsOf(element).some((topic) => named.has(topic)));
  say("topics", topics);
}

/** @param {string} name @param {any} detail */
const say = (name, detail) => document.dispatchEvent(new CustomEvent(`bongsu:${name}`, { detail }));

function found() {
  const missed = lostAt > 0;
  tries = lostAt = 0;
  clearTimeout(quiet);
  root.dataset.stream = "open";
  for (const dot of dots()) {
    dot.removeAttribute("data-lost");
    if (dot.dataset.text) dot.firstElementChild?.replaceChildren(dot.dataset.text);
  }
  if (missed) refreshAll(() => true);
}

function lost() {
  if (!lostAt) {
    lostAt = Date.now();
    quiet = setTimeout(sayLost, QUIET_MS);
  }
  if (source?.readyState === EventSource.CLOSED) {
    retry = setTimeout(open, Math.min(LONGEST_MS, 1000 * 2 ** tries++) * (0.75 + Math.random() / 2));
  }
}

function sayLost() {
  root.dataset.stream = "lost";
  for (const dot of dots()) {
    const text = dot.firstElementChild;
    dot.dataset.text ??= text?.textContent ?? "";
    dot.setAttribute("data-lost", "");
    text?.replaceChildren((dot.dataset.lostText ?? "{time}").replace("{time}", clock(lostAt)));
  }
}

const dots = () => /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-live-dot]")]);

function close() {
  clearTimeout(retry);
  clearTimeout(quiet);
  source?.close();
  source = null;
}

// ---------- when ----------
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return close();
  open();
  refreshAll(() => true);
});
addEventListener("pagehide", close);
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  open();
  refreshAll(() => true);
});
document.addEventListener("htmx:after:swap", () => {
  refreshAll((element) => element.hasAttribute("data-load") && !busy.has(element) && !("old" in element.dataset));
  if ([...wanted()].some((topic) => !opened.has(topic))) open();
});
refreshAll((element) => element.hasAttribute("data-load"));
open();
