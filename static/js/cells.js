// Cells of lists that are changed in place. Loaded by app.js where a page has one ([data-cell]).
//
// <td data-cell="address">: double click, F2 or the pencil open its field; Enter or leaving it saves, Esc gives it up.
// The server answers with the cell again: as it is now (200), with its field and the error (422), or with a dialog of
// both values (409). What was typed is never thrown away without being asked for.
import { toast } from "./notice.js";

const before = new Map();                                  // address: the cell as it stood before its field was opened
let byKeyboard = false;                                    // arrows in a closed select are no decision yet
const cellOf = (node) => node.closest?.("td[data-cell]");
const field = (cell) => cell.querySelector("[data-cell-form] :is(input, select, textarea)");

function ask(method, cell, values = {}, query = "") {
  cell.dataset.busy = "1";
  return htmx.ajax(method, cell.dataset.cell + query, { target: cell, swap: "outerHTML", values });
}

function open(cell) {
  if (cell.querySelector("[data-cell-form]") || cell.dataset.busy) return;
  before.set(cell.dataset.cell, cell.cloneNode(true));
  ask("GET", cell);
}

function close(cell) {
  const kept = before.get(cell.dataset.cell);
  if (!kept) return ask("GET", cell, {}, "?show=1");
  kept.querySelector(".lz-cell-saved")?.remove();
  cell.replaceWith(kept);
  kept.querySelector(".lz-cell-edit")?.focus();
}

function save(cell, stay) {
  const form = cell.querySelector("[data-cell-form]");
  if (!form || cell.dataset.busy) return;
  if (field(cell).value === form.dataset.was) return close(cell);
  if (stay) before.set("focus", cell.dataset.cell);
  ask("POST", cell, { value: field(cell).value, seen: form.dataset.seen });
}

document.addEventListener("dblclick", (event) => {
  const cell = cellOf(event.target);
  if (cell && !event.target.closest("[data-cell-form], dialog")) { event.preventDefault(); open(cell); }
});

document.addEventListener("click", (event) => {
  const cell = cellOf(event.target);
  if (!cell) return;
  if (event.target.closest(".lz-cell-edit")) { event.preventDefault(); open(cell); }
  if (event.target.closest("[data-cell-save]")) save(cell, true);
  if (event.target.closest("[data-cell-cancel]")) close(cell);
  const mine = event.target.closest("[data-cell-mine]");
  if (mine) { before.set("focus", cell.dataset.cell); ask("POST", cell, { value: mine.dataset.value, seen: mine.dataset.seen }); }
  if (event.target.closest("[data-cell-theirs]")) cell.querySelector("[data-cell-clash]").close();
});

document.addEventListener("keydown", (event) => {
  const cell = cellOf(event.target);
  byKeyboard = event.key.startsWith("Arrow") || event.key.length === 1;
  if (!cell) return;
  if (event.key === "F2") { event.preventDefault(); open(cell); }
  if (!event.target.closest("[data-cell-form]") || event.isComposing) return;
  if (event.key === "Enter" && event.target === field(cell)) { event.preventDefault(); save(cell, true); }
  if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); close(cell); }
}, true);
document.addEventListener("pointerdown", () => { byKeyboard = false; }, true);

document.addEventListener("change", (event) => {
  const cell = cellOf(event.target);
  if (cell && event.target.matches("select") && event.target === field(cell) && !byKeyboard) save(cell, true);
});

document.addEventListener("focusout", (event) => {
  const cell = cellOf(event.target);
  if (!cell?.querySelector("[data-cell-form]") || cell.contains(event.relatedTarget) || !document.hasFocus()) return;
  setTimeout(() => {                                        // not while the cell itself is being replaced
    if (cell.isConnected && !cell.contains(document.activeElement) && !cell.querySelector(".invalid-feedback")) save(cell, false);
  }, 0);
});

// --- what the server answers --------------------------------------------------------------

document.addEventListener("htmx:load", (event) => {
  const cell = event.target.matches?.("td[data-cell]") ? event.target : null;
  if (!cell) return;
  const form = cell.querySelector("[data-cell-form]");
  const clash = cell.querySelector("[data-cell-clash]");
  if (form) {
    form.dataset.was = field(cell).value;
    if (cell.querySelector(".invalid-feedback")) form.dataset.was = "\u0000";
    field(cell).focus();
    field(cell).select?.();
  } else if (clash) {
    clash.addEventListener("close", () => { clash.remove(); cell.querySelector(".lz-cell-edit")?.focus(); });
    clash.showModal();
  } else if (before.get("focus") === cell.dataset.cell) {
    before.delete("focus");
    cell.querySelector(".lz-cell-edit")?.focus();
  }
});

// A request that failed leaves the field open with what was typed; app.js says why.
for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, (event) => {
    const cell = cellOf(event.detail.target ?? event.target);
    if (cell) { delete cell.dataset.busy; field(cell)?.focus(); }
  });
}

document.addEventListener("lz:cell-saved", (event) => {
  const told = event.detail;
  toast("success", told.text, told.detail);
  const box = document.getElementById("toasts").lastElementChild;
  const undo = document.createElement("button");
  undo.type = "button";
  undo.className = "btn btn-sm ms-2";
  undo.textContent = told.undo;
  undo.addEventListener("click", () => {
    const cell = document.querySelector(`td[data-cell="${CSS.escape(told.url)}"]`);
    const target = cell || document.createElement("td");   // the list may show other rows by now
    htmx.ajax("POST", told.url, { target, swap: cell ? "outerHTML" : "none", values: { value: told.value, seen: told.seen } });
    box.remove();
  });
  box.querySelector("div").append(undo);
});
