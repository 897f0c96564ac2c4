"use strict";
// An arrival's page: answers by text change the plan while somebody looks at it. What is being ticked stays as it is.

const arrivalPlan = () => document.getElementById("plan");
if (arrivalPlan()) {
  const look = async () => {
    if (document.hidden) return;
    const plan = arrivalPlan();
    const headers = {"X-Requested-With": "console"};
    const answer = await fetch(`/console/arrivals/${plan.dataset.arrival}/version`, {headers});
    if (answer.status === 401) location.href = (await answer.json()).sign_in;
    if (!answer.ok || (await answer.json()).version === plan.dataset.version) return;
    const drawn = await fetch(`/console/arrivals/${plan.dataset.arrival}/live`, {headers});
    if (!drawn.ok) return;
    const page = new DOMParser().parseFromString(await drawn.text(), "text/html");
    for (const part of document.querySelectorAll("[data-live]")) {
      const fresh = page.querySelector(`[data-live="${part.dataset.live}"]`);
      if (!fresh) continue;
      const opened = [...part.querySelectorAll("details")].map(one => one.open);
      fresh.querySelectorAll("details").forEach((one, place) => { if (place in opened) one.open = opened[place]; });
      part.replaceWith(fresh);
      localTimes(fresh);
    }
  };
  setInterval(look, 3000);
}
