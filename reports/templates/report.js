"use strict";
// What a reader chose stands in the address: #check:NAME is a row, #checks?q=..&state=..&by=..&down is a search and an order.
const collator = new Intl.Collator(undefined, { numeric: true });
const setters = [], MOST = 250; // rows shown until asked for all: layout takes as long as what is shown
for (const box of document.querySelectorAll(".search")) {
  const table = document.getElementById(box.dataset.table), body = table.tBodies[0];
  const rows = [...body.rows].map(row => ({ row, text: null }));
  const [words, chosen, count, all] = box.querySelectorAll("input, select, output, button");
  const order = { by: -1, down: false }, place = new Map(rows.map(one => [one.row, one]));
  let most = MOST;
  const show = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const row of body.rows) {
      const one = place.get(row);
      if (wanted.length) one.text ??= (row.textContent + " " + (row.dataset.claims || "")).toLowerCase();
      const fits = (wanted.every(word => one.text.includes(word)) && (!chosen.value || row.dataset.state === chosen.value));
      found += fits;
      const hidden = !fits || found > most;
      if (row.hidden !== hidden) row.hidden = hidden;
    }
    all.hidden = found <= most;
    all.textContent = `show all ${found}`;
    count.value = `${found} of ${rows.length} rows` + (found > most ? `, the first ${most} shown` : "");
  };
  const sort = () => sorted(table, rows.map(one => one.row), order.by, order.down);
  const whole = () => { most = Infinity; show(); };
  all.addEventListener("click", whole);
  addEventListener("beforeprint", whole);
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
    if (order.by >= 0) sort();
    show();
  };
  setters.push({ read, whole });
  box.hidden = false;
  box.addEventListener("input", () => { show(); tell(); });
  for (const link of document.querySelectorAll("[data-search]"))
    link.addEventListener("click", event => { event.preventDefault(); read(new URLSearchParams({ q: link.dataset.search })); tell(); box.scrollIntoView(); words.focus(); });
  table.addEventListener("sorted", event => { Object.assign(order, event.detail); show(); tell(); });
  show();
}
function sorted(table, rows, by, down) {
  const heads = [...table.tHead.rows[0].cells], body = table.tBodies[0];
  if (!heads[by]) return;
  for (const head of heads) head.removeAttribute("aria-sort");
  heads[by].setAttribute("aria-sort", down ? "descending" : "ascending");
  const keyed = rows.map(row => {
    const cell = row.cells[by], key = cell.dataset.value ?? cell.textContent.trim();
    return { row, key, number: key === "" ? NaN : Number(key) };
  });
  const sign = down ? -1 : 1;
  keyed.sort((a, b) => (a.key === "") - (b.key === "")
    || sign * (isNaN(a.number) || isNaN(b.number) ? collator.compare(a.key, b.key) : a.number - b.number));
  body.replaceChildren(...keyed.map(one => one.row));
}
for (const table of document.querySelectorAll("table.sortable"))
  [...table.tHead.rows[0].cells].forEach((head, by) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      sorted(table, [...table.tBodies[0].rows], by, down);
      table.dispatchEvent(new CustomEvent("sorted", { detail: { by, down } }));
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
if (command)
  for (const head of document.querySelectorAll(".evidence tbody th, [id^=checks-table] tbody th"))
    head.append(copier("copy the command of " + named(head), () => shown(head)));
for (const code of document.querySelectorAll("p > .command:not([data-template])")) code.after(copier("copy this command", () => code));
const follow = () => {
  const hash = decodeURIComponent(location.hash.slice(1));
  if (hash.startsWith("checks?")) {
    for (const one of setters) one.read(new URLSearchParams(location.hash.slice("#checks?".length)));
    document.getElementById("checks").scrollIntoView();
  }
  const row = hash.startsWith("check:") && document.getElementById(hash);
  if (!row || !command) return;
  if (row.hidden) for (const one of setters) { one.read(new URLSearchParams()); one.whole(); }
  shown(row.querySelector("th"));
  row.scrollIntoView({ block: "center" });
};
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
