// Columns of a file: a searchable select for each of ours, and the text box only where a text is wanted.
// Without this file the selects are plain and the text boxes always there.
const wants = new Set(["constant", "template"]);

function showText(select) {
  const box = document.querySelector(`[data-text-of="${select.dataset.pick}"]`);
  const idle = !wants.has(select.value);
  box.hidden = idle;
  box.querySelector("input").disabled = idle;
}

for (const select of document.querySelectorAll("select[data-pick]")) {
  showText(select);
  select.addEventListener("change", () => {
    showText(select);
    if (wants.has(select.value)) document.getElementById(`text-${select.dataset.pick}`).focus();
  });
  if (!window.TomSelect) continue;
  const label = document.querySelector(`label[for="${select.id}"]`)?.textContent.trim();
  const made = new window.TomSelect(select, { maxOptions: null, searchField: ["text"], allowEmptyOption: true, hideSelected: false });
  made.control_input.setAttribute("aria-label", label);
}

// Once the form is on its way nobody looks at the preview any more: the file may be in the next step already (409).
const matching = document.getElementById("matching");
let sent = false;
document.addEventListener("submit", (event) => {
  if (event.target === matching && !event.defaultPrevented) sent = true;
});
addEventListener("pageshow", (event) => { if (event.persisted) sent = false; });
document.addEventListener("htmx:beforeRequest", (event) => {
  if (sent && event.detail.elt.id === "matching-preview") event.preventDefault();
});
