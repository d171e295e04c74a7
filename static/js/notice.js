// What the page says by itself: words, questions, notices. Modules import it from here, never from app.js:
// hashed names of static files cannot be made for modules that import each other in a circle.
const texts = document.getElementById("lz-strings")?.dataset || {};
export const text = (key) => texts[key.replace(/-(\w)/g, (_, c) => c.toUpperCase())] || texts[key] || "";

export function element(tag, className, content) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (content !== undefined) made.textContent = content;
  return made;
}

export function ask(question) {
  const dialog = element("dialog", "lz-dialog");
  const form = element("form", "card-body p-4");
  form.method = "dialog";
  const title = element("h2", "h3", text("confirm-title"));
  title.id = "lz-dialog-title";
  dialog.setAttribute("aria-labelledby", title.id);
  const buttons = element("div", "btn-list justify-content-end");
  const cancel = element("button", "btn", text("cancel"));
  const go = element("button", "btn btn-primary", text("confirm"));
  go.value = "yes";
  buttons.append(cancel, go);
  form.append(title, element("p", "", question), buttons);
  dialog.append(form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((answer) => {
    dialog.addEventListener("close", () => {
      answer(dialog.returnValue === "yes");
      dialog.remove();
    });
  });
}

export function toast(tone, title, detail = "", reference = "") {
  const place = document.getElementById("toasts");
  if (!place) return;
  const kind = { error: "danger", warning: "warning", success: "success" }[tone] || "info";
  const box = element("div", `alert alert-${kind} alert-dismissible`);
  box.setAttribute("role", kind === "danger" ? "alert" : "status");
  const body = element("div");
  body.append(element("strong", "d-block", title), element("span", "", detail));
  if (reference) body.append(element("div", "small mt-1", `${text("reference")}: ${reference}`));
  const close = element("button", "btn-close");
  close.type = "button";
  close.setAttribute("aria-label", text("close"));
  close.addEventListener("click", () => box.remove());
  box.append(body, close);
  place.append(box);
  while (place.childElementCount > 3) place.firstElementChild.remove();
  if (kind !== "danger") setTimeout(() => box.remove(), 6000);
}
