"use strict";
// One request's page, live: what was only read is replaced at once, what a hand is on waits until it is asked for.

const newer = document.getElementById("newer");
const address = `/console/requests/${newer.dataset.request}`;
const stepIn = document.getElementById("step-in");
let running = null, again = false, untouched = true;

stepIn.addEventListener("input", () => { untouched = false; });

function replace(old, made) {
  const key = document.activeElement && document.activeElement.dataset.key;
  const within = old.contains(document.activeElement);
  old.replaceWith(made);
  if (within && key) {
    const same = made.querySelector(`[data-key="${key}"]`);
    if (same) same.focus({preventScroll: true});
  }
}

// Done when what is shown was asked for after this call: a fetch on its way may still be of what was before.
function fresh() {
  again = true;
  running = running || fetchNews();
  return running;
}

async function fetchNews() {
  try {
    while (again) {
      again = false;
      const answer = await fetch(`${address}/live`, asConsole({}));
      if (answer.status === 401) { location.href = (await answer.json()).sign_in; return; }
      if (answer.ok) show(await parsedPage(answer));
    }
  } finally {
    running = null; // at once: who asks from here on begins a fetch of their own
  }
}

function show(page) {
  const version = page.getElementById("newer").dataset.version, words = page.getElementById("facts-title").textContent;
  for (const part of document.querySelectorAll("[data-live]")) {
    const made = page.querySelector(`[data-live="${part.dataset.live}"]`);
    if (made && made.innerHTML !== part.innerHTML) replace(part, made);
  }
  document.title = page.title;
  if (version !== newer.dataset.version) {
    newer.textContent = `This request has changed: ${words}`;
    newer.dataset.version = version;
  }
  const panel = stepIn.querySelector(".panel"), made = page.querySelector("#step-in .panel");
  if (!panel || !made || panel.dataset.version === made.dataset.version) return;
  // A form that somebody is filling in never changes under the hand.
  if (untouched && !panel.contains(document.activeElement)) panel.replaceWith(made);
  else offer(panel, made, words);
}

function offer(panel, made, words) {
  let line = panel.querySelector(".news");
  if (!line) {
    line = document.createElement("p");
    line.className = "news banner note";
    panel.prepend(line);
  }
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Show what can be done now";
  button.addEventListener("click", () => {
    untouched = true;
    panel.replaceWith(made);
    made.tabIndex = -1;
    made.focus();
  });
  line.replaceChildren(`It changed while you look: ${words}. `, button);
}

// After something was done the keyboard is where it was done, if it can be done again, and else on what can be done now.
function keepKeyboard(form) {
  if (document.activeElement !== document.body) return;
  const panel = stepIn.querySelector(".panel"), action = form.elements.action.value;
  if (!panel) return;
  const again = panel.querySelectorAll(`form:has([name=action][value="${action}"]) button`);
  panel.tabIndex = -1;
  (again.length === 1 ? again[0] : panel).focus({preventScroll: true});
}

document.addEventListener("submit", async event => {
  const action = event.target.getAttribute("action") || "";
  if (event.defaultPrevented || !action.endsWith("/act")) return;
  event.preventDefault();
  const answer = await sendAction(event.target, `${action}?on=page`);
  const panel = stepIn.querySelector(".panel");
  if (answer === null) {
    if (panel && panel.contains(document.activeElement)) document.activeElement.blur();
    untouched = true;
    await fresh();
    keepKeyboard(event.target);
    return;
  }
  const trouble = await troubleOf(answer);
  if (trouble) { panel.prepend(trouble); return; }
  const made = (await parsedPage(answer)).querySelector(".panel");
  untouched = true;
  const within = panel.contains(event.target);
  panel.replaceWith(made);
  made.tabIndex = -1;
  // Whoever pressed a phone's button stays on it: what is new is told, and the button is as it should be by now.
  if (within) made.focus();
  else await fresh();
});

const old = document.getElementById("old");
function heardVersion(event) {
  old.hidden = true;
  if (String(JSON.parse(event.data).version) !== newer.dataset.version) fresh();
}
listen(`${address}/events`, {version: heardVersion}, () => { old.hidden = false; });
