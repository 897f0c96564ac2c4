"use strict";

const by = id => document.getElementById(id);
let board = null;
let ahead = 0; // how far the server's clock is ahead of this browser's, in ms

function make(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

const name = words => words.replaceAll(" ", "-");
const serverNow = () => Date.now() + ahead;

function span(from, to) {
  const seconds = Math.max(0, Math.floor((to - Date.parse(from)) / 1000));
  const minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60);
  const two = n => String(n).padStart(2, "0");
  return hours ? `${hours}:${two(minutes % 60)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

const clockTime = iso => new Date(iso).toLocaleTimeString([], {hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23"});

function requestRow(one) {
  const row = make("li", [one.urgency, one.state].join(" "));
  row.dataset.id = one.id;
  row.dataset.target = one.target;
  const title = make("div", "language", (one.variety ? `${one.language} (${one.variety})` : one.language) || (one.guesses.length ? one.guesses.join(" or ") + "?" : "Language not known yet"));
  if (one.native) title.append(make("span", "native", one.native));
  if (one.urgency !== "routine") title.append(" ", make("span", "chip " + one.urgency, one.urgency));
  const since = one.connected || one.since;
  const clock = make("div", "clock", "");
  clock.dataset.since = since;
  clock.title = one.connected ? "talking for" : "waiting for";
  const detail = [one.who, one.channel === "text" ? "by text" : "on the phone", one.place && "at " + one.place, ...one.constraints];
  if (one.found_by) detail.push(one.found_by + (one.certainty !== null && one.certainty < 1 ? ` (${Math.round(one.certainty * 100)} %)` : ""));
  const target = make("span", "target", one.connected ? "" : `of ${one.target} s`);
  const timing = make("div", "timing");
  timing.append(clock, target);
  const state = make("div", "state", one.taken_by ? `with ${one.taken_by}` : one.words);
  row.append(title, timing, make("div", "detail", detail.filter(Boolean).join(" · ")), state);
  if (one.offers.length) {
    const offers = make("div", "offers");
    for (const offer of one.offers) {
      const chip = make("span", "chip " + offer.state, `${offer.name}: ${offer.words}`);
      chip.title = offer.why;
      offers.append(chip);
    }
    row.append(offers);
  }
  if (one.gist) {
    const gist = make("div", "gist", `Machine's gist (${one.gist.sure}): ${one.gist.english}`);
    gist.title = one.gist.words;
    row.append(gist);
  }
  if (one.trouble) row.append(make("div", "problem", one.trouble));
  const foot = make("div", "foot");
  const next = make("span", "next", one.next ? `Next: ${one.next.words} ` : one.connected || one.on_site ? "" : "Waits for a person");
  if (one.next) {
    const due = make("span", "due");
    due.dataset.at = one.next.at;
    next.append(due);
  }
  const name = one.language || "the request without a language";
  const details = make("a", "", "Details");
  details.href = `/console/requests/${one.id}`;
  details.dataset.key = `details-${one.id}`;
  details.setAttribute("aria-label", `Details of ${name}, ${one.who}`);
  foot.append(next, details);
  if (by("open-list").dataset.mayAct === "yes") {
    const step = make("button", "", "Step in");
    step.type = "button";
    step.dataset.key = `step-${one.id}`;
    step.setAttribute("aria-label", `Step in: ${name}, ${one.who}`);
    step.addEventListener("click", () => openPanel(one.id));
    foot.append(step);
  }
  row.append(foot);
  return row;
}

// Rows are drawn anew only where they changed, and the key that has the focus keeps it.
const drawn = new Map();
function drawRequests() {
  const focused = document.activeElement && document.activeElement.dataset.key;
  const rows = board.open.map(one => {
    const told = JSON.stringify(one), known = drawn.get(one.id);
    if (known && known.told === told) return known.row;
    const row = requestRow(one);
    drawn.set(one.id, {told, row});
    return row;
  });
  for (const id of [...drawn.keys()]) if (!board.open.some(one => one.id === id)) drawn.delete(id);
  const list = by("open-list");
  const shown = [...list.children];
  const sameOrder = rows.length === shown.length && rows.every((row, at) => row.dataset.id === shown[at].dataset.id);
  if (!sameOrder || rows.some((row, at) => row !== shown[at])) {
    if (sameOrder) rows.forEach((row, at) => row !== shown[at] && shown[at].replaceWith(row));
    else list.replaceChildren(...rows);
    const again = focused && list.querySelector(`[data-key="${focused}"]`);
    if (again) again.focus({preventScroll: true});
  }
}

