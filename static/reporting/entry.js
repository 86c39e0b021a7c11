// The grid's comfort: Enter moves down the column, and what is pasted from a spreadsheet finds its rows and is listed.
"use strict";
(() => {
  const form = document.querySelector("form.entry");
  if (!form) return;
  const wrong = document.querySelector("[autofocus]");
  if (wrong) wrong.focus();
  const words = form.dataset;
  const rows = [...form.querySelectorAll("tr[data-code]")];
  const cell = (row, column) => row.querySelector(`input[data-column="${column}"]`);
  const columnOf = (target) => (target instanceof HTMLInputElement && target.dataset.column) || null;

  form.addEventListener("keydown", (event) => {
    const column = columnOf(event.target);
    if (event.key !== "Enter" || !column || event.isComposing) return;
    event.preventDefault();
    const cells = rows.map((row) => cell(row, column)).filter(Boolean);
    const next = cells[cells.indexOf(event.target) + (event.shiftKey ? -1 : 1)];
    if (next) {
      next.focus();
      next.select();
    } else if (!event.shiftKey) form.querySelector(".save-bar button").focus();
  });

  const count = document.getElementById("changed");
  const show = () => {
    let changed = 0;
    for (const row of rows) {
      const isChanged = row.matches(".is-marked, .is-wrong")
        || [...row.querySelectorAll("input[data-column]")].some((input) => input.value !== input.defaultValue);
      row.classList.toggle("is-changed", isChanged);
      changed += isChanged ? 1 : 0;
    }
    if (count) count.textContent = changed ? words.changed.replace("{count}", changed) : "";
  };
  form.addEventListener("input", show);
  show();

  // As names.fold on the server: lower case, no accents, single spaces.
  const fold = (text) => text.toLowerCase().replace(/đ/g, "d").normalize("NFD").replace(/\p{M}/gu, "")
    .split(/\s+/).filter(Boolean).join(" ");
  const KIND = /^(?:phuong|thi tran|xa|p|tt|x)(?:\.\s*|\s+)/;
  const byKey = new Map();
  for (const row of rows) {
    for (const key of [row.dataset.code.toLowerCase(), ...row.dataset.keys.split("|")]) {
      byKey.set(key, (byKey.get(key) || new Set()).add(row));
    }
  }
  const find = (cells) => {
    for (const [place, text] of cells.entries()) {
      const key = fold(text);
      const found = key && (byKey.get(key) || byKey.get(key.replace(KIND, "")));
      if (found) return [place, [...found]];
    }
    return [cells.length, []];
  };

  const downwards = (cells, from, say) => {
    const places = rows.slice(from);
    if (cells.length > places.length && !/[0-9]/.test(cells[0])) say(words.header, cells.shift());
    cells.slice(places.length).filter(Boolean).forEach((text) => say(words.tooMany, text));
    return places.map((row, number) => [row, cells[number]]).filter(([, text]) => text);
  };
  const byName = (lines, say) => {
    const found = new Map();
    for (const cells of lines) {
      const text = cells.filter(Boolean).join(" ");
      const [place, places] = find(cells);
      const figures = cells.slice(place + 1).filter(Boolean);
      if (!text) continue;
      if (!places.length) say(words.notFound, text);
      else if (places.length > 1) say(words.ambiguous, text);
      else if (figures.length !== 1) say(words.noFigure, text);
      else if (found.has(places[0])) say(words.twice, text);
      else found.set(places[0], figures[0]);
    }
    return [...found];
  };

  const report = document.getElementById("paste-report");
  const undo = document.getElementById("paste-undo");
  let before = [];
  const line = (text, kind) => {
    const item = document.createElement("li");
    item.textContent = text;
    if (kind) item.className = kind;
    return item;
  };
  form.addEventListener("paste", (event) => {
    const column = columnOf(event.target);
    if (!column || ["paper_ref", "paper_at"].includes(column)) return;
    const text = event.clipboardData.getData("text/plain").replace(/^[\r\n]+|[\r\n]+$/g, "");
    if (!/[\n\t]/.test(text)) return;
    event.preventDefault();
    const problems = [];
    const say = (template, pasted) => problems.push(template.replace("{text}", pasted));
    const lines = text.split(/\r\n|\r|\n/).map((row) => row.split(/[\t;]/).map((part) => part.trim()));
    const filled = lines.some((cells) => cells.filter(Boolean).length > 1)
      ? byName(lines, say)
      : downwards(lines.map((cells) => cells.join("")), rows.indexOf(event.target.closest("tr")), say);
    before = [];
    const items = [];
    for (const [row, figure] of filled) {
      const input = cell(row, column);
      if (!input || input.value === figure) continue;
      items.push(line(`${row.dataset.name}: ${input.value || "–"} → ${figure}`));
      before.push([input, input.value]);
      input.value = figure;
    }
    if (!items.length && !problems.length) items.push(line(words.same));
    report.querySelector("ul").replaceChildren(...items, ...problems.map((problem) => line(problem, "error")));
    report.hidden = false;
    undo.hidden = !before.length;
    show();
    report.focus();
  });
  undo.addEventListener("click", () => {
    for (const [input, value] of before) input.value = value;
    report.hidden = true;
    show();
  });
})();
