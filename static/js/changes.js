// Changes of many rows begin in a dialog over the list. Loaded by app.js where a list has a bar for them
// ([data-bulk-bar]); without this file its buttons lead to a page of their own.
function dialogFor(title) {
  const dialog = document.createElement("dialog");
  dialog.className = "lz-dialog lz-dialog-wide";
  const head = document.createElement("div");
  head.className = "modal-header";
  const heading = document.createElement("h2");
  heading.className = "modal-title";
  heading.id = "change-dialog-title";
  heading.textContent = title;
  dialog.setAttribute("aria-labelledby", heading.id);
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn-close";
  close.setAttribute("aria-label", document.getElementById("lz-strings")?.dataset.close || "");
  close.addEventListener("click", () => dialog.close());
  const place = document.createElement("div");
  head.append(heading, close);
  dialog.append(head, place);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  return [dialog, place];
}

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (event.target.id !== "list-rows" || !button?.matches("[data-bulk-bar] [formaction]:not([data-own-page])")) return;
  event.preventDefault();
  const values = {};
  for (const [name, value] of new FormData(event.target)) (values[name] ||= []).push(value);
  delete values.csrfmiddlewaretoken;
  const [dialog, place] = dialogFor(button.textContent.trim());
  htmx.ajax("POST", button.formAction, { target: place, swap: "innerHTML", values }).then(() => {
    if (!place.firstElementChild) return dialog.remove();  // app.js has said what went wrong
    dialog.showModal();
    (place.querySelector("select, input:not([type=hidden]), textarea") || place.querySelector("button"))?.focus();
  });
});

document.addEventListener("click", (event) => {
  const dialog = event.target.closest?.("[data-change-cancel]")?.closest("dialog");
  if (dialog) { event.preventDefault(); dialog.close(); }
});

document.addEventListener("htmx:load", (event) => {        // after "see what would happen" the next step is the reason
  if (!event.target.matches?.("[data-change-form]") || !event.target.closest("dialog")) return;
  const next = ["[aria-invalid=true]", "[data-change-preview] textarea", "select"].map((one) => event.target.querySelector(one));
  next.find(Boolean)?.focus();
});