// -- stepping in ------------------------------------------------------------------------------------------------------

const asConsole = extra => ({headers: {"X-Form-Token": tokenOf(), "X-Requested-With": "console"}, ...extra});
let opener = "";

async function openPanel(id) {
  opener = `step-${id}`;
  const answer = await fetch(`/console/requests/${id}/panel`, asConsole({}));
  if (!(await showPanel(answer))) return;
  by("panel").showModal();
}

async function showPanel(answer) {
  if (answer.status === 401) {
    location.href = (await answer.json()).sign_in;
    return false;
  }
  if ((answer.headers.get("content-type") || "").startsWith("application/json")) {
    const said = make("p", "problem banner", (await answer.json()).trouble);
    said.setAttribute("role", "alert");
    by("panel-body").prepend(said);
    return true;
  }
  // Our own server's page, drawn with everything escaped.
  const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
  const close = make("button", "close quiet", "Close");
  close.type = "button";
  close.addEventListener("click", () => by("panel").close());
  by("panel-body").replaceChildren(close, ...parsed.body.childNodes);
  localTimes(by("panel-body"));
  return true;
}

function panelNews() {
  const shown = by("panel-body").querySelector(".panel");
  if (!by("panel").open || !shown) return;
  const one = board.open.find(row => row.id === shown.dataset.request);
  const news = one ? `It changed while you look: now ${one.words}.` : "It is over by now.";
  const changed = !one || String(one.version) !== shown.dataset.version;
  let line = shown.querySelector(".news");
  if (!changed) return;
  if (!line) {
    line = make("p", "news banner note");
    line.setAttribute("role", "status");
    shown.prepend(line);
  }
  if (line.dataset.said === news) return;
  line.dataset.said = news;
  line.replaceChildren(news + " ");
  if (one) {
    const again = make("button", "", "Show it as it is now");
    again.type = "button";
    again.addEventListener("click", async () => showPanel(await fetch(`/console/requests/${one.id}/panel`, asConsole({}))));
    line.append(again);
  }
}

by("panel").addEventListener("submit", async event => {
  const address = event.target.getAttribute("action");
  if (event.defaultPrevented || !address.endsWith("/act")) return;
  event.preventDefault();
  const sent = new URLSearchParams(new FormData(event.target));
  const answer = await fetch(address, asConsole({method: "POST", body: sent}));
  if (answer.status === 204) by("panel").close();
  else await showPanel(answer);
});
by("panel").addEventListener("close", () => {
  by("panel-body").replaceChildren();
  const again = document.querySelector(`[data-key="${opener}"]`);
  if (again) again.focus();
});

function alertRow(one) {
  const row = make("li");
  const at = make("time", "", clockTime(one.at));
  at.dateTime = one.at;
  const words = make("span", "words", one.reason);
  if (one.request) {
    const link = make("a", "", one.message ? "Open message" : "Request");
    link.href = `/console/requests/${one.request}` + (one.message ? "#message" : "");
    link.setAttribute("aria-label", one.message ? "Open the message" : `Request of: ${one.reason}`);
    words.append(" ", link);
  }
  const done = make("button", "", "Seen to");
  done.type = "button";
  done.addEventListener("click", async () => {
    done.disabled = true;
    const answer = await fetch(`/console/alerts/${one.id}/clear`, asConsole({method: "POST"}));
    if (!answer.ok) done.disabled = false;
  });
  row.append(at, words, done);
  return row;
}

