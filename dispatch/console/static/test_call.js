"use strict";
// A test call, live. Without this script the page shows where it stood when it was drawn.

const check = document.getElementById("check");
if (check && !check.hasAttribute("data-over")) {
  const shown = (id, words) => {
    const place = document.getElementById(id);
    place.textContent = words || "";
    place.hidden = !words;
  };
  const source = new EventSource(check.dataset.events);
  check.querySelector(".again").hidden = true;
  source.addEventListener("check", event => {
    const told = JSON.parse(event.data);
    const said = document.getElementById("check-said");
    said.textContent = told.said;
    said.className = "check-state" + (told.good ? " good" : told.over ? " bad" : "");
    shown("check-words", told.words);
    shown("check-next", told.next);
    const steps = document.getElementById("check-steps");
    for (const old of steps.querySelectorAll("[data-step]")) old.remove();
    for (const one of told.steps || []) {
      const line = document.createElement("li"), at = document.createElement("time"), words = document.createElement("span");
      line.dataset.step = "";
      at.dateTime = one.at;
      at.dataset.local = "time";
      words.textContent = one.said;
      line.append(at, words);
      steps.append(line);
    }
    localTimes(steps);
    if (told.over) {
      source.close();
      document.getElementById("ring").hidden = false;
    }
  });
}
