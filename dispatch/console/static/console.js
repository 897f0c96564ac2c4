"use strict";

const by = id => document.getElementById(id);
const ROSTER_ROWS = 60;
const ALERTS = 3; // at first sight, so that requests are seen too
const board = {cards: new Map(), order: [], places: {}, roster: [], rosterCame: false, free: 0};
let ahead = 0; // how far the server's clock is ahead of this browser's, in ms

function make(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

const mayAct = () => by("open-list").dataset.mayAct === "yes";
const name = words => words.replaceAll(" ", "-");
const serverNow = () => Date.now() + ahead;

function span(from, to) {
  const seconds = Math.max(0, Math.floor((to - Date.parse(from)) / 1000));
  const minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60);
  const two = n => String(n).padStart(2, "0");
  return hours ? `${hours}:${two(minutes % 60)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

// A time of day; with its day where that is not today.
function clockTime(iso, options = {hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23"}) {
  const at = new Date(iso), today = at.toDateString() === new Date(serverNow()).toDateString();
  return at.toLocaleString([], today ? options : {weekday: "short", day: "numeric", month: "short", ...options});
}

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
  const detail = [one.who, one.channel === "text" ? "by text" : "on the phone", one.place && "at " + one.place, ...one.constraints, one.language && (one.certainty === null || one.certainty >= 1) && one.found_by];
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
  const reasons = make("div", "reasons");
  for (const reason of one.reasons) {
    const line = make("div", "why-" + reason.kind, reason.words);
    if (reason.at) {
      const due = make("span", "due");
      due.dataset.at = reason.at;
      line.append(" ", due);
    }
    reasons.append(line);
  }
  if (one.state === "waiting" || one.state === "callback_scheduled") {
    const place = make("div", "why-place");
    place.dataset.place = one.id;
    reasons.append(place);
  }
  for (const phone of one.phones) reasons.append(make("div", "why-phone", `${phone.who}: ${[phone.held && "on hold", phone.muted && "muted"].filter(Boolean).join(", ")}`));
  if (reasons.childElementCount) row.append(reasons);
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
  if (mayAct()) {
    const step = make("button", "", "Step in");
    step.type = "button";
    step.dataset.key = `step-${one.id}`;
    step.setAttribute("aria-label", `Step in: ${name}, ${one.who}`);
    step.addEventListener("click", () => openPanel(one.id));
    foot.append(step);
  }
  row.append(foot);
  sight.observe(row);
  return row;
}

// Rows are drawn anew only where they changed, and the key that has the focus keeps it.
const drawn = new Map(); // request id -> its row
function drawRequests(changed) {
  const focused = document.activeElement && document.activeElement.dataset.key;
  const list = by("open-list"), place = [...list.children].findIndex(row => row.contains(document.activeElement));
  for (const one of changed) {
    const row = requestRow(one), known = drawn.get(one.id);
    if (known) {
      sight.unobserve(known);
      if (known.parentNode) known.replaceWith(row);
    }
    drawn.set(one.id, row);
  }
  for (const [id, row] of drawn) {
    if (board.cards.has(id)) continue;
    sight.unobserve(row);
    row.remove();
    drawn.delete(id);
  }
  if (!list.childElementCount) list.append(...board.order.map(id => drawn.get(id)));
  let at = list.firstElementChild;
  for (const id of board.order) {
    const row = drawn.get(id);
    if (row === at) at = at.nextElementSibling;
    else list.insertBefore(row, at);
  }
  if (!focused || document.activeElement !== document.body) return;
  const again = list.querySelector(`[data-key="${focused}"]`);
  if (again) again.focus({preventScroll: true});
  else if (place >= 0) focusRow(place, focused.split("-")[0]);
}

// The keyboard goes to the row at that place, or the last one; where nobody waits any more, to the heading.
function focusRow(place, what) {
  const rows = by("open-list").children, row = rows[Math.min(place, rows.length - 1)];
  const next = row && (row.querySelector(`[data-key^="${what}-"]`) || row.querySelector("a, button"));
  (next || by("open-title")).focus();
}

by("open-list").addEventListener("keydown", event => {
  const key = event.target.dataset.key, row = event.target.closest("li");
  if (!key || !row || event.ctrlKey || event.altKey || event.metaKey) return;
  const rows = [...by("open-list").children], at = rows.indexOf(row);
  const to = {ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1}[event.key];
  if (to === undefined) return;
  event.preventDefault();
  if (to >= 0 && to < rows.length) focusRow(to, key.split("-")[0]);
});

function drawPlaces() {
  for (const line of document.querySelectorAll("[data-place]")) {
    const place = board.places[line.dataset.place];
    line.textContent = place ? `Place ${place} in the queue` : "";
  }
}

// -- stepping in ------------------------------------------------------------------------------------------------------

let opener = "", openedAt = 0;

async function openPanel(id) {
  opener = `step-${id}`;
  openedAt = board.order.indexOf(id);
  const answer = await asked(`/console/requests/${id}/panel`, asConsole({}));
  if (!(await showPanel(answer))) return;
  if (!by("panel").open) by("panel").showModal();
}

async function showPanel(answer) {
  if (answer.status === 401) {
    location.href = (await answer.json()).sign_in;
    return false;
  }
  const trouble = await troubleOf(answer), close = make("button", "close quiet", "Close");
  close.type = "button";
  close.addEventListener("click", () => by("panel").close());
  if (!trouble) by("panel-body").replaceChildren(close, ...(await parsedPage(answer)).body.childNodes);
  else if (by("panel").open) by("panel-body").prepend(trouble);
  else by("panel-body").replaceChildren(close, trouble);
  return true;
}

function panelNews() {
  const shown = by("panel-body").querySelector(".panel");
  if (!by("panel").open || !shown) return;
  const one = board.cards.get(shown.dataset.request);
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
    again.addEventListener("click", async () => showPanel(await asked(`/console/requests/${one.id}/panel`, asConsole({}))));
    line.append(again);
  }
}

by("panel").addEventListener("submit", async event => {
  const address = event.target.getAttribute("action") || "";
  if (event.defaultPrevented || !address.endsWith("/act")) return;
  event.preventDefault();
  const answer = await sendAction(event.target);
  if (answer === null) by("panel").close();
  else await showPanel(answer);
});
by("panel").addEventListener("close", () => {
  by("panel-body").replaceChildren();
  const again = document.querySelector(`[data-key="${opener}"]`);
  if (again) again.focus();
  else focusRow(openedAt, "step"); // what was opened is over by now
});

function alertRow(one) {
  const row = make("li");
  const at = make("time", "", clockTime(one.at));
  at.dateTime = one.at;
  const words = make("span", "words", one.reason);
  if (one.request) {
    const link = make("a", "", one.message ? "Open message" : "Request");
    link.href = `/console/requests/${one.request}` + (one.message ? "#message" : "");
    link.dataset.key = `about-${one.id}`;
    link.setAttribute("aria-label", one.message ? "Open the message" : `Request of: ${one.reason}`);
    words.append(" ", link);
  }
  row.append(at, words);
  if (!mayAct()) return row;
  const done = make("button", "", "Seen to");
  done.type = "button";
  done.dataset.key = `seen-${one.id}`;
  done.addEventListener("click", async () => {
    done.disabled = true;
    const answer = await asked(`/console/alerts/${one.id}/clear`, asConsole({method: "POST"}));
    if (!answer.ok) done.disabled = false;
  });
  row.append(done);
  return row;
}

function showAlerts(all) {
  const rows = [...by("alert-list").children];
  rows.forEach((row, place) => { row.hidden = !all && place >= ALERTS; });
  by("alerts-more").hidden = rows.length <= ALERTS;
  by("alerts-more").setAttribute("aria-expanded", String(all));
  by("alerts-more").textContent = all ? "Show the newest alone" : `Show ${rows.length - ALERTS} more`;
}
by("alerts-more").addEventListener("click", () => showAlerts(by("alerts-more").getAttribute("aria-expanded") !== "true"));

function rosterRow(one) {
  const row = make("tr");
  const who = make("td");
  who.append(make("span", "code", one.code), one.name);
  const status = make("td", "status");
  const until = one.until ? " until " + clockTime(one.until, {hour: "2-digit", minute: "2-digit", hourCycle: "h23"}) : "";
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
  link.dataset.key = `ended-${one.id}`;
  who.append(link);
  row.append(who);
  for (const text of [one.language || "–", how, toConnect, talked]) row.append(make("td", "", text));
  row.prepend(ended);
  return row;
}

function drawRoster() {
  const wanted = by("find").value.trim().toLowerCase();
  const shown = [];
  let found = 0;
  for (const one of board.roster) {
    if (wanted && ![one.code, one.name, ...one.languages].some(t => t.toLowerCase().includes(wanted))) continue;
    found += 1;
    if (found <= ROSTER_ROWS) shown.push(rosterRow(one));
  }
  by("roster").replaceChildren(...shown);
  by("roster-more").hidden = found <= ROSTER_ROWS;
  by("roster-more").textContent = `And ${found - ROSTER_ROWS} more: narrow the search.`;
  by("roster-empty").hidden = !board.rosterCame || board.roster.length > 0;
}

// Draws a list anew; the keyboard stays on what it was on, or else goes to the list's heading.
function redraw(list, rows) {
  const key = list.contains(document.activeElement) && document.activeElement.dataset.key;
  list.replaceChildren(...rows);
  if (!key) return;
  const again = list.querySelector(`[data-key="${key}"]`) || list.querySelector("button, a");
  (again || by("open-title")).focus({preventScroll: Boolean(again)});
}

function drawBoard(told) {
  const waiting = [...board.cards.values()].filter(one => one.state !== "connected").length;
  by("count-waiting").textContent = waiting;
  by("count-talking").textContent = board.cards.size - waiting;
  by("count-free").textContent = board.free;
  document.title = waiting ? `(${waiting}) ${plainTitle}` : plainTitle;
  by("nothing").hidden = board.cards.size > 0;
  by("board-keys").hidden = board.cards.size === 0;
  drawRequests(told.open);
  drawPlaces();
  panelNews();
  if (told.alerts) {
    by("alerts").hidden = told.alerts.length === 0;
    redraw(by("alert-list"), told.alerts.map(alertRow));
    showAlerts(by("alerts-more").getAttribute("aria-expanded") === "true");
  }
  if (told.recent) {
    redraw(by("recent"), told.recent.map(recentRow));
    by("recent-empty").hidden = told.recent.length > 0;
  }
  by("trouble").hidden = told.queue;
  if (!told.queue) by("trouble").textContent = "Redis does not answer: texts and rings wait until it is back. Start it; nothing is lost.";
  tick(told.open.map(one => drawn.get(one.id)));
}

function tickRow(row) {
  const clock = row.querySelector(".clock"), waiting = !row.classList.contains("connected");
  const share = waiting ? (serverNow() - Date.parse(clock.dataset.since)) / 1000 / Number(row.dataset.target) : 0;
  const text = span(clock.dataset.since, serverNow());
  if (clock.textContent !== text) clock.textContent = text;
  row.classList.toggle("near", share >= 0.66 && share < 1);
  row.classList.toggle("late", share >= 1);
  for (const due of row.querySelectorAll(".due")) {
    const seconds = Math.ceil((Date.parse(due.dataset.at) - serverNow()) / 1000);
    const words = seconds > 0 ? `in ${seconds} s` : "now";
    if (due.textContent !== words) due.textContent = words;
  }
}

// Clocks out of sight stand still: hundreds of them would cost every frame, and they are set when they come into view.
const inSight = new Set();
const sight = new IntersectionObserver(entries => {
  for (const entry of entries) {
    if (entry.isIntersecting) { inSight.add(entry.target); tickRow(entry.target); }
    else inSight.delete(entry.target);
  }
}, {rootMargin: "400px"});

function tick(fresh) {
  for (const row of fresh || inSight) {
    if (!row.isConnected) inSight.delete(row);
    else tickRow(row);
  }
}

// -- a new emergency --------------------------------------------------------------------------------------------------

// Seen at once; heard only by those who have asked for it, on this device.
let sounds = localStorage.getItem("sound") === "on", audio = null;
const plainTitle = document.title;
function showSound() {
  by("sound").setAttribute("aria-pressed", String(sounds));
  by("sound").textContent = sounds ? "Sound on" : "Sound off";
  by("sound").title = "A tone for each new emergency";
}
function tone() {
  if (!sounds) return;
  audio = audio || new AudioContext();
  const begin = audio.currentTime;
  [880, 660, 880].forEach((pitch, n) => {
    const voice = audio.createOscillator(), loud = audio.createGain();
    voice.frequency.value = pitch;
    loud.gain.setValueAtTime(0.15, begin + n * 0.22);
    loud.gain.exponentialRampToValueAtTime(0.001, begin + n * 0.22 + 0.2);
    voice.connect(loud).connect(audio.destination);
    voice.start(begin + n * 0.22);
    voice.stop(begin + n * 0.22 + 0.2);
  });
}
by("sound").addEventListener("click", () => {
  sounds = !sounds;
  localStorage.setItem("sound", sounds ? "on" : "off");
  showSound();
  tone(); // heard once now, so that one knows what to listen for
});
showSound();

const emergencies = new Set();
function cue(open, first) {
  const waiting = open.filter(one => one.urgency === "emergency" && one.state !== "connected");
  const fresh = waiting.filter(one => !emergencies.has(one.id));
  waiting.forEach(one => emergencies.add(one.id));
  const shown = by("emergency").dataset.id;
  if (shown && (!board.cards.has(shown) || board.cards.get(shown).state === "connected")) {
    by("emergency").hidden = true;
    delete by("emergency").dataset.id;
  }
  if (!fresh.length || first) return;
  const one = fresh[0], link = make("a", "", "Details");
  link.href = `/console/requests/${one.id}`;
  by("emergency").replaceChildren(`New emergency: ${one.language || "language not known yet"}, ${one.who}${one.place ? ", " + one.place : ""} `, link);
  by("emergency").dataset.id = one.id;
  by("emergency").hidden = false;
  tone();
}

// -- what comes -------------------------------------------------------------------------------------------------------

function heardBoard(event) {
  const told = JSON.parse(event.data);
  if (told.whole) board.cards.clear();
  for (const one of told.open) board.cards.set(one.id, one);
  if (told.order) {
    board.order = told.order;
    const kept = new Set(told.order);
    for (const id of [...board.cards.keys()]) if (!kept.has(id)) board.cards.delete(id);
  }
  if (told.places) board.places = told.places;
  board.free = told.free;
  ahead = Date.parse(told.now) - Date.now();
  by("live").textContent = "live";
  by("live").classList.add("on");
  drawBoard(told);
  cue(told.open, told.whole);
}
function heardRoster(event) {
  const told = JSON.parse(event.data);
  if (told.whole) board.roster = told.rows;
  else {
    // Only the rows that changed were sent: put them into what is known.
    const changed = new Map(told.rows.map(one => [one.id, one])), gone = new Set(told.gone);
    const kept = board.roster.filter(one => !gone.has(one.id)).map(one => {
      const now = changed.get(one.id) || one;
      changed.delete(one.id);
      return now;
    });
    board.roster = [...kept, ...changed.values()];
  }
  board.rosterCame = true;
  drawRoster();
}
function heardTrouble(event) {
  by("trouble").hidden = false;
  by("trouble").textContent = JSON.parse(event.data).reason;
}
listen("/console/events", {board: heardBoard, roster: heardRoster, trouble: heardTrouble}, () => {
  by("live").textContent = "not connected: what you see may be old";
  by("live").classList.remove("on");
});
by("find").addEventListener("input", drawRoster);
setInterval(tick, 500);
