// Notes: completes the names of colleagues behind @ in textarea[data-mention-url] (typing @username works without it).
import { ask } from "./session.js";

const BEFORE = /(^|[^\w.@+-])@([\w.+\-\u3400-\u9fff]{0,30})$/u;
let number = 0;

function completion(area) {
  const list = document.createElement("div");
  list.className = "list-group lz-mention-list shadow";
  list.id = `mention-list-${(number += 1)}`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", area.dataset.mentionLabel || "@");
  list.hidden = true;
  area.parentElement.classList.add("position-relative");
  area.after(list);
  area.setAttribute("aria-autocomplete", "list");
  area.setAttribute("aria-haspopup", "listbox");
  area.setAttribute("aria-controls", list.id);
  let people = [];
  let active = 0;
  let timer = 0;
  let asked = 0;

  const typed = () => BEFORE.exec(area.value.slice(0, area.selectionStart))?.[2];

  function close() {
    list.hidden = true;
    people = [];
    area.removeAttribute("aria-activedescendant");
  }

  function show() {
    list.replaceChildren(...people.map((one, place) => {
      const entry = document.createElement("div");
      entry.className = `list-group-item list-group-item-action py-2 d-flex gap-2${place === active ? " active" : ""}`;
      entry.id = `${list.id}-${place}`;
      entry.setAttribute("role", "option");
      entry.setAttribute("aria-selected", String(place === active));
      const name = document.createElement("span");
      name.textContent = one.name;
      const more = document.createElement("span");
      more.className = "ms-auto small";
      more.textContent = `@${one.username} · ${one.role}`;
      entry.append(name, more);
      entry.addEventListener("mousedown", (event) => { event.preventDefault(); take(place); });
      return entry;
    }));
    list.hidden = !people.length;
    if (people.length) {
      area.setAttribute("aria-activedescendant", `${list.id}-${active}`);
      list.children[active].scrollIntoView({ block: "nearest" });
    }
  }

  function take(place) {
    const end = area.selectionStart;
    const start = end - typed().length;
    area.setRangeText(`${people[place].username} `, start, end, "end");
    close();
    area.dispatchEvent(new Event("input", { bubbles: true }));
    area.focus();
  }

  async function look() {
    const word = typed();
    if (word === undefined) return close();
    const mine = (asked += 1);
    try {
      const answer = await ask(`${area.dataset.mentionUrl}?${new URLSearchParams({ q: word })}`);
      if (!answer.ok || mine !== asked || typed() === undefined) return undefined;
      ({ people } = await answer.json());
      active = 0;
      show();
    } catch { close(); }
    return undefined;
  }

  function soon(event) {
    if (event.isComposing) return;
    clearTimeout(timer);
    timer = setTimeout(look, 150);
  }
  area.addEventListener("input", soon);
  area.addEventListener("compositionend", soon);
  area.addEventListener("blur", close);
  area.addEventListener("keydown", (event) => {
    if (list.hidden || event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") active = (active + (event.key === "ArrowDown" ? 1 : people.length - 1)) % people.length;
    else if (event.key === "Enter" || event.key === "Tab") return void (event.preventDefault(), take(active));
    else if (event.key === "Escape") return void (event.stopPropagation(), close());
    else return undefined;
    event.preventDefault();
    show();
    return undefined;
  });
  if (document.activeElement === area && area.value) look();   // somebody was faster than this file
}

// From a notice (#comment-12) to the note itself, which comes after the page.
function goTo(root) {
  const wanted = /^#comment-\d+$/.test(location.hash) && root.querySelector(location.hash);
  if (!wanted || wanted.dataset.shown) return;
  wanted.dataset.shown = "1";
  wanted.tabIndex = -1;
  wanted.scrollIntoView({ block: "center" });
  wanted.focus({ preventScroll: true });
}

export function complete(root) {
  goTo(root);
  for (const area of root.querySelectorAll("[data-mention-url]:not([aria-autocomplete])")) completion(area);
}
