// Behaviour shared by all pages. Without this file every page still works: links and forms are plain HTML.
//
// In templates:
//   data-confirm="question"        on a form, button or link: asks before it goes on (also for hx-confirm)
//   data-guard                     on a form: warns before unsaved changes are left (guard.js)
//   data-draft="key"               on a form: what is typed is kept until it is sent (drafts.js)
//   data-mention-url               on a textarea: @ completes the names of colleagues (comments.js)
//   data-auto-submit               on a GET form: submits itself on every change
//   data-print                     on a button: prints the page
//   data-copy="text" / data-copy-from="id"
//   data-must-equal="word"         on an input: the form is valid only with exactly this text
//   data-set-preference="name:value", data-toggle-theme, data-toggle-sidebar
//   data-chart                     see charts.js, loaded only where there is one
//   data-quantity, data-unit-of    see units.js: figures in the units a person chose
import { ask, element, text, toast } from "./notice.js";
import "./session.js";
import "./guard.js";
import "./tray.js";
import "./shortcuts.js";
import { applyUnits } from "./units.js";

const preferences = window.lzPreferences;

// --- display preferences ------------------------------------------------------------------

function markPreferences() {
  const now = { theme: preferences.get("theme") || "auto", density: preferences.get("density") || "compact",
    quantity: preferences.get("quantity") || "auto", money: preferences.get("money") || "auto" };
  for (const button of document.querySelectorAll("[data-set-preference]")) {
    const [name, value] = button.dataset.setPreference.split(":");
    button.setAttribute("aria-pressed", String(now[name] === value));
  }
}

document.addEventListener("lz:preferences", markPreferences);
markPreferences();

// --- confirmation -------------------------------------------------------------------------

const confirmed = new WeakSet();

async function confirmFirst(event, target, goOn) {
  if (confirmed.delete(target)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (await ask(target.dataset.confirm)) {
    confirmed.add(target);
    goOn();
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const submitter = event.submitter;
  const asking = submitter?.dataset.confirm ? submitter : form;
  if (asking.dataset.confirm) confirmFirst(event, asking, () => form.requestSubmit(submitter));
}, true);

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-confirm]");
  if (link) confirmFirst(event, link, () => link.click());
}, true);

document.addEventListener("htmx:confirm", (event) => {
  if (!event.detail.question) return;
  event.preventDefault();
  ask(event.detail.question).then((yes) => yes && event.detail.issueRequest(true));
});

// --- forms --------------------------------------------------------------------------------

const state = (form) => new URLSearchParams([...new FormData(form)].map(([k, v]) => [k, v.name ?? v])).toString();
let waiting = 0;
const asked = new WeakMap();
function autoSubmit(event, delay) {
  const form = event.target.closest?.("form[data-auto-submit]");
  if (!form) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => {                             // leaving a box that was typed in asks nothing new
    if (asked.get(form) === state(form)) return;
    asked.set(form, state(form));
    form.requestSubmit();
  }, delay);
}
document.addEventListener("change", (event) => autoSubmit(event, 0));
document.addEventListener("change", (event) => {
  const shown = event.target.type === "file" && event.target.closest(".lz-file")?.querySelector("[data-file-name]");
  if (shown && event.target.files.length) shown.textContent = event.target.files[0].name;
});
document.addEventListener("input", (event) => {
  if (event.target.matches?.("input[type=search], input[type=text]")) {
    if (!event.isComposing) autoSubmit(event, 500);        // not in the middle of a pinyin syllable
  }
  const word = event.target.dataset?.mustEqual;
  if (word !== undefined) event.target.setCustomValidity(event.target.value === word ? "" : word);
});
document.addEventListener("compositionend", (event) => autoSubmit(event, 500));

// --- clicks -------------------------------------------------------------------------------

