// The grid's comfort: Enter moves down the column, a row is saved once it is left, and what is pasted from a
// spreadsheet finds its rows and is listed.
"use strict";
(() => {
  const form = document.querySelector("form.entry");
  if (!form) return;
  const wrong = document.querySelector("[autofocus]");
  if (wrong) wrong.focus();
  const clicked = document.getElementById(location.hash.slice(1)); // the row, on the board
  const asked = !wrong && clicked && clicked.querySelector("input:not([type=hidden])");
  if (asked) addEventListener("load", () => asked.focus()); // the way to a part of the page takes the focus away
  const words = form.dataset;
  const rows = [...form.querySelectorAll("tr[data-code]")];
  const cell = (row, column) => row.querySelector(`input[data-column="${column}"]`);
  const columnOf = (target) => (target instanceof HTMLInputElement && target.dataset.column) || null;

  form.addEventListener("keydown", (event) => {
    const column = columnOf(event.target);
    if (event.key !== "Enter" || !column || event.isComposing) return;
    event.preventDefault();
    const cells = rows.map((row) => cell(row, column)).filter((found) => found && found.offsetParent);
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

  // A row that was typed in is saved once it is left, one after the other, by the write of the button: what is refused
  // or asked comes back in its row. What was pasted waits for the button.
  const partsOf = (row) => (row.nextElementSibling?.matches(".entry-errors") ? [row, row.nextElementSibling] : [row]);
  const inputsOf = (row) => partsOf(row).flatMap((part) => [...part.querySelectorAll("input")]);
  const valueOf = (input) => (input.type === "checkbox" ? input.checked : input.value);
  const rowOf = (target) => (target && rows.find((row) => partsOf(row).some((part) => part.contains(target)))) || null;
  const said = document.getElementById("said");
  const reason = document.getElementById("id_reason");
  const typed = new Set();
  let waiting = 0;
  let last = Promise.resolve();
  const put = (row, fresh, sent) => {
    const focused = document.activeElement;
    const held = partsOf(row).some((part) => part.contains(focused)) ? focused.name : "";
    const later = inputsOf(row).filter((input) => sent.has(input.name) && sent.get(input.name) !== valueOf(input));
    for (const part of partsOf(row).slice(1)) part.remove();
    row.className = fresh[0].className;
    row.replaceChildren(...fresh[0].children);
    row.after(...fresh.slice(1));
    if ("waits" in fresh[0].dataset) row.dataset.waits = "";
    else delete row.dataset.waits;
    for (const input of inputsOf(row)) {
      const same = later.find(({ name }) => name === input.name);
      if (same && input.type === "checkbox") input.checked = same.checked;
      else if (same) input.value = same.value;
      if (held && input.name === held) input.focus();
    }
  };
  const send = async (row) => {
    const inputs = inputsOf(row);
    const body = new URLSearchParams({ row: row.dataset.code });
    for (const field of [...form.querySelectorAll(":scope > input[name]"), reason, ...inputs]) {
      if (field && (field.type !== "checkbox" || field.checked)) body.append(field.name, field.value);
    }
    const sent = new Map(inputs.map((input) => [input.name, valueOf(input)]));
    try {
      const answer = await fetch(form.getAttribute("action"), { method: "POST", body, credentials: "same-origin" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("tbody[data-said]");
      if (!fresh) throw new Error("not the row"); // signed out meanwhile: the button leads on
      put(row, [...fresh.children], sent);
      said.textContent = fresh.dataset.said;
    } catch {
      typed.add(row);
      said.textContent = words.unsaved;
    }
  };
  const save = (row) => {
    typed.delete(row);
    waiting += 1;
    last = last.then(() => send(row)).then(() => {
      waiting -= 1;
      show();
    });
  };
  if ("saves" in words) {
    document.getElementById("saves-by-row").hidden = false;
    form.addEventListener("input", (event) => {
      const row = rowOf(event.target);
      if (row) typed.add(row);
    });
    form.addEventListener("focusout", (event) => {
      const row = rowOf(event.target);
      const isLeft = event.target !== document.activeElement; // another window's turn leaves nothing
      if (row && isLeft && typed.has(row) && rowOf(event.relatedTarget) !== row) save(row);
    });
    form.addEventListener("change", (event) => {
      if (event.target.closest(".entry-errors")) save(rowOf(event.target));
      if (event.target === reason) for (const row of rows.filter((found) => "waits" in found.dataset)) save(row);
    });
    addEventListener("online", () => {
      for (const row of typed) if (rowOf(document.activeElement) !== row) save(row);
    });
  }
  let isSending = false;
  form.addEventListener("submit", async (event) => {
    const isLeft = () => form.querySelector("tr.is-changed") || event.submitter?.name || box.value.trim();
    isSending = !waiting && ("saves" in words ? isLeft() : true);
    if (isSending) return;
    event.preventDefault();
    await last;
    if (isLeft()) form.requestSubmit(event.submitter);
    else said.textContent = said.textContent || words.same;
  });
  addEventListener("beforeunload", (event) => {
    if (!isSending && (waiting || form.querySelector("tr.is-changed"))) event.preventDefault();
  });

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

  // As forms/paste.py: figures alone go downwards, after a name or code they find their row.
  const TOTALS = new Set(["tong", "cong", "tong cong", "tong so"]);
  const isFigure = (text) => /[0-9]/.test(text);
  const isNaming = (cells) => {
    const [place, found] = find(cells);
    return (found.length > 0 && cells.slice(place + 1).some(Boolean))
      || (cells.some(isFigure) && cells.some((text) => text && !isFigure(text)));
  };
  const layOut = (lines, from, columns, leave, skip) => {
    const filled = new Map();
    const put = (row, line, cells) => {
      const inputs = columns.map((column) => cell(row, column)).filter(Boolean);
      const isWider = (texts) => texts.slice(inputs.length).some(Boolean);
      const figures = isWider(cells) ? cells.filter(Boolean) : cells;
      if (isWider(figures)) leave(words.tooWide, line);
      else filled.set(row, figures.map((text, place) => [inputs[place], text]).filter(([, text]) => text));
    };
    const downwards = () => {
      const places = rows.slice(from);
      const [first] = lines;
      if (!isFigure(first.text) && (lines.length > places.length || first.cells.length > 1)) {
        skip(words.header, lines.shift());
      }
      lines.forEach((line, place) => {
        if (!line.words) return;
        if (place < places.length) put(places[place], line, line.cells);
        else leave(words.tooMany, line);
      });
    };
    const byName = () => {
      for (const [number, line] of lines.filter((one) => one.words).entries()) {
        const [place, found] = find(line.cells);
        const figures = line.cells.slice(place + 1);
        const isTotal = line.cells.some((text) => TOTALS.has(fold(text)));
        if (!found.length && (isTotal || (number === 0 && !isFigure(line.text)))) {
          skip(words.noUnit, line);
        } else if (!found.length) leave(words.notFound, line);
        else if (found.length > 1) leave(words.ambiguous, line);
        else if (!figures.some(Boolean)) leave(words.noFigure, line);
        else if (filled.has(found[0])) leave(words.twice, line);
        else put(found[0], line, figures);
      }
    };
    const several = lines.filter((line) => line.cells.filter(Boolean).length > 1);
    const naming = several.filter((line) => isNaming(line.cells));
    if (naming.length && 2 * naming.length >= several.length) byName();
    else downwards();
    return [...filled.values()].flat();
  };

  // What is pasted beside the installs, in the order of the grid; "before the campaign" is pasted for itself.
  const COLUMNS = [...new Set(rows.flatMap((row) => [...row.querySelectorAll("input[data-column]")]
    .map((input) => input.dataset.column)))].filter((name) => !["opening", "paper_ref", "paper_at"].includes(name));
  const box = form.querySelector("textarea[name=paste]");
  let stood = "";
  const keep = (left) => {
    stood = box.value;
    document.getElementById("paste-left").hidden = !left.length;
    report.classList.toggle("notice-warning", left.length > 0);
    if (!left.length) return;
    box.value = [box.value.trim(), ...left].filter(Boolean).join("\n");
    box.closest("details").open = true;
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
    const left = [];
    const skipped = [];
    const skip = (template, pasted) => skipped.push(template.replace("{text}", pasted.words));
    const leave = (template, pasted) => {
      problems.push(template.replace("{text}", pasted.words));
      left.push(pasted.text);
    };
    const lines = text.split(/\r\n|\r|\n/).map((row) => {
      const cells = row.split(/[\t;]/).map((part) => part.trim());
      return { text: row, cells, words: cells.filter(Boolean).join(" ") };
    });
    const columns = column === COLUMNS[0] ? COLUMNS : [column];
    const filled = layOut(lines, rows.indexOf(event.target.closest("tr")), columns, leave, skip);
    before = [];
    const items = [];
    for (const [input, figure] of filled) {
      if (input.value === figure) continue;
      const { name } = input.closest("tr").dataset;
      const label = input.dataset.column === COLUMNS[0] ? "" : `, ${input.closest("td").dataset.label.toLowerCase()}`;
      items.push(line(`${name}${label}: ${input.value || "–"} → ${figure}`));
      before.push([input, input.value]);
      input.value = figure;
    }
    if (!items.length && !problems.length) items.push(line(words.same));
    keep(left);
    report.querySelector("ul").replaceChildren(
      ...items,
      ...problems.map((problem) => line(problem, "error")),
      ...skipped.map((said) => line(said, "muted")),
    );
    report.hidden = false;
    undo.hidden = !before.length;
    show();
    report.focus();
  });
  undo.addEventListener("click", () => {
    for (const [input, value] of before) input.value = value;
    box.value = stood;
    report.hidden = true;
    show();
  });
})();
