// Warns before changes are lost that were typed into a form[data-guard]: by leaving the page, by the browser's back
// button (also inside an htmx list), or by an htmx answer that would replace the form.
//
// A form is changed when a control differs from what the server sent, or when it came back with errors. Values that the
// browser itself has put back after "back" count as changes, as they are not saved.
import { ask, text } from "./notice.js";

const sent = new WeakSet();

function changed(control) {
  if (!control.name || control.disabled || control.type === "hidden") return false;
  if (control.type === "checkbox" || control.type === "radio") return control.checked !== control.defaultChecked;
  if (control.type === "file") return control.files.length > 0;
  if (control.options) {
    const chosen = [...control.options].some((option) => option.defaultSelected);
    return [...control.options].some((option, place) => option.selected !== (chosen || control.multiple ? option.defaultSelected : place === 0));
  }
  return "defaultValue" in control && control.value !== control.defaultValue;
}

export function isDirty(form) {
  if (sent.has(form)) return false;
  const filed = [...form.elements].some((control) => control.type === "file" && control.files.length);
  if (form.dataset.draftState === "saved" && !filed) return false;   // nothing would be lost (drafts.js)
  return Boolean(form.querySelector("[aria-invalid=true]")) || [...form.elements].some(changed);
}

const dirtyForms = (root = document) => [...root.querySelectorAll("form[data-guard]")].filter(isDirty);

addEventListener("beforeunload", (event) => {
  if (dirtyForms().length) event.preventDefault();
});

document.addEventListener("submit", (event) => {
  if (!event.defaultPrevented) sent.add(event.target);
});
// An htmx form is clean once its answer came; one that stays on the page after an error is as it was.
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt.closest?.("form[data-guard]");
  if (form && event.detail.successful && event.detail.xhr.status < 300 && event.detail.requestConfig.verb !== "get") sent.add(form);
});
document.addEventListener("input", (event) => { if (event.target.form) sent.delete(event.target.form); });
addEventListener("pageshow", (event) => {                  // back out of the browser's memory: nothing is known to be saved
  if (event.persisted) for (const form of document.querySelectorAll("form[data-guard]")) sent.delete(form);
});

// An answer that would replace a changed form, which did not ask for it itself.
document.addEventListener("htmx:confirm", (event) => {
  const { target, elt } = event.detail;
  if (event.defaultPrevented || event.detail.question || !target?.querySelectorAll) return;
  const lost = dirtyForms(target).filter((form) => !form.contains(elt));
  if (target.matches?.("form[data-guard]") && isDirty(target) && !target.contains(elt)) lost.push(target);
  if (!lost.length || elt.getAttribute("hx-swap") === "none") return;
  event.preventDefault();
  if (elt.getAttribute("hx-trigger")?.includes("every")) return;   // a poll may wait
  ask(text("unsaved")).then((yes) => yes && event.detail.issueRequest(true));
});

// "Back" inside a page that htmx has moved on does not unload it.
let here = location.href;
document.addEventListener("htmx:pushedIntoHistory", () => { here = location.href; });
addEventListener("popstate", (event) => {
  const onlyPlace = location.href.split("#")[0] === here.split("#")[0];   // another place of the same page
  if (onlyPlace || !dirtyForms().length) { here = location.href; return; }
  event.stopImmediatePropagation();
  const wanted = location.href;
  history.pushState({ htmx: true }, "", here);
  ask(text("unsaved")).then((yes) => {
    if (!yes) return;
    for (const form of document.querySelectorAll("form[data-guard]")) sent.add(form);
    location.assign(wanted);
  });
}, true);