async function copy(button) {
  const value = button.dataset.copy || document.getElementById(button.dataset.copyFrom)?.textContent.trim() || "";
  let done = false;
  try {
    await navigator.clipboard.writeText(value);
    done = true;
  } catch {                                               // no clipboard on plain http
    const area = element("textarea", "visually-hidden");
    area.value = value;
    document.body.append(area);
    area.select();
    done = document.execCommand("copy");
    area.remove();
  }
  if (!done) return toast("warning", text("copy-failed"));
  const before = button.textContent;
  button.textContent = text("copied");
  setTimeout(() => { button.textContent = before; }, 1500);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.matches("[data-copy], [data-copy-from]")) copy(button);
  if (button?.matches("[data-print]")) window.print();
  if (button?.matches("[data-toggle-theme]")) {
    preferences.set("theme", document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark");
  }
  if (button?.matches("[data-toggle-sidebar]")) {
    preferences.set("sidebar", preferences.get("sidebar") === "folded" ? "open" : "folded");
  }
  if (button?.dataset.setPreference) preferences.set(...button.dataset.setPreference.split(":"));
  for (const open of document.querySelectorAll(".lz-def[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
});

document.addEventListener("shown.bs.modal", (event) => {   // who opens a question goes on typing, without another click
  event.target.querySelector(".modal-body :is(input:not([type=hidden], [type=checkbox]), textarea, select)")?.focus();
});

document.addEventListener("toggle", (event) => {           // a definition near the right edge opens to the left
  if (event.target.matches?.(".lz-def") && event.target.open) {
    delete event.target.dataset.flip;
    const box = event.target.lastElementChild.getBoundingClientRect();
    const table = event.target.closest(".lz-scroll, .table-responsive");   // cuts off what stands out of it
    const edge = Math.min(document.documentElement.clientWidth, table?.getBoundingClientRect().right ?? Infinity);
    if (box.right > edge) event.target.dataset.flip = "1";
  }
}, true);

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    for (const open of document.querySelectorAll(".lz-def[open]")) {
      open.open = false;
      open.firstElementChild.focus();
    }
  }
});

// --- notices and htmx ---------------------------------------------------------------------

// The server's own sentence: {"detail": "..."} or an error page with [data-error-detail].
function said(xhr) {
  const type = xhr.getResponseHeader("Content-Type") || "";
  try {
    const detail = type.includes("json")
      ? JSON.parse(xhr.responseText).detail
      : new DOMParser().parseFromString(xhr.responseText, "text/html").querySelector("[data-error-detail]")?.textContent.trim();
    return typeof detail === "string" ? detail : "";
  } catch { return ""; }
}

document.addEventListener("htmx:responseError", (event) => {
  const { xhr } = event.detail;
  const known = [400, 401, 403, 404, 409, 413, 429, 503].includes(xhr.status) ? xhr.status : xhr.status < 500 ? 400 : 500;
  const polling = event.detail.elt?.getAttribute?.("hx-trigger")?.includes("every");
  if (polling && xhr.status >= 500) return;                // the next poll will tell
  toast("error", text(`error-${known}-title`), said(xhr) || text(`error-${known}`), xhr.getResponseHeader("X-Request-ID") || "");
});
document.addEventListener("htmx:sendError", (event) => {
  if (!event.detail.elt?.getAttribute?.("hx-trigger")?.includes("every")) toast("error", text("error-network-title"), text("error-network"));
});
document.addEventListener("htmx:timeout", () => toast("error", text("error-timeout-title"), text("error-timeout")));
document.addEventListener("htmx:beforeSwap", (event) => {
  const clash = event.detail.xhr.status === 409 && event.detail.target.closest("[data-swap-409], [data-change-form]");
  if (event.detail.xhr.status === 422 || clash) {         // a form that came back with its errors, or with both values
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

// --- what comes with the page and with every swap -----------------------------------------

async function enhance(root) {
  applyUnits(root);
  if (root !== document) markPreferences();
  const drafts = root.matches?.("form[data-draft]") || root.querySelector("form[data-draft]");
  if (drafts) (await import("./drafts.js")).offer(root);
  if (root.querySelector("[data-mention-url]")) (await import("./comments.js")).complete(root);
  for (const extra of root.querySelectorAll("[data-js-hidden]")) extra.hidden = true;
  if (root.querySelector("[data-cell]")) import("./cells.js");
  if (root.querySelector("[data-bulk-bar]")) import("./changes.js");
  if (root.querySelector("[data-chart]") || root.matches?.("[data-chart]")) {
    const { drawAll } = await import("./charts.js");
    drawAll(root);
  }
}
document.addEventListener("htmx:load", (event) => { if (event.target !== document.body) enhance(event.target); });
enhance(document);
document.documentElement.dataset.ready = "1";
