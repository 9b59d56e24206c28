"use strict";
// What a reader chose stands in the address: #check:NAME is a row, #checks?q=..&state=..&by=..&down is a search and an order.
const collator = new Intl.Collator(undefined, { numeric: true });
const setters = [], MOST = 250, PRINTED = 2000; // rows shown until asked for all: layout takes as long as what is shown
let dressed = () => {};
for (const box of document.querySelectorAll(".search")) {
  const table = document.getElementById(box.dataset.table), body = table.tBodies[0];
  // Rows that are not shown are not in the page; those beyond the first 2,000 are made, after the first, when they are shown.
  const more = JSON.parse(document.getElementById("more-" + table.id)?.textContent ?? '{"rows": []}');
  const rows = [...body.rows].map(row => ({ id: row.id, state: row.dataset.state, row }));
  for (const [check, state, why, claims, cells] of more.rows)
    rows.push({ id: "check:" + check.split(/\s+/).join("_"), state: more.states[state][0], check, why, claims, cells, mark: state });
  const byId = new Map(rows.map(one => [one.id, one])), pattern = body.rows[0]?.cloneNode(true);
  const made = one => {
    if (one.row) return one.row;
    const row = one.row = pattern.cloneNode(true), [word, sign] = more.states[one.mark], link = row.querySelector("th a");
    row.id = one.id;
    Object.assign(row.dataset, { state: word, why: one.why, claims: more.claims[one.claims] });
    row.cells[0].dataset.value = one.mark;
    Object.assign(row.cells[0].firstElementChild, { className: "verdict " + word.replace(" ", "-"), textContent: `${sign} ${word}` });
    link.href = "#" + encodeURIComponent(one.id);
    link.textContent = one.check;
    one.cells.forEach((cell, i) => {
      const [text, value] = [].concat(cell), place = row.cells[i + 2];
      place.textContent = text;
      if (value === undefined) delete place.dataset.value; else place.dataset.value = value;
    });
    return row;
  };
  const key = (one, by) => {
    if (one.row) return keyed(one.row, by);
    return by > 1 ? String([].concat(one.cells[by - 2]).at(-1)) : by ? one.check : String(one.mark);
  };
  const [words, chosen, count, all] = box.querySelectorAll("input, select, output, button");
  const order = { by: -1, down: false };
  let most = MOST, inOrder = rows;
  const text = one => one.text ??= (one.row
    ? [one.row.textContent, one.row.dataset.claims] : [one.state, one.check, one.cells.join(" "), more.claims[one.claims]]).join(" ").toLowerCase();
  const show = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = inOrder.filter(one => (!chosen.value || one.state === chosen.value)
      && wanted.every(word => text(one).includes(word)));
    const few = found.slice(0, most).map(made);
    few.forEach(row => dressed(row));
    body.replaceChildren(...few);
    all.hidden = found.length <= most;
    all.textContent = found.length > most + PRINTED ? `show ${PRINTED} more` : `show all ${found.length}`;
    count.value = `${found.length} of ${rows.length} rows` + (found.length > most ? `, the first ${most} shown` : "");
  };
  const sort = () => { inOrder = order.by < 0 ? rows : ordered(table, rows, key, order.by, order.down); };
  all.addEventListener("click", () => { most += PRINTED; show(); });
  addEventListener("beforeprint", () => { most = Math.max(most, PRINTED); show(); });
  const tell = () => {
    const said = new URLSearchParams();
    if (words.value) said.set("q", words.value);
    if (chosen.value) said.set("state", chosen.value);
    if (order.by >= 0) said.set("by", order.by);
    if (order.down) said.set("down", "");
    history.replaceState(null, "", "#checks" + (String(said) ? "?" + said : ""));
  };
  const read = said => {
    words.value = said.get("q") || "";
    chosen.value = said.get("state") || "";
    order.by = said.has("by") ? Number(said.get("by")) : -1;
    order.down = said.has("down");
    sort();
    show();
  };
  // A row that is asked for and was left out is shown with all that come before it in the order of the page.
  const reveal = id => {
    const one = byId.get(id);
    if (one && !one.row?.isConnected) {
      read(new URLSearchParams());
      most = Math.max(most, rows.indexOf(one) + 1);
      show();
    }
    return one?.row;
  };
  setters.push({ read, reveal });
  box.hidden = false;
  box.addEventListener("input", () => { show(); tell(); });
  for (const link of document.querySelectorAll("[data-search]"))
    link.addEventListener("click", event => { event.preventDefault(); read(new URLSearchParams({ q: link.dataset.search })); tell(); box.scrollIntoView(); words.focus(); });
  table.addEventListener("sorted", event => {
    event.preventDefault();
    Object.assign(order, event.detail);
    sort();
    show();
    tell();
  });
  setters.at(-1).show = show;
}
const keyed = (row, by) => row.cells[by].dataset.value ?? row.cells[by].textContent.trim();
function ordered(table, rows, keyOf, by, down) {
  const heads = [...table.tHead.rows[0].cells];
  if (!heads[by]) return rows;
  for (const head of heads) head.removeAttribute("aria-sort");
  heads[by].setAttribute("aria-sort", down ? "descending" : "ascending");
  const all = rows.map(row => {
    const key = keyOf(row, by);
    return { row, key, number: key === "" ? NaN : Number(key) };
  });
  const sign = down ? -1 : 1;
  all.sort((a, b) => (a.key === "") - (b.key === "")
    || sign * (isNaN(a.number) || isNaN(b.number) ? collator.compare(a.key, b.key) : a.number - b.number));
  return all.map(one => one.row);
}
for (const table of document.querySelectorAll("table.sortable"))
  [...table.tHead.rows[0].cells].forEach((head, by) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      const body = table.tBodies[0], event = new CustomEvent("sorted", { detail: { by, down }, cancelable: true });
      if (table.dispatchEvent(event)) body.replaceChildren(...ordered(table, [...body.rows], keyed, by, down));
    });
  });
