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

const clockTime = iso => new Date(iso).toLocaleTimeString([], {hour: "2-digit", minute: "2-digit", second: "2-digit"});

function requestRow(one) {
  const row = make("li", [one.urgency, one.state].join(" "));
  row.dataset.id = one.id;
  const title = make("div", "language", one.language || (one.guesses.length ? one.guesses.join(" or ") + "?" : "Language not known yet"));
  if (one.native) title.append(make("span", "native", one.native));
  if (one.urgency !== "routine") title.append(" ", make("span", "chip " + one.urgency, one.urgency));
  const since = one.connected || one.since;
  const clock = make("div", "clock", "");
  clock.dataset.since = since;
  clock.title = one.connected ? "talking for" : "waiting for";
  const detail = [one.who, one.channel === "text" ? "by text" : "on the phone", one.place && "at " + one.place, ...one.constraints];
  if (one.found_by) detail.push(one.found_by + (one.certainty !== null && one.certainty < 1 ? ` (${Math.round(one.certainty * 100)} %)` : ""));
  row.append(title, clock, make("div", "detail", detail.filter(Boolean).join(" · ")), make("div", "state", one.words));
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
  return row;
}

function alertRow(one) {
  const row = make("li");
  const at = make("time", "", clockTime(one.at));
  at.dateTime = one.at;
  const done = make("button", "", "Seen to");
  done.type = "button";
  done.addEventListener("click", async () => {
    done.disabled = true;
    const answer = await fetch(`/console/alerts/${one.id}/clear`, {method: "POST"});
    if (!answer.ok) done.disabled = false;
  });
  row.append(at, make("span", "words", one.reason), done);
  return row;
}

function rosterRow(one) {
  const row = make("tr");
  const who = make("td");
  who.append(make("span", "code", one.code), one.name);
  const status = make("td", "status");
  const until = one.until ? " until " + new Date(one.until).toLocaleTimeString([], {hour: "2-digit", minute: "2-digit"}) : "";
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
  for (const text of [one.who, one.language || "–", how, toConnect, talked]) row.append(make("td", "", text));
  row.prepend(ended);
  return row;
}

function drawRoster() {
  const wanted = by("find").value.trim().toLowerCase();
  const found = board.roster.filter(one => [one.code, one.name, ...one.languages].some(t => t.toLowerCase().includes(wanted)));
  by("roster").replaceChildren(...found.map(rosterRow));
  by("roster-empty").hidden = board.roster.length > 0;
}

function draw() {
  by("count-waiting").textContent = board.open.filter(one => one.state !== "connected").length;
  by("count-talking").textContent = board.open.filter(one => one.state === "connected").length;
  by("count-free").textContent = board.roster.filter(one => one.status === "on").length;
  by("nothing").hidden = board.open.length > 0;
  by("open-list").replaceChildren(...board.open.map(requestRow));
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
    clock.textContent = span(clock.dataset.since, serverNow());
    const waiting = !clock.closest("li").classList.contains("connected");
    clock.classList.toggle("long", waiting && serverNow() - Date.parse(clock.dataset.since) > 60000);
  }
}

const source = new EventSource("/console/events");
source.addEventListener("board", event => {
  board = JSON.parse(event.data);
  ahead = Date.parse(board.now) - Date.now();
  by("live").textContent = "live";
  by("live").classList.add("on");
  draw();
});
source.addEventListener("trouble", event => {
  by("trouble").hidden = false;
  by("trouble").textContent = JSON.parse(event.data).reason;
});
source.addEventListener("error", () => {
  by("live").textContent = "not connected: what you see may be old";
  by("live").classList.remove("on");
});
by("find").addEventListener("input", () => board && drawRoster());
setInterval(tick, 500);
