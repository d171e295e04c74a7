// The task tray: says when a task has ended, and asks nothing while nobody looks at the page.
// The list itself is htmx: it asks every three seconds while something is at work (templates/accounts/desk/_tray.html).
import { toast } from "./notice.js";

const said = document.getElementById("lz-desk")?.dataset.taskEnded || "";
const tones = { good: "success", bad: "error", warn: "warning" };
let open = new Set();

const rows = (root) => [...root.querySelectorAll("[data-task]")];

function tell(list) {
  for (const row of rows(list)) {
    if (open.has(row.dataset.task) && row.dataset.open === "0") toast(tones[row.dataset.tone] || "info", said, row.dataset.said);
  }
  open = new Set(rows(list).filter((row) => row.dataset.open === "1").map((row) => row.dataset.task));
}

document.addEventListener("htmx:load", (event) => { if (event.target.id === "tray-list") tell(event.target); });

document.addEventListener("htmx:beforeRequest", (event) => {
  const polling = event.detail.requestConfig?.triggeringEvent === undefined && event.detail.elt.getAttribute("hx-trigger")?.includes("every");
  if (polling && document.hidden) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) document.getElementById("desk-poll")?.dispatchEvent(new Event("lz:counts"));
});
