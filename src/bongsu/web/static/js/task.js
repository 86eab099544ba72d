// The form of a task: a long list of people is narrowed by what is typed; those who are chosen stay in sight.
document.addEventListener("input", (event) => {
  const field = /** @type {HTMLInputElement} */ (event.target);
  if (!field.matches("[data-narrow]")) return;
  const words = field.value.trim().toLocaleLowerCase();
  for (const one of document.querySelectorAll(`#${field.dataset.narrow} label`)) {
    const chosen = one.querySelector("input")?.checked;
    /** @type {HTMLElement} */ (one).hidden = !chosen && !(one.textContent ?? "").toLocaleLowerCase().includes(words);
  }
});
