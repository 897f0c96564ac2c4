"use strict";
// Forms with rows: add, take out and move without a reload. Without this script the same buttons ask the server.

for (const list of document.querySelectorAll("[data-rows]")) {
  const form = list.closest("form");
  const template = form.querySelector("template[data-row-template]");

  const number = () => {
    [...list.querySelectorAll("[data-row]")].forEach((row, at) => {
      for (const field of row.querySelectorAll("[name]")) {
        if (field.name !== "do") field.name = field.name.replace(/_\d+$/, "_" + at);
      }
      for (const ordinal of row.querySelectorAll("[data-ordinal]")) ordinal.textContent = at + 1;
      for (const button of row.querySelectorAll("button[data-do]")) {
        button.value = button.dataset.do + "-" + at;
        button.setAttribute("aria-label", button.getAttribute("aria-label").replace(/\d+/, at + 1));
      }
    });
  };

  const added = () => {
    list.append(template.content.cloneNode(true));
    number();
    return list.lastElementChild;
  };

  form.addEventListener("click", event => {
    const button = event.target.closest("button[data-do]");
    if (!button) return;
    event.preventDefault();
    const row = button.closest("[data-row]");
    if (button.dataset.do === "add") {
      added().querySelector("input, select").focus();
    } else if (button.dataset.do === "remove") {
      const next = row.nextElementSibling || row.previousElementSibling;
      row.remove();
      (next || added()).querySelector("input, select").focus();
    } else {
      const other = button.dataset.do === "up" ? row.previousElementSibling : row.nextElementSibling;
      if (other) button.dataset.do === "up" ? other.before(row) : other.after(row);
      button.focus();
    }
    number();
  });
}
