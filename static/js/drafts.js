// Drafts: what is typed into form[data-draft] is kept on the server some seconds after typing stops, and in this tab
// (sessionStorage) until the server has it: also after a lost network or an expired session. When the form is opened
// again a bar offers the draft. The server forgets it when the form was sent and taken (config/common/drafts.py).
//
// Kept are typed texts and chosen entries; never passwords, files, hidden fields or what is marked data-no-draft.
import { ask, person } from "./session.js";

const PAUSE = 2000;
const texts = document.getElementById("lz-desk")?.dataset || {};
const forms = new Map();                                   // form → what is known about it
const stored = (key) => `lz-draft:${person}:${key}`;

const KEPT = "textarea, select, input:not([type]), input[type=text], input[type=search], input[type=number], input[type=email], input[type=tel], input[type=url], input[type=date], input[type=month], input[type=checkbox], input[type=radio]";
const controls = (form) => [...form.elements].filter((one) => one.name && !one.name.startsWith("_") && one.matches(KEPT)
  && !one.matches("[data-no-draft], [autocomplete=off][data-must-equal]") && !one.disabled);

function read(form) {
  const fields = {};
  for (const one of controls(form)) {
    if (one.type === "checkbox") (fields[one.name] ??= []).push(...(one.checked ? [one.value] : []));
    else if (one.type === "radio") { if (one.checked) fields[one.name] = one.value; }
    else if (one.multiple) fields[one.name] = [...one.selectedOptions].map((option) => option.value);
    else fields[one.name] = one.value;
  }
  for (const [name, value] of Object.entries(fields)) if (Array.isArray(value)) fields[name] = JSON.stringify(value);
  return fields;
}

