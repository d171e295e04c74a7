// Keys. They do nothing while somebody types or while a window is open; Ctrl+K and Ctrl+Enter work in fields, too.
import { openPalette } from "./palette.js";

const sheet = document.getElementById("shortcuts");
const FIELDS = "input, textarea, select, [contenteditable]:not([contenteditable=false])";
const GO_WITHIN = 1500;                                    // milliseconds between g and its letter
let gone = -Infinity;                                      // when g was pressed

const windowIsOpen = () => document.querySelector("dialog[open], .modal.show") !== null;

function openSheet() {
  if (!sheet || windowIsOpen()) return;
  const back = document.activeElement;
  sheet.showModal();
  sheet.addEventListener("close", () => { if (back instanceof HTMLElement && back.isConnected) back.focus(); }, { once: true });
}

function toFilter() {
  const box = document.querySelector("#content form[role=search] input[name=q]") || document.getElementById("global-search");
  if (!box) return false;
  box.focus();
  box.select();
  return true;
}

function follow(link) {
  if (!link || link.offsetParent === null) return false;   // a link that nobody can see
  link.click();
  return true;
}

function send(field) {
  const form = field.form || field.closest("form");
  if (!form || form.method === "dialog") return false;
  const button = form.querySelector("button.btn-primary:not([type=button]):not([disabled])") || form.querySelector("button:not([type=button]):not([disabled]), input[type=submit]");
  form.requestSubmit(button?.form === form ? button : undefined);
  return true;
}

function go(letter) {
  const link = sheet?.querySelector(`[data-go="${CSS.escape(letter)}"]`);
  if (link) location.assign(link.href);
  return Boolean(link);
}

// What a key without a modifier does; true when it did something.
function plain(event) {
  const second = performance.now() - gone < GO_WITHIN;
  gone = -Infinity;
  if (second) return go(event.key.toLowerCase());
  if (event.key === "?" || event.key === "？") return openSheet() ?? true;
  if (event.key === "/" || event.key === "、") return toFilter();
  if (event.key === "g") gone = performance.now();
  return false;
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229 || event.repeat || event.defaultPrevented) return;
  const command = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
  const field = event.target.closest?.(FIELDS);
  let done = false;
  if (command && event.key === "Enter") {
    done = field && field.id !== "palette-input" ? send(field) : false;
  } else if (windowIsOpen()) {
    return;
  } else if (command && event.key.toLowerCase() === "k") {
    openPalette();
    done = true;
  } else if (field) {
    return;
  } else if (event.altKey && !event.ctrlKey && !event.metaKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
    done = follow(document.querySelector(`a[rel~=${event.key === "ArrowUp" ? "prev" : "next"}]`));
  } else if (!event.altKey && !event.ctrlKey && !event.metaKey) {
    done = plain(event);
  }
  if (done) event.preventDefault();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-open-shortcuts]")) openSheet();
  if (event.target.closest("[data-open-palette]")) openPalette();
  if (event.target === sheet || event.target.closest("#shortcuts [data-close-dialog]")) sheet.close();  // beside it, or the button
});

// With scripts the box of the top bar is the door to the palette; typed into by Tab it stays a plain form.
document.getElementById("global-search")?.addEventListener("mousedown", (event) => {
  if (event.button !== 0 || !document.getElementById("palette")) return;
  event.preventDefault();
  openPalette(event.target.value);
});
