// The log-in may end while a page is open. The page stays as it is, says so, and goes on after a log-in in another tab.
//
// A log-in changes the CSRF token; forms and htmx therefore take it from the cookie at the moment they send.
import { text, toast } from "./notice.js";

const desk = document.getElementById("lz-desk")?.dataset;

export const person = desk?.person || "";

function token() {
  const name = `${desk?.csrfCookie || "csrftoken"}=`;
  const found = document.cookie.split("; ").find((part) => part.startsWith(name));
  return found ? decodeURIComponent(found.slice(name.length)) : "";
}

// A request of our own scripts. The header makes the server answer 401 instead of leading to the log-in page.
export async function ask(url, fields) {
  const headers = { "HX-Request": "true" };
  if (fields) headers["X-CSRFToken"] = token();
  const answer = await fetch(url, { method: fields ? "POST" : "GET", headers, body: fields && new URLSearchParams(fields), keepalive: Boolean(fields) });
  if (answer.status === 401) loggedOut();
  return answer;
}

document.addEventListener("submit", (event) => {
  const field = event.target.elements?.namedItem?.("csrfmiddlewaretoken");
  if (field && token()) field.value = token();
}, true);

document.addEventListener("htmx:configRequest", (event) => {
  if (!token()) return;
  event.detail.headers["X-CSRFToken"] = token();
  if (event.detail.parameters.csrfmiddlewaretoken) event.detail.parameters.csrfmiddlewaretoken = token();
});

// --- logged out -----------------------------------------------------------------------------

let bar = null;

function loggedOut() {
  if (bar || !desk) return;
  bar = document.createElement("div");
  bar.className = "alert alert-warning lz-session d-print-none";
  bar.setAttribute("role", "alert");
  const link = document.createElement("a");
  link.className = "btn btn-sm ms-3";
  link.target = "_blank";
  link.href = `${desk.loginUrl}?next=${encodeURIComponent(location.pathname + location.search)}`;
  link.textContent = desk.logIn;
  bar.append(desk.loggedOut, link);
  document.querySelector(".page-wrapper")?.prepend(bar);
}

document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.xhr.status !== 401 || !desk) return;
  event.preventDefault();                                 // else htmx would follow HX-Redirect and leave the page
  loggedOut();
});

async function lookAgain() {
  if (!bar) return;
  let answer;
  try {
    answer = await ask(desk.countsUrl);
  } catch { return; }                                     // no network either; the next look will tell
  if (!answer.ok) return;
  if (answer.headers.get("X-Person") !== person) return location.reload();
  bar.remove();
  bar = null;
  document.dispatchEvent(new CustomEvent("lz:back"));
}

// A form that cannot arrive is not sent: the browser would put its own error page, or the log-in, in place of what was typed.
// Where no draft keeps what was typed, the server is asked first: the session may have ended since it was last heard of.
const arrives = new WeakSet();

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.getAttribute("method")?.toLowerCase() !== "post" || form.matches("[hx-post]")) return;
  const unsure = desk && form.matches("[data-guard]:not([data-draft])") && !arrives.delete(form);
  if (navigator.onLine && !bar && !unsure) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!navigator.onLine) toast("error", text("error-network-title"), text("error-network"));
  else if (bar) showBar();
  else sendIfHeard(form, event.submitter);
}, true);

function showBar() {
  bar.scrollIntoView();
  bar.querySelector("a").focus();
}

async function sendIfHeard(form, submitter) {
  let answer;
  try {
    answer = await ask(desk.countsUrl);
  } catch {
    return toast("error", text("error-network-title"), text("error-network"));
  }
  if (answer.status === 401) return showBar();
  if (answer.status === 503) return toast("error", text("error-503-title"), text("error-503"));
  arrives.add(form);
  form.requestSubmit(submitter);
}

addEventListener("focus", lookAgain);
document.addEventListener("visibilitychange", () => document.hidden || lookAgain());
addEventListener("online", () => document.dispatchEvent(new CustomEvent("lz:back")));