function write(form, fields) {
  for (const one of controls(form)) {
    if (!(one.name in fields)) continue;
    const value = fields[one.name];
    const several = one.type === "checkbox" || one.multiple ? JSON.parse(value || "[]") : [];
    if (one.type === "checkbox") one.checked = several.includes(one.value);
    else if (one.type === "radio") one.checked = one.value === value;
    else if (one.multiple) for (const option of one.options) option.selected = several.includes(option.value);
    else one.value = value;
    one.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

const same = (a, b) => Object.keys({ ...a, ...b }).every((name) => (a[name] ?? "") === (b[name] ?? ""));

function keepHere(known, fields) {
  try {
    sessionStorage.setItem(stored(known.key), JSON.stringify({ fields, at: Date.now() }));
  } catch { /* storage refused or full: the server's copy remains */ }
}

function keptHere(key) {
  try {
    return JSON.parse(sessionStorage.getItem(stored(key)));
  } catch { return null; }
}

const forgetHere = (key) => { try { sessionStorage.removeItem(stored(key)); } catch { /* nothing is kept */ } };

function say(known, words) {
  known.place ??= known.form.appendChild(Object.assign(document.createElement("div"), { className: "small text-secondary px-3 pb-2 lz-draft-state" }));
  known.place.setAttribute("role", "status");
  known.place.textContent = words;
}

// --- saving -----------------------------------------------------------------------------------

async function save(known) {
  clearTimeout(known.timer);
  const fields = read(known.form);
  if (known.sent || known.offered || known.saved && same(fields, known.saved) || known.given && same(fields, known.given)) return;
  const empty = !known.refused && same(fields, known.start);
  known.saved = fields;
  try {
    const answer = empty
      ? await ask(texts.discardUrl, { key: known.key, person })
      : await ask(texts.draftsUrl, { key: known.key, person, fields: JSON.stringify(fields) });
    if (answer.ok) {
      const { draft } = await answer.json();
      if (same(fields, read(known.form))) forgetHere(known.key);
      say(known, draft ? texts.draftSaved.replace("{time}", draft.saved) : "");
      known.form.dataset.draftState = draft ? "saved" : "";
      return;
    }
    known.saved = null;
    if (answer.status === 400) say(known, texts.draftTooLarge);
    if (answer.status >= 500) waitForNetwork(known);
    else known.form.dataset.draftState = "refused";        // 401: session.js says so and comes back to it
  } catch {
    waitForNetwork(known);
  }
}

function waitForNetwork(known) {
  known.saved = null;
  say(known, texts.draftOffline);
  known.form.dataset.draftState = "offline";
  known.timer = setTimeout(save, 15000, known);
}

function typed(event) {
  const known = forms.get(event.target.form);
  if (!known || known.sent || !controls(known.form).includes(event.target)) return;
  const fields = read(known.form);
  if (known.given && same(fields, known.given)) return;    // the answer takes the form away, and with it the cursor: "change"
  known.taken = false;
  known.form.dataset.draftState = "typing";
  if (!known.refused && same(fields, known.start)) forgetHere(known.key); else keepHere(known, fields);
  clearTimeout(known.timer);
  known.timer = setTimeout(save, PAUSE, known);
}

const saveAll = () => { for (const known of forms.values()) if (known.form.isConnected) save(known); else forms.delete(known.form); };

document.addEventListener("input", typed);
document.addEventListener("change", typed);
document.addEventListener("visibilitychange", () => document.hidden && saveAll());
addEventListener("pagehide", saveAll);
document.addEventListener("lz:back", saveAll);             // the network or the session is back (session.js)

// --- sending ----------------------------------------------------------------------------------

// A hidden field names the draft to forget. A form that is refused comes back, and goes on being kept.
document.addEventListener("submit", (event) => {
  const known = forms.get(event.target);
  if (!known || event.defaultPrevented && !event.target.matches("[hx-post]")) return;
  keepHere(known, read(known.form));
  clearTimeout(known.timer);
  known.sent = true;
  setTimeout(() => { if (!known.taken) { known.sent = false; save(known); } }, 5000);
  let field = known.form.elements.namedItem("_draft");
  if (!field) {
    field = Object.assign(document.createElement("input"), { type: "hidden", name: "_draft" });
    known.form.append(field);
  }
  field.value = known.key;
}, true);

function sentAndTaken(key) {
  forgetHere(key);
  for (const known of forms.values()) {
    if (known.key === key) Object.assign(known, { saved: known.start, given: read(known.form), taken: true, sent: false });
  }
}

document.addEventListener("htmx:beforeOnLoad", (event) => {
  const key = event.detail.xhr.getResponseHeader("X-Draft-Sent");
  if (key) sentAndTaken(decodeURIComponent(key));
});

function lastSent() {                                      // a page after a redirect hears of it by a cookie
  const found = document.cookie.split("; ").find((part) => part.startsWith("lz-draft-sent="));
  if (!found) return;
  document.cookie = "lz-draft-sent=; Max-Age=0; Path=/";
  forgetHere(decodeURIComponent(found.slice("lz-draft-sent=".length)));
}
lastSent();

document.addEventListener("submit", (event) => {           // nobody finds these texts in the browser after a log-out
  if (!event.target.getAttribute("action")?.endsWith("/logout/")) return; // a control named "action" hides .action
  for (const name of Object.keys(sessionStorage)) if (name.startsWith("lz-draft:")) sessionStorage.removeItem(name);
});

// --- offering ---------------------------------------------------------------------------------

function bar(known, draft) {
  const box = document.createElement("div");
  box.className = "alert alert-info d-flex flex-wrap align-items-center gap-2 py-2 px-3 m-2 lz-draft-offer";
  box.setAttribute("role", "status");
  const words = document.createElement("span");
  words.textContent = texts.draftFound.replace("{time}", draft.saved);
  const restore = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-sm btn-primary ms-auto", textContent: texts.draftRestore });
  const discard = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-sm", textContent: texts.draftDiscard });
  const decided = () => { known.offered = false; box.remove(); };
  restore.addEventListener("click", () => {
    decided();
    write(known.form, draft.fields);
    say(known, texts.draftRestored);
    controls(known.form).find((one) => draft.fields[one.name])?.focus();
  });
  discard.addEventListener("click", async () => {
    decided();
    if (same(read(known.form), known.start)) forgetHere(known.key);
    try {
      await ask(texts.discardUrl, { key: known.key, person });
    } catch { /* it is offered again; nothing is lost */ }
    known.saved = null;
    save(known);
    controls(known.form)[0]?.focus();
  });
  box.append(words, restore, discard);
  known.form.prepend(box);
  known.offered = true;
}

function clock(at) {
  const when = new Date(at);
  const two = (number) => String(number).padStart(2, "0");
  return `${two(when.getHours())}:${two(when.getMinutes())}`;
}

export async function offer(root) {
  const found = [...root.querySelectorAll("form[data-draft]"), ...(root.matches?.("form[data-draft]") ? [root] : [])]
    .filter((form) => !forms.has(form) && form.dataset.draft.length <= 120);
  for (const form of found) {
    const start = read(form);
    forms.set(form, { form, key: form.dataset.draft, start, saved: start, offered: false, sent: false, taken: false, given: null,
      refused: form.querySelector("[aria-invalid=true], .invalid-feedback") !== null });
  }
  if (!found.length || !person) return;
  const drafts = new Map();
  try {
    const query = new URLSearchParams(found.map((form) => ["key", form.dataset.draft]));
    const answer = await ask(`${texts.draftsUrl}?${query}`);
    if (answer.ok) for (const draft of (await answer.json()).drafts) drafts.set(draft.key, draft);
  } catch { /* no network: what this tab has kept is offered */ }
  for (const form of found) {
    const known = forms.get(form);
    const here = keptHere(known.key);
    let draft = drafts.get(known.key);
    if (here && (!draft || here.at > draft.at)) draft = { fields: here.fields, saved: clock(here.at) };
    if (draft && !same({ ...read(form), ...draft.fields }, read(form))) bar(known, draft);
    form.dataset.draftReady = "1";
  }
}
