"use strict";
// Dragging on an interpreter's week: free hours go into the form, an entry is moved. Saving is always a step of its own.

const table = document.querySelector("table[data-week]");
const form = document.getElementById("entry");
if (table && form) {
  document.getElementById("drag-help").hidden = false;
  const body = table.tBodies[0];
  const days = [...table.tHead.querySelectorAll("[data-date]")];
  const clock = slot => String(Math.floor(slot / 2) % 24).padStart(2, "0") + (slot % 2 ? ":30" : ":00");

  // Where the pointer is: cells span rows, so the half hour is told by the height alone.
  const place = event => {
    const box = body.getBoundingClientRect();
    const slot = Math.floor((event.clientY - box.top) / box.height * 48);
    const day = days.findIndex(head => event.clientX < head.getBoundingClientRect().right);
    return {slot: Math.min(Math.max(slot, 0), 47), day: day < 0 ? 6 : day};
  };

  let from = null, key = "";
  const shade = document.createElement("div");
  shade.className = "shade";
  shade.hidden = true;
  table.parentElement.append(shade);
  const show = to => {
    const box = body.getBoundingClientRect(), around = table.parentElement.getBoundingClientRect();
    const first = days[Math.min(from.day, to.day)].getBoundingClientRect(), last = days[Math.max(from.day, to.day)].getBoundingClientRect();
    const top = Math.min(from.slot, to.slot), high = Math.abs(from.slot - to.slot) + 1;
    shade.style.left = first.left - around.left + table.parentElement.scrollLeft + "px";
    shade.style.width = last.right - first.left + "px";
    shade.style.top = box.top - around.top + top * box.height / 48 + "px";
    shade.style.height = high * box.height / 48 + "px";
    shade.hidden = false;
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
  body.addEventListener("pointercancel", () => { from = null; shade.hidden = true; });
  body.addEventListener("pointerup", event => {
    if (!from) return;
    const to = place(event), start = from;
    from = null;
    shade.hidden = true;
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
