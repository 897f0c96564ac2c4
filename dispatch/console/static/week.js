"use strict";
// An interpreter's week by mouse and by keys: free hours go into the form, an entry is moved. Saving is always a step of
// its own. Entries are links to the form, so that everything can be done without this script too.

const said = document.getElementById("move-said");
const gridOf = () => document.querySelector("table[data-week]");
const daysOf = () => [...gridOf().tHead.querySelectorAll("[data-date]")];

// -- where a stretch of the week lies on the grid ---------------------------------------------------------------------

const MINUTES = 24 * 60;

// Shades the minutes from `top` to `end` of the days from `first` to `last`, all by their place in the week.
function shade(first, last, top, end) {
  const around = gridOf().parentElement, days = daysOf(), made = document.createElement("div");
  const box = gridOf().tBodies[0].getBoundingClientRect(), outer = around.getBoundingClientRect();
  const left = days[first].getBoundingClientRect().left, right = days[last].getBoundingClientRect().right;
  made.className = "shade";
  made.style.left = left - outer.left + around.scrollLeft + "px";
  made.style.width = right - left + "px";
  made.style.top = box.top - outer.top + top / MINUTES * box.height + "px";
  made.style.height = (end - top) / MINUTES * box.height + "px";
  around.append(made);
}

function unshade() {
  for (const old of document.querySelectorAll(".shade")) old.remove();
}

// -- by mouse ---------------------------------------------------------------------------------------------------------

function draggable() {
  const body = gridOf().tBodies[0], days = daysOf(), form = document.getElementById("entry");
  const clock = slot => String(Math.floor(slot / 2) % 24).padStart(2, "0") + (slot % 2 ? ":30" : ":00");
  let from = null, key = "";

  // Where the pointer is: cells span rows, so the half hour is told by the height alone.
  const place = event => {
    const box = body.getBoundingClientRect();
    const slot = Math.floor((event.clientY - box.top) / box.height * 48);
    const day = days.findIndex(head => event.clientX < head.getBoundingClientRect().right);
    return {slot: Math.min(Math.max(slot, 0), 47), day: day < 0 ? 6 : day};
  };
  const show = to => {
    unshade();
    const first = Math.min(from.slot, to.slot), last = Math.max(from.slot, to.slot) + 1;
    shade(Math.min(from.day, to.day), Math.max(from.day, to.day), first * 30, last * 30);
  };

  body.addEventListener("pointerdown", event => {
    const cell = event.target.closest("td");
    if (!cell || event.button !== 0 || event.pointerType === "touch") return;
    event.preventDefault();
    from = place(event);
    key = cell.dataset.key || "";
    body.setPointerCapture(event.pointerId);
    show(from);
  });
  body.addEventListener("pointermove", event => { if (from) show(place(event)); });
  body.addEventListener("pointercancel", () => { from = null; unshade(); });
  body.addEventListener("pointerup", event => {
    if (!from) return;
    const to = place(event), start = from;
    from = null;
    unshade();
    if (key) {
      const asked = new URLSearchParams({week: form.elements.week.value, change: key});
      if (to.day !== start.day) asked.set("move_days", to.day - start.day);
      if (to.slot !== start.slot) asked.set("move_minutes", (to.slot - start.slot) * 30);
      location.href = location.pathname + "?" + asked + "#entry-form";
      return;
    }
    const first = Math.min(start.day, to.day), last = Math.max(start.day, to.day);
    const begin = Math.min(start.slot, to.slot), end = Math.max(start.slot, to.slot) + 1;
    form.elements.first.value = days[first].dataset.date;
    form.elements.begin.value = clock(begin);
    form.elements.end.value = clock(end);
    for (const box of form.querySelectorAll("[name=days]")) box.checked = box.value >= first && box.value <= last;
    document.getElementById("drag-said").textContent =
      `${days[first].firstChild.textContent} ${clock(begin)} to ${clock(end)} is in the form. Save it, or change it first.`;
    form.querySelector("button.main").focus();
  });
}

// -- by keys ----------------------------------------------------------------------------------------------------------

// What an arrow asks for; with Shift the up and down arrows change the length.
const ARROWS = {ArrowUp: {minutes: -15}, ArrowDown: {minutes: 15}, ArrowLeft: {days: -1}, ArrowRight: {days: 1}};
const LONGER = {ArrowUp: -15, ArrowDown: 15};
const STILL = {days: 0, minutes: 0, longer: 0};
let draft = {...STILL};

