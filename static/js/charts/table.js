// The table twin of a chart and its CSV, from one description: {head: [{text, numeric}], rows: [[cell]]}.
// A cell is a text, {text, href}, or {value, of}: a value and the figure it belongs to.
import { plain, shown } from "./figures.js";

const isFigure = (cell) => typeof cell === "object" && cell !== null && "of" in cell;
const wordsOf = (cell) => (isFigure(cell) ? shown(cell.value, cell.of).replace(/%$/, "") : cell?.text ?? cell ?? "");

function fill(place, cell) {
  if (!cell?.href) {
    place.textContent = wordsOf(cell);
    return;
  }
  const link = document.createElement("a");
  link.href = cell.href;
  link.textContent = cell.text;
  place.append(link);
}

function line(cells, tag, head) {
  const row = document.createElement("tr");
  cells.forEach((content, i) => {
    const cell = document.createElement(tag);
    if (tag === "th") cell.scope = "col";
    if (head[i].numeric) cell.className = "numeric";
    fill(cell, content);
    row.append(cell);
  });
  return row;
}

export function fillTable(place, { head, rows }) {
  const table = document.createElement("table");
  table.className = "table table-sm table-vcenter mb-0";
  table.createTHead().append(line(head.map((column) => column.text), "th", head));
  table.createTBody().append(...rows.map((cells) => line(cells, "td", head)));
  place.replaceChildren(table);
}

// A text that begins like a formula must not become one in a spreadsheet.
const quoted = (value) => {
  const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

export function csvOf({ head, rows }) {
  const lines = [head.map((column) => column.text), ...rows.map((cells) => cells.map((cell) => (isFigure(cell) ? plain(cell.value, cell.of) : cell?.text ?? cell)))];
  return "\ufeff" + lines.map((cells) => cells.map(quoted).join(",")).join("\r\n") + "\r\n";
}
