"use strict";
// Doing something to a request from a page: a form is sent, and a refusal shows what changed. Used with board and request.

const asConsole = extra => ({headers: {"X-Form-Token": tokenOf(), "X-Requested-With": "console"}, ...extra});

// Sends an action's form. Gives null where it was done, otherwise the answer to show.
async function sendAction(form, address = form.getAttribute("action")) {
  const answer = await fetch(address, asConsole({method: "POST", body: new URLSearchParams(new FormData(form))}));
  if (answer.status === 401) location.href = (await answer.json()).sign_in;
  return answer.status === 204 ? null : answer;
}

// Our own server's page or part of one, drawn with everything escaped.
async function parsedPage(answer) {
  const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
  localTimes(parsed);
  return parsed;
}

async function troubleOf(answer) {
  if (!(answer.headers.get("content-type") || "").startsWith("application/json")) return null;
  const said = document.createElement("p");
  said.className = "problem banner";
  said.setAttribute("role", "alert");
  said.textContent = (await answer.json()).trouble;
  return said;
}
