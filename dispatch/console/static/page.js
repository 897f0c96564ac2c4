"use strict";
// Every page: local times, colours, confirmation, and the sign that somebody is there. Pages work without it.

const tokenOf = () => document.querySelector("meta[name=form-token]").content;

function localTimes(root) {
  for (const time of root.querySelectorAll("time[data-local]")) {
    const at = new Date(time.dateTime);
    const options = time.dataset.local === "day"
      ? {day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23"}
      : {hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23"};
    time.textContent = at.toLocaleString([], options);
    time.title = time.dateTime;
  }
}

const THEMES = {"": "as the device", light: "day", dark: "night"};
function showTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  const button = document.getElementById("theme");
  button.setAttribute("aria-label", "Colours: " + THEMES[theme]);
  button.title = "Colours: " + THEMES[theme];
}
let theme = localStorage.getItem("theme") || "";
if (!(theme in THEMES)) theme = "";
showTheme(theme);
document.getElementById("theme").addEventListener("click", () => {
  const names = Object.keys(THEMES);
  theme = names[(names.indexOf(theme) + 1) % names.length];
  localStorage.setItem("theme", theme);
  showTheme(theme);
});

document.addEventListener("submit", event => {
  const asked = event.target.dataset.confirm;
  if (asked && !window.confirm(asked)) event.preventDefault();
}, true);

document.addEventListener("click", async event => {
  if (event.target.closest("button[data-print]")) window.print();
  const button = event.target.closest("button[data-reveal]");
  if (!button) return;
  const answer = await fetch(button.dataset.reveal, {method: "POST", headers: {"X-Form-Token": tokenOf(), "X-Requested-With": "console"}});
  if (!answer.ok) return;
  const shown = document.createElement("span");
  shown.textContent = (await answer.json()).number;
  shown.tabIndex = -1;
  button.replaceWith(shown);
  shown.focus();
});

if (document.body.hasAttribute("data-signed-in")) {
  let told = Date.now();
  const active = async () => {
    if (Date.now() - told < 60000) return;
    told = Date.now();
    const answer = await fetch("/console/active", {method: "POST", headers: {"X-Form-Token": tokenOf(), "X-Requested-With": "console"}});
    if (answer.status === 401) location.href = (await answer.json()).sign_in;
  };
  for (const kind of ["keydown", "pointerdown"]) document.addEventListener(kind, active, {passive: true});
}

// A menu closes by Escape, by a click elsewhere, and when the keyboard leaves it.
for (const menu of document.querySelectorAll("details.menu")) {
  menu.addEventListener("keydown", event => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  menu.addEventListener("focusout", event => { if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false; });
  document.addEventListener("pointerdown", event => { if (!menu.contains(event.target)) menu.open = false; });
}

// How many tasks are open, on every page of those who see to them.
const openTasks = document.querySelector("[data-open-tasks]");
if (openTasks) {
  const count = async () => {
    if (document.hidden) return;
    const answer = await fetch("/console/tasks/version", {headers: {"X-Requested-With": "console"}}).catch(() => null);
    if (!answer || !answer.ok) return;
    const told = await answer.json();
    openTasks.textContent = String(told.open);
    openTasks.title = told.overdue ? `${told.open} open, ${told.overdue} overdue` : `${told.open} open`;
    openTasks.classList.toggle("overdue", told.overdue > 0);
    openTasks.hidden = told.open === 0;
  };
  count();
  setInterval(count, 10000);
}

// What is still missing to go live, beside the page that says what to do about it, and on the menu that it is in.
const missing = document.querySelector("[data-still-missing]:not([data-still-missing=''])");
if (missing) {
  const count = async () => {
    const answer = await fetch(missing.dataset.stillMissing, {headers: {"X-Requested-With": "console"}}).catch(() => null);
    if (!answer || !answer.ok) return;
    const told = await answer.json();
    for (const place of document.querySelectorAll("[data-still-missing]")) {
      const words = document.createElement("span");
      words.className = "unseen";
      words.textContent = " still missing to go live";
      place.replaceChildren(String(told.missing), words);
      place.title = `${told.missing} still missing to go live`;
      place.hidden = told.missing === 0;
    }
  };
  count();
}

localTimes(document);
