"use strict";
(() => {
  const make = (tag, text) => { const e = document.createElement(tag); if (text) e.textContent = text; return e; };
  const key = (row, i) => { const c = row.cells[i]; return c.dataset.v ?? c.textContent.trim(); };
  const order = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  for (const table of document.querySelectorAll("table.live")) {
    const body = table.tBodies[0], rows = [...body.rows], heads = [...table.tHead.rows[0].cells];
    if (rows.length < 2) continue;
    heads.forEach((head, i) => {
      const button = make("button", head.textContent);
      button.type = "button";
      button.title = "Sort by this column";
      head.textContent = "";
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        heads.forEach((h) => h.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const keyed = rows.map((row) => [key(row, i), row]);
        keyed.sort((a, b) => order.compare(a[0], b[0]) * (down ? -1 : 1));
        body.append(...keyed.map((k) => k[1]));
      });
    });
    if (rows.length < 8) continue;
    const tools = make("div"), said = make("output"), box = make("input"), name = table.caption.textContent;
    tools.className = "tools";
    box.type = "search";
    box.placeholder = "Find in " + name.toLowerCase();
    box.setAttribute("aria-label", "Find in " + name);
    tools.append(box);
    const picks = [];
    heads.forEach((head, i) => {
      if (head.dataset.pick === undefined) return;
      const words = [...new Set(rows.map((r) => r.cells[i].firstChild ? r.cells[i].firstChild.textContent.trim() : ""))];
      if (words.length < 2 || words.length > 200) return;
      const pick = make("select"), label = make("label", head.textContent + " ");
      pick.append(make("option", "any"));
      words.sort(order.compare).forEach((w) => { const o = make("option", w || "(none)"); o.value = "=" + w; pick.append(o); });
      label.append(pick);
      tools.append(label);
      picks.push([i, pick]);
      pick.addEventListener("change", filter);
    });
    const texts = rows.map((r) => r.textContent.toLowerCase());
    function filter() {
      const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      rows.forEach((row, n) => {
        const fits = words.every((w) => texts[n].includes(w)) && picks.every(([i, p]) =>
          p.value === "any" || p.value === "=" + (row.cells[i].firstChild ? row.cells[i].firstChild.textContent.trim() : ""));
        row.hidden = !fits;
        shown += fits;
      });
      said.textContent = shown + " of " + rows.length;
    }
    box.addEventListener("input", filter);
    tools.append(said);
    filter();
    table.parentElement.before(tools);
  }
  const open = () => {
    const it = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (it && it.tagName === "DETAILS") { it.open = true; it.scrollIntoView(); }
  };
  addEventListener("hashchange", open);
  open();
  for (const map of document.querySelectorAll("svg.map")) {
    const lines = [...map.querySelectorAll(".e")];
    const light = (i) => {
      map.classList.toggle("hot", i !== undefined);
      lines.forEach((l) => l.classList.toggle("on", l.dataset.a === i || l.dataset.b === i));
    };
    for (const node of map.querySelectorAll(".n")) {
      for (const on of ["mouseenter", "focus"]) node.addEventListener(on, () => light(node.dataset.i));
      for (const off of ["mouseleave", "blur"]) node.addEventListener(off, () => light(undefined));
    }
  }
})();