function rosterRow(one) {
  const row = make("tr");
  const who = make("td");
  who.append(make("span", "code", one.code), one.name);
  const status = make("td", "status");
  const until = one.until ? " until " + new Date(one.until).toLocaleTimeString([], {hour: "2-digit", minute: "2-digit", hourCycle: "h23"}) : "";
  status.append(make("span", "chip " + name(one.status), one.status + until));
  row.append(who, make("td", "", one.languages.join(", ")), status);
  return row;
}

function recentRow(one) {
  const row = make("tr");
  const ended = make("td");
  ended.append(make("time", "", clockTime(one.ended)));
  const how = one.outcome ? `${one.words}: ${one.outcome}` : one.words;
  const toConnect = one.connected ? span(one.since, Date.parse(one.connected)) : "–";
  const talked = one.connected ? span(one.connected, Date.parse(one.ended)) : "–";
  const who = make("td"), link = make("a", "", one.who);
  link.href = `/console/requests/${one.id}`;
  who.append(link);
  row.append(who);
  for (const text of [one.language || "–", how, toConnect, talked]) row.append(make("td", "", text));
  row.prepend(ended);
  return row;
}

function drawRoster() {
  const wanted = by("find").value.trim().toLowerCase();
  const found = board.roster.filter(one => [one.code, one.name, ...one.languages].some(t => t.toLowerCase().includes(wanted)));
  by("roster").replaceChildren(...found.slice(0, 60).map(rosterRow));
  by("roster-more").hidden = found.length <= 60;
  by("roster-more").textContent = `And ${found.length - 60} more: narrow the search.`;
  by("roster-empty").hidden = board.roster.length > 0;
}

function draw() {
  by("count-waiting").textContent = board.open.filter(one => one.state !== "connected").length;
  by("count-talking").textContent = board.open.filter(one => one.state === "connected").length;
  by("count-free").textContent = board.roster.filter(one => one.status === "on").length;
  by("nothing").hidden = board.open.length > 0;
  drawRequests();
  panelNews();
  by("alerts").hidden = board.alerts.length === 0;
  by("alert-list").replaceChildren(...board.alerts.map(alertRow));
  by("recent").replaceChildren(...board.recent.map(recentRow));
  by("recent-empty").hidden = board.recent.length > 0;
  drawRoster();
  by("trouble").hidden = board.queue;
  if (!board.queue) by("trouble").textContent = "Redis does not answer: texts and rings wait until it is back. Start it; nothing is lost.";
  tick();
}

function tick() {
  for (const clock of document.querySelectorAll(".clock")) {
    const row = clock.closest("li"), waiting = !row.classList.contains("connected");
    const share = waiting ? (serverNow() - Date.parse(clock.dataset.since)) / 1000 / Number(row.dataset.target) : 0;
    clock.textContent = span(clock.dataset.since, serverNow());
    row.classList.toggle("near", share >= 0.66 && share < 1);
    row.classList.toggle("late", share >= 1);
  }
  for (const due of document.querySelectorAll(".due")) {
    const seconds = Math.ceil((Date.parse(due.dataset.at) - serverNow()) / 1000);
    due.textContent = seconds > 0 ? `in ${seconds} s` : "now";
  }
}

const source = new EventSource("/console/events");
source.addEventListener("board", event => {
  const told = JSON.parse(event.data);
  if (told.roster_gone) {
    // Only the rows that changed were sent: put them into what is known.
    const changed = new Map(told.roster.map(one => [one.id, one])), gone = new Set(told.roster_gone);
    const kept = board.roster.filter(one => !gone.has(one.id)).map(one => {
      const now = changed.get(one.id) || one;
      changed.delete(one.id);
      return now;
    });
    told.roster = [...kept, ...changed.values()];
  }
  board = told;
  ahead = Date.parse(board.now) - Date.now();
  by("live").textContent = "live";
  by("live").classList.add("on");
  draw();
});
source.addEventListener("trouble", event => {
  by("trouble").hidden = false;
  by("trouble").textContent = JSON.parse(event.data).reason;
});
source.addEventListener("sign_in", () => location.reload());
source.addEventListener("error", () => {
  by("live").textContent = "not connected: what you see may be old";
  by("live").classList.remove("on");
});
by("find").addEventListener("input", () => board && drawRoster());
setInterval(tick, 500);
