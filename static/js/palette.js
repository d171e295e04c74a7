// Search everything: the box that Ctrl+K (⌘K) opens. The server sends options as HTML; keys choose among them.
const dialog = document.getElementById("palette");
const input = document.getElementById("palette-input");
const list = document.getElementById("palette-list");
const message = document.getElementById("palette-message");
const status = document.getElementById("palette-status");
const strings = document.getElementById("lz-strings");

let asked = "";                                            // what the shown options answer
let wanted = null;                                         // what was asked for last, null before anything
let waiting = 0;                                           // timer of the next question
let running = null;                                        // question on its way
let openOnArrival = false;                                 // Enter was pressed before the answer came
let back = null;                                           // what had the focus before

const options = () => [...list.querySelectorAll("[role=option]")];
const chosen = () => list.querySelector("[aria-selected=true]");

// --- choosing ---------------------------------------------------------------------------------

function choose(option) {
  chosen()?.setAttribute("aria-selected", "false");
  if (!option) return input.removeAttribute("aria-activedescendant");
  option.setAttribute("aria-selected", "true");
  input.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function move(step) {
  const all = options();
  if (!all.length) return;
  const now = all.indexOf(chosen());
  choose(all[(now + step + all.length) % all.length]);
}

function open(option, elsewhere) {
  if (elsewhere) return window.open(option.href, "_blank", "noopener");
  close();
  option.click();
}

function enter(elsewhere) {
  if (input.value.trim() !== asked || wanted !== null) {   // the answer to what stands there is still to come
    openOnArrival = true;
    ask(0);
  } else if (chosen()) open(chosen(), elsewhere);
  else if (asked) location.assign(`${dialog.dataset.page}?q=${encodeURIComponent(asked)}`);
}

// --- asking -----------------------------------------------------------------------------------

function show(text, html) {
  asked = text;
  wanted = null;
  list.innerHTML = html;                                   // from our own server, escaped there
  options().forEach((option, place) => { option.id = `palette-option-${place}`; });
  list.hidden = !options().length;
  list.removeAttribute("aria-busy");
  input.setAttribute("aria-expanded", String(!list.hidden));
  message.hidden = !list.hidden;
  message.textContent = list.hidden ? dialog.dataset.nothing : "";
  status.textContent = list.hidden ? dialog.dataset.nothing : dialog.dataset.count.replace("{n}", options().length);
  list.scrollTop = 0;
  choose(options()[0]);
  if (openOnArrival) {
    openOnArrival = false;
    enter(false);
  }
}

function failed(key) {
  wanted = null;
  openOnArrival = false;
  list.replaceChildren();
  list.hidden = true;
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
  message.hidden = false;
  asked = "";
  message.textContent = status.textContent = strings?.getAttribute(`data-error-${key}`) || "";
}

async function fetchOptions(text) {
  running?.abort();                                        // an answer that is overtaken is dropped
  const mine = running = new AbortController();
  try {
    const headers = { "HX-Request": "true" };              // so that a lost session is told as 401, not as a page
    const answer = await fetch(`${dialog.dataset.url}?q=${encodeURIComponent(text)}`, { headers, signal: mine.signal });
    const html = await answer.text();
    if (mine !== running) return;
    if (answer.ok) show(text, html);
    else failed([401, 403, 429, 503].includes(answer.status) ? answer.status : 500);
  } catch (error) {
    if (error.name !== "AbortError" && mine === running) failed("network");
  }
}

function ask(delay) {
  const text = input.value.trim();
  clearTimeout(waiting);
  if (text === wanted) return;
  if (text === asked && wanted === null && delay) return;
  waiting = setTimeout(() => {
    wanted = text;
    fetchOptions(text);
  }, delay);
}

// --- opening and closing ----------------------------------------------------------------------

function close() {
  dialog.close();
  clearTimeout(waiting);
  running?.abort();
  input.blur();                                            // at once, so that the next key is a shortcut again
  if (back instanceof HTMLElement && back.isConnected && back !== document.body) back.focus();
  back = null;
}

export function openPalette(text = "") {
  if (!dialog || dialog.open || document.querySelector("dialog[open], .modal.show")) return;
  back = document.activeElement;
  input.value = text;
  openOnArrival = false;
  wanted = null;
  asked = "\u0000";                                        // nothing that can be typed: ask anew
  list.replaceChildren();
  list.hidden = false;
  list.setAttribute("aria-busy", "true");
  message.hidden = true;
  status.textContent = dialog.dataset.loading;
  dialog.showModal();
  input.focus();
  input.select();
  ask(0);
}

if (dialog) {
  input.addEventListener("input", (event) => {
    openOnArrival = false;
    if (!event.isComposing) ask(120);                      // not in the middle of a pinyin syllable
  });
  input.addEventListener("compositionend", () => ask(120));
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;  // these keys belong to the input method
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter") {
      event.preventDefault();
      enter(event.ctrlKey || event.metaKey);
    } else if (event.key === "Escape") {                   // at once; the browser would do it a moment later
      event.preventDefault();
      close();
    }
  });
  list.addEventListener("pointermove", (event) => {
    const option = event.target.closest("[role=option]");
    if (option && option !== chosen()) choose(option);
  });
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option && !event.ctrlKey && !event.metaKey && !event.shiftKey) close();
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close-dialog]")) close();  // beside it, or the button
  });
}