const wall = text => new Date(text + "Z"); // a wall clock: counted without any zone, so that no night is longer
const movedBy = draft => draft.days || draft.minutes || draft.longer;
const WORDS = {weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "UTC"};

function span(block, by) {
  const begins = wall(block.dataset.begins), ends = wall(block.dataset.ends);
  begins.setUTCMinutes(begins.getUTCMinutes() + by.days * MINUTES + by.minutes);
  ends.setUTCMinutes(ends.getUTCMinutes() + by.days * MINUTES + by.minutes + by.longer);
  return {begins, ends};
}

function spoken({begins, ends}) {
  const until = ends - begins > MINUTES * 60000 || begins.getUTCDay() !== ends.getUTCDay();
  return `${begins.toLocaleString("en-GB", WORDS)} to ${ends.toLocaleString("en-GB", until ? WORDS : {...WORDS, weekday: undefined})}`;
}

// Every day of the entry that is moved, where it would be: what repeats moves every week.
function showDraft(block) {
  unshade();
  if (!movedBy(draft)) return;
  const monday = wall(daysOf()[0].dataset.date + "T00:00:00"), key = block.closest("td").dataset.key;
  for (const one of document.querySelectorAll(`td[data-key="${key}"] .block`)) {
    const {begins, ends} = span(one, draft);
    const from = (begins - monday) / 60000, to = (ends - monday) / 60000;
    for (let day = Math.max(0, Math.floor(from / MINUTES)); day < 7 && day * MINUTES < to; day++)
      shade(day, day, Math.max(0, from - day * MINUTES), Math.min(MINUTES, to - day * MINUTES));
  }
}

function change(block, event) {
  const by = event.shiftKey ? {longer: LONGER[event.key] || 0} : ARROWS[event.key];
  const next = {...draft};
  for (const [what, much] of Object.entries(by)) next[what] += much;
  const {begins, ends} = span(block, next);
  if (ends > begins) draft = next;
  showDraft(block);
  const now = spoken(span(block, draft));
  said.textContent = movedBy(draft) ? `${now}, not saved yet: Enter saves, Esc puts it back.` : `${now}, as it was.`;
}

function putBack() {
  draft = {...STILL};
  unshade();
}

async function save(block) {
  const form = document.getElementById("entry"), target = span(block, draft);
  const sent = new URLSearchParams({do: "move", key: block.closest("td").dataset.key, move_days: draft.days});
  for (const [name, value] of [["move_minutes", draft.minutes], ["longer", draft.longer]]) sent.set(name, value);
  for (const name of ["week", "seen", "form_token"]) sent.set(name, form.elements[name].value);
  const headers = {"X-Requested-With": "console"};
  const answer = await fetch(said.dataset.address, {method: "POST", body: sent, headers});
  if (answer.status === 401) { location.href = (await answer.json()).sign_in; return; }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const was = block.dataset.begins, trouble = page.querySelector("[role=alert]")?.textContent || "try again.";
  putBack();
  for (const part of document.querySelectorAll("[data-part]")) {
    const fresh = page.querySelector(`[data-part="${part.dataset.part}"]`);
    if (fresh) part.replaceWith(fresh);
  }
  start();
  const at = answer.ok ? target.begins.toISOString().slice(0, 19) : was;
  const again = document.querySelector(`.block[data-begins="${at}"]`);
  (again || gridOf().parentElement).focus({preventScroll: Boolean(again)});
  said.textContent = answer.ok ? `Saved: ${spoken(target)}.` : `Not saved: ${trouble}`;
}

function keyed() {
  for (const block of document.querySelectorAll(".week .block")) {
    block.addEventListener("keydown", event => {
      if (event.key in ARROWS && !event.ctrlKey && !event.altKey && !event.metaKey) change(block, event);
      else if (event.key === "Enter" && movedBy(draft)) save(block);
      else if (event.key === "Escape" && movedBy(draft)) { putBack(); said.textContent = "Put back as it was."; }
      else return;
      event.preventDefault();
    });
    block.addEventListener("blur", () => {
      if (!movedBy(draft) || !block.isConnected) return;
      putBack();
      said.textContent = "Nothing was saved: it is back as it was.";
    });
  }
}

function start() {
  if (!gridOf() || !document.getElementById("entry")) return;
  document.getElementById("week-help").hidden = false;
  draggable();
  keyed();
}
start();
