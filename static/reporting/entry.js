// The grid. Enter moves down the column. A row is saved when the cursor leaves it. A table that is pasted is imported.
"use strict";
(() => {
  const form = document.querySelector("form.entry");
  if (!form) return;
  const wrong = document.querySelector("[autofocus]");
  if (wrong) wrong.focus();
  const clicked = document.getElementById(location.hash.slice(1)); // the row that was selected on the board
  const asked = !wrong && clicked && clicked.querySelector("input:not([type=hidden])");
  if (asked) addEventListener("load", () => asked.focus()); // after the browser has jumped to the row
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
    } else if (!event.shiftKey && button.hidden) event.target.blur();
    else if (!event.shiftKey) button.focus();
  });

  const button = form.querySelector(".save-bar button");
  const count = document.getElementById("changed");
  const show = () => {
    let changed = 0;
    for (const row of rows) {
      const isChanged = row.matches(".is-marked, .is-wrong, .is-asked")
        || [...row.querySelectorAll("input[data-column]")].some((input) => input.value !== input.defaultValue);
      row.classList.toggle("is-changed", isChanged);
      changed += isChanged;
    }
    if (count) count.textContent = changed ? words.changed.replace("{count}", changed) : "";
  };
  form.addEventListener("input", show);
  show();

  // Typed rows are saved one after the other, in the same way as by the button. Refusals and questions are shown in the
  // row.
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
  const ask = async (body) => {
    const answer = await fetch(form.getAttribute("action"), { method: "POST", body });
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  };
  const send = async (row) => {
    const inputs = inputsOf(row);
    const body = new URLSearchParams({ row: row.dataset.code });
    for (const field of [...form.querySelectorAll(":scope > input[name]"), reason, ...inputs]) {
      if (field && (field.type !== "checkbox" || field.checked)) body.append(field.name, field.value);
    }
    const sent = new Map(inputs.map((input) => [input.name, valueOf(input)]));
    try {
      const fresh = (await ask(body)).querySelector("tbody[data-said]");
      if (!fresh) throw new Error("not the row"); // signed out: the button leads to the sign-in page
      put(row, [...fresh.children], sent);
      if (row.matches(".is-saved")) form.saved_rows.value += ` ${row.dataset.code}`;
      said.textContent = fresh.dataset.said;
    } catch {
      typed.add(row);
      button.hidden = false;
      said.textContent = words.unsaved;
    }
  };
  const queue = (step) => {
    waiting += 1;
    last = last.then(step).then(() => {
      waiting -= 1;
      show();
    });
  };
  const save = (row) => {
    typed.delete(row);
    queue(() => send(row));
  };
  if ("saves" in words) {
    document.getElementById("saves-by-row").hidden = false;
    button.hidden = true; // until something could not be saved
    form.addEventListener("input", (event) => {
      const row = rowOf(event.target);
      if (row) typed.add(row);
    });
    form.addEventListener("focusout", (event) => {
      const row = rowOf(event.target);
      const isLeft = event.target !== document.activeElement; // another window may have the focus
      if (row && isLeft && typed.has(row) && rowOf(event.relatedTarget) !== row) save(row);
    });
    form.addEventListener("change", (event) => {
      if (event.target.closest(".entry-errors")) save(rowOf(event.target));
      if (event.target === reason) for (const row of rows.filter((found) => "waits" in found.dataset)) save(row);
    });
    const again = () => {
      for (const row of typed) if (rowOf(document.activeElement) !== row) save(row);
    };
    addEventListener("online", again);
    setInterval(again, 15000); // not every browser reports that it is back online
  }
  let isSending = false;
  form.addEventListener("submit", async (event) => {
    const isLeft = () => form.querySelector("tr.is-changed") || event.submitter?.name || box?.value.trim();
    isSending = !waiting && ("saves" in words ? isLeft() : true);
    if (isSending) return;
    event.preventDefault();
    await last;
    if (isLeft()) form.requestSubmit(event.submitter);
    else said.textContent ||= words.same;
  });
  addEventListener("beforeunload", (event) => {
    if (!isSending && (waiting || form.querySelector("tr.is-changed"))) event.preventDefault();
  });

  // A table that is pasted into the grid goes into the box below it, and from there to the preview of an import.
  const box = form.querySelector("textarea[name=paste]");
  form.addEventListener("paste", (event) => {
    const column = columnOf(event.target);
    const text = event.clipboardData.getData("text/plain").replace(/[\r\n]+$/, "");
    if (!column || column === "paper_ref" || !/[\n\t]/.test(text)) return;
    event.preventDefault();
    if (!box || !["installs", "opening"].includes(column)) {
      said.textContent = words.single;
      return;
    }
    Object.assign(form.paste_row, { value: rowOf(event.target).dataset.code });
    Object.assign(form.paste_column, { value: column });
    box.value = text;
    box.closest("details").open = true;
    form.requestSubmit(form.querySelector("button[value=paste]"));
  });
})();
