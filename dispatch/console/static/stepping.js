"use strict";
// Doing something to a request from a page: a form is sent, and a refusal shows what changed. Used with board and request.

const asConsole = extra => ({headers: {"X-Form-Token": tokenOf(), "X-Requested-With": "console"}, ...extra});

// An answer in any case: where the service is not reached, one that says so.
async function asked(address, how) {
  try {
    return await fetch(address, how);
  } catch {
    const trouble = "The service was not reached. Whether it was done shows here once it answers again.";
    return new Response(JSON.stringify({trouble}), {status: 503, headers: {"content-type": "application/json"}});
  }
}

// A page that is left listens no more; one that comes back as it was shows what is new.
let listening = null;
addEventListener("pagehide", () => listening?.close());
addEventListener("pageshow", event => { if (event.persisted && listening) location.reload(); });

// What is new from the server, kept up: a browser listens no more once it was answered by anything but a stream, as it is
// while the service starts again. `heard` does what each kind of event asks for; `lost` is called when none come.
function listen(address, heard, lost) {
  const source = listening = new EventSource(address);
  for (const [kind, hear] of Object.entries(heard)) source.addEventListener(kind, hear);
  source.addEventListener("sign_in", () => location.reload());
  source.addEventListener("error", () => {
    lost();
    if (source.readyState === EventSource.CLOSED) setTimeout(again, 3000);
  });
  async function again() {
    const answer = await asked("/console/requests/none/version", asConsole({}));
    if (answer.status === 401) location.href = (await answer.json()).sign_in;
    else if (answer.status === 404) listen(address, heard, lost); // nothing has that id: it was looked for
    else setTimeout(again, 3000);
  }
}

// Sends an action's form. Gives null where it was done, otherwise the answer to show.
async function sendAction(form, address = form.getAttribute("action")) {
  const answer = await asked(address, asConsole({method: "POST", body: new URLSearchParams(new FormData(form))}));
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
