"use strict";
// Coverage: the map changes while the draft shift is being filled in. Without this the form's button does the same.

const draft = document.querySelector("form[data-what-if]");
if (draft) {
  let asked = 0;
  const show = async () => {
    const mine = ++asked;
    const address = `${draft.action}?${new URLSearchParams(new FormData(draft))}`;
    const answer = await fetch(address, {headers: {"X-Requested-With": "console"}});
    if (!answer.ok || mine !== asked) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const map = page.getElementById("map");
    if (!map) return;
    document.getElementById("map").replaceWith(map);
    history.replaceState(null, "", address);
  };
  draft.addEventListener("change", show);
  draft.addEventListener("submit", async event => {
    event.preventDefault();
    await show();
    document.querySelector("#map")?.scrollIntoView({block: "start"});
  });
}
