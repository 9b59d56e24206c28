"use strict";
for (const box of document.querySelectorAll(".search")) {
  const rows = [...document.getElementById(box.dataset.table).tBodies[0].rows];
  const [words, verdict, count] = box.querySelectorAll("input, select, output");
  const show = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const text = (row.textContent + " " + (row.dataset.claims || "")).toLowerCase();
      row.hidden = !(wanted.every(word => text.includes(word)) && (!verdict.value || row.dataset.verdict === verdict.value));
      shown += !row.hidden;
    }
    count.value = `${shown} of ${rows.length} rows`;
  };
  box.hidden = false;
  box.addEventListener("input", show);
  for (const link of document.querySelectorAll("[data-search]"))
    link.addEventListener("click", () => { words.value = link.dataset.search; verdict.value = ""; show(); });
  show();
}
for (const table of document.querySelectorAll("table.sortable"))
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const key = row => row.cells[column].dataset.value ?? row.cells[column].textContent.trim();
      const compare = (a, b) => (a === "") - (b === "") || (isNaN(a) || isNaN(b) ? a.localeCompare(b) : a - b) * (down ? -1 : 1);
      table.tBodies[0].append(...[...table.tBodies[0].rows].sort((a, b) => compare(key(a), key(b))));
    });
  });
