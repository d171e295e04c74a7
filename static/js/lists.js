// Lists: choosing rows, widths and order of columns. Everything also works by plain forms.
const texts = (node, key, values) => Object.entries(values).reduce((all, [k, v]) => all.replace(`{${k}}`, v), node.dataset[key] || "");

// --- choosing rows ----------------------------------------------------------------------------

function boxes() { return [...document.querySelectorAll("#list-rows input[name=keys]")]; }

function showSelection() {
  const bar = document.querySelector("[data-bulk-bar]");
  if (!bar) return;
  const all = bar.querySelector("input[name=all]");
  const chosen = boxes().filter((box) => box.checked);
  const whole = chosen.length > 0 && chosen.length === boxes().length;
  if (!whole) all.value = "";
  const status = bar.querySelector("[data-selected-text]");
  status.textContent = all.value ? status.dataset.allText : chosen.length ? texts(status, "selectedText", { n: chosen.length }) : "";
  for (const button of bar.querySelectorAll("[formaction]")) button.disabled = !chosen.length;
  const more = bar.querySelector("[data-select-all]");
  if (more) more.hidden = !whole || Boolean(all.value);
  bar.querySelector("[data-select-none]").hidden = !chosen.length;
  const page = document.querySelector("[data-select-page]");
  page.hidden = false;
  page.checked = whole;
  page.indeterminate = chosen.length > 0 && !whole;
}

let last = null;                                           // the box ticked before, for Shift
document.addEventListener("click", (event) => {
  const box = event.target.closest?.("#list-rows input[name=keys]");
  if (box) {
    const all = boxes();
    if (event.shiftKey && last && all.includes(last)) {
      const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
      for (const between of all.slice(from, to + 1)) between.checked = box.checked;
    }
    last = box;
    showSelection();
  }
  if (event.target.matches?.("[data-select-page]")) {
    for (const one of boxes()) one.checked = event.target.checked;
    showSelection();
  }
  if (event.target.closest?.("[data-select-all]")) {
    document.querySelector("[data-bulk-bar] input[name=all]").value = "1";
    showSelection();
    document.querySelector("[data-select-none]").focus();
  }
  if (event.target.closest?.("[data-select-none]")) {
    for (const one of boxes()) one.checked = false;
    showSelection();
    document.querySelector("[data-select-page]").focus();
  }
});

// --- columns: order by dragging or by arrows ----------------------------------------------------

let dragged = null;
document.addEventListener("dragstart", (event) => { dragged = event.target.closest?.("[data-sortable] > li") || null; });
document.addEventListener("dragover", (event) => {
  const over = event.target.closest?.("[data-sortable] > li[draggable]");
  if (!dragged || !over || over === dragged || over.parentElement !== dragged.parentElement) return;
  event.preventDefault();
  const below = event.clientY > over.getBoundingClientRect().top + over.offsetHeight / 2;
  over.parentElement.insertBefore(dragged, below ? over.nextSibling : over);
});
document.addEventListener("dragend", () => { dragged = null; });
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-move]");
  if (!button) return;
  const row = button.closest("li");
  const other = button.dataset.move === "-1" ? row.previousElementSibling : row.nextElementSibling;
  if (other?.hasAttribute("draggable")) row.parentElement.insertBefore(row, button.dataset.move === "-1" ? other : other.nextSibling);
  button.focus();
});

// --- columns: widths ----------------------------------------------------------------------------

function applyWidths(root) {
  for (const head of root.querySelectorAll("[data-list-table] th[data-width]")) {
    head.style.width = head.style.minWidth = head.style.maxWidth = `${head.dataset.width}px`;
    const index = head.cellIndex;
    for (const row of head.closest("table").tBodies[0].rows) row.cells[index].style.maxWidth = `${head.dataset.width}px`;
  }
  for (const grip of root.querySelectorAll("[data-grip]")) grip.hidden = false;
}

document.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest?.("[data-grip]");
  if (!grip) return;
  event.preventDefault();
  const head = grip.closest("th");
  const from = event.clientX;
  const before = head.offsetWidth;
  grip.setPointerCapture(event.pointerId);
  const move = (moved) => {
    head.dataset.width = Math.min(800, Math.max(60, Math.round(before + moved.clientX - from)));
    applyWidths(head.closest("#list"));
  };
  grip.addEventListener("pointermove", move);
  grip.addEventListener("pointerup", () => {
    grip.removeEventListener("pointermove", move);
    const list = head.closest("#list");
    const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
    fetch(list.dataset.layoutUrl, {
      method: "POST",
      headers: { "X-CSRFToken": token },
      body: new URLSearchParams({ widths: JSON.stringify({ [head.dataset.column]: Number(head.dataset.width) }) }),
    });
  }, { once: true });
});

// --- after every swap -------------------------------------------------------------------------

function enhance() {
  for (const arrow of document.querySelectorAll("[data-move]")) arrow.hidden = false;
  const list = document.getElementById("list");
  if (!list) return;
  applyWidths(list);
  showSelection();
  // Forms outside the swapped part keep what the list shows now.
  const query = list.querySelector("#list-rows input[name=query]")?.value || "";
  for (const form of document.querySelectorAll("form[data-list-query]")) form.elements.query.value = query;
}

document.addEventListener("change", (event) => {
  if (event.target.id !== "view-audience") return;
  const only = document.querySelector("[data-only-for=role]");
  if (only) only.hidden = event.target.value !== "role";
});
const onlyForRole = document.querySelector("[data-only-for=role]");
if (onlyForRole) onlyForRole.hidden = true;
document.addEventListener("htmx:afterSwap", enhance);
enhance();