// Every check has its command: a button copies it and shows it beside the name, to be selected where there is no clipboard.
const command = document.getElementById("one-check");
const quoted = name => /^[\w@%+=:,./-]+$/.test(name) ? name : "'" + name.replaceAll("'", `'"'"'`) + "'";
const named = head => head.dataset.value ?? head.textContent;
const repeats = head => command.dataset.template.replace(command.dataset.here, () => "--check " + quoted(named(head)));
const told = document.createElement("p");
told.className = "copied";
told.setAttribute("role", "status");
document.querySelector("main").append(told);
const copied = async (button, code) => {
  try {
    await navigator.clipboard.writeText(code.textContent);
  } catch {
    getSelection().selectAllChildren(code);
    if (!document.execCommand("copy")) return;
  }
  told.textContent = "The command is copied.";
  button.dataset.said = "copied";
  setTimeout(() => { told.textContent = ""; delete button.dataset.said; }, 2000);
};
const copier = (label, code) => {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.setAttribute("aria-label", label);
  button.addEventListener("click", () => copied(button, code()));
  return button;
};
// What a row of the table asks, why, and of which claims, in words that stand elsewhere on the page.
const about = head => {
  const row = head.parentElement, asks = document.getElementById("suite:" + named(head).split("/")[0]);
  if (!row.dataset.why) return [];
  const said = document.createElement("p");
  said.append(asks?.nextElementSibling.querySelector(".asks")?.textContent || "",
    " This check: " + document.getElementById("whys").children[row.dataset.why].textContent + ".");
  const claims = (row.dataset.claims || "").split(" ").filter(name => name && document.getElementById(name));
  if (claims.length) said.append(" It bears on ");
  claims.forEach((name, i) => {
    const link = document.createElement("a");
    link.href = "#" + encodeURIComponent(name);
    link.textContent = name;
    said.append(...(i ? [", ", link] : [link]));
  });
  return [said];
};
const shown = head => {
  let code = head.querySelector(".command");
  if (!code) {
    head.dataset.value = named(head);
    code = document.createElement("code");
    code.className = "command";
    code.textContent = repeats(head);
    const more = document.createElement("div");
    more.className = "more";
    more.append(...about(head), code);
    head.append(more);
  }
  return code;
};
const dress = head => {
  if (!head.querySelector(".copy")) head.append(copier("copy the command of " + named(head), () => shown(head)));
};
if (command) {
  document.querySelectorAll(".evidence tbody th").forEach(dress);
  dressed = row => dress(row.cells[1]);
}
for (const code of document.querySelectorAll("p > .command:not([data-template])")) code.after(copier("copy this command", () => code));
const follow = () => {
  const hash = decodeURIComponent(location.hash.slice(1));
  if (hash.startsWith("checks?")) {
    for (const one of setters) one.read(new URLSearchParams(location.hash.slice("#checks?".length)));
    document.getElementById("checks").scrollIntoView();
  }
  const row = hash.startsWith("check:") && setters.map(one => one.reveal(hash)).find(Boolean);
  if (!row || !command) return;
  shown(row.querySelector("th"));
  row.scrollIntoView({ block: "center" });
};
for (const one of setters) one.show();
addEventListener("hashchange", follow);
if (location.hash) follow();
// Only what scrolls needs the focus.
const fit = () => {
  for (const box of document.querySelectorAll(".wide")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
};
addEventListener("resize", fit);
addEventListener("load", fit);
addEventListener("beforeprint", () => { for (const one of document.querySelectorAll("details")) one.open = true; });
