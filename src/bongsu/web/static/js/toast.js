// Short words at the bottom: said by the server with an answer (HX-Trigger: toast), or in a cookie across a redirect.
const COOKIE = "bongsu_toast";
const box = /** @type {HTMLElement | null} */ (document.getElementById("toasts"));

/** @typedef {{text: string, post?: string, href?: string, bad?: boolean}} Toast */

/** @param {Toast} shown */
export function toast(shown) {
  if (!box) return;
  const element = document.createElement("div");
  element.className = "toast";
  if (shown.bad) element.dataset.bad = "";
  element.append(Object.assign(document.createElement("span"), { textContent: shown.text }));
  const action = actionOf(shown, () => drop(element));
  if (action) element.append(action);
  box.append(element);
  while (box.children.length > 3) box.firstElementChild?.remove();
  if (box.showPopover) box.hidePopover(), box.showPopover(); // again on top of a dialog opened meanwhile
  wait(element, shown.bad || action ? 10000 : 5000);
}

/** @param {Toast} shown @param {() => void} done */
function actionOf(shown, done) {
  if (shown.href) return Object.assign(document.createElement("a"), { href: shown.href, textContent: box?.dataset.look });
  if (!shown.post) return null;
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: box?.dataset.undo });
  button.addEventListener("click", () => {
    done();
    /** @type {any} */ (window).htmx.ajax("POST", shown.post, { swap: "none" });
  });
  return button;
}

/** Stays while it is pointed at or has the focus. @param {HTMLElement} element @param {number} ms */
function wait(element, ms) {
  let timer = setTimeout(() => drop(element), ms);
  const hold = () => clearTimeout(timer);
  const go = () => (hold(), (timer = setTimeout(() => drop(element), ms)));
  for (const name of ["mouseenter", "focusin"]) element.addEventListener(name, hold);
  for (const name of ["mouseleave", "focusout"]) element.addEventListener(name, go);
}

/** @param {HTMLElement} element */
function drop(element) {
  element.remove();
  if (box && !box.children.length && box.matches(":popover-open")) box.hidePopover();
}

document.addEventListener("toast", (event) => toast(/** @type {CustomEvent<Toast>} */ (event).detail));
// Only what the server did not explain itself; its own words come with HX-Trigger.
document.addEventListener("htmx:error", () => toast({ text: box?.dataset.away ?? "", bad: true }));
document.addEventListener("htmx:response:error", (event) => {
  const { response, hx } = /** @type {CustomEvent} */ (event).detail.ctx;
  if (response.status >= 500 && !hx?.trigger) toast({ text: box?.dataset.away ?? "", bad: true });
});

const kept = document.cookie.split("; ").find((pair) => pair.startsWith(`${COOKIE}=`));
if (kept) {
  document.cookie = `${COOKIE}=; Max-Age=0; Path=/; SameSite=Lax`;
  try {
    toast(JSON.parse(decodeURIComponent(kept.slice(COOKIE.length + 1).replaceAll('"', ""))));
  } catch {
    // a cookie that somebody else wrote is no reason to stop
  }
}
