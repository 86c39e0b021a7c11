// Finds units by typing, without accents. The key "/" goes to the search field. In forms, a long list of units becomes
// a text field with suggestions; the form still sends the list.
"use strict";
(() => {
  const SHOWN = 8;
  document.addEventListener("keydown", (event) => {
    const search = document.getElementById("head-search");
    if (event.key !== "/" || !search || !search.offsetParent) return;
    if (event.target.closest("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    search.select();
  });

  // From the second letter on, suggests the first units that the search page finds.
  document.querySelectorAll("form.search").forEach((form) => {
    const found = document.createElement("ul");
    let later;
    found.hidden = true;
    form.classList.add("chooser");
    form.append(found);
    form.addEventListener("input", ({ target }) => {
      clearTimeout(later);
      found.hidden = true;
      if (target.value.trim().length < 2) return;
      later = setTimeout(async () => {
        const asked = target.value;
        const answer = await fetch(`${form.action}?list=1&q=${encodeURIComponent(asked)}`);
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        if (target.value !== asked) return; // a newer answer is on its way
        found.replaceChildren(...[...page.querySelectorAll(".found-units li")].slice(0, SHOWN));
        found.hidden = !found.children.length;
      }, 250);
    });
    found.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
    form.addEventListener("keydown", ({ key }) => { if (key === "Escape") found.hidden = true; });
  });

  const MANY = 12; // units; a longer list gets the text field
  const fold = (text) => text.toLowerCase().replace(/đ/g, "d").normalize("NFD").replace(/\p{M}/gu, "")
    .replace(/[\s,]+/g, " ").trim();

  // Name and superior of each unit, from the indents of the list; the top unit is not named as a superior.
  const entriesOf = (select) => {
    const above = [];
    return [...select.options].filter(({ value }) => value).map((option) => {
      const depth = option.textContent.search(/\S/); // its `text` has lost the spaces
      const name = option.text.trim();
      above.length = depth;
      const superiors = above.filter(Boolean).slice(1);
      above[depth] = name;
      const words = fold(`${name} ${superiors.join(" ")}`).split(" ");
      return { option, name, superior: superiors.at(-1) || "", words };
    });
  };

  const choose = (select) => {
    const entries = entriesOf(select);
    if (entries.length < MANY) return;
    const box = document.createElement("div");
    const input = document.createElement("input");
    const list = document.createElement("ul");
    box.className = "chooser";
    input.id = select.id;
    select.id = `${input.id}-list`;
    list.id = `${input.id}-found`;
    list.setAttribute("role", "listbox");
    list.hidden = true;
    const said = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id };
    for (const [name, value] of Object.entries({ ...said, autocomplete: "off", placeholder: select.dataset.search })) {
      input.setAttribute(name, value);
    }
    for (const name of ["aria-describedby", "aria-invalid"]) {
      if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
    }
    list.setAttribute("aria-label", select.dataset.search);
    select.hidden = true;
    select.before(box);
    box.append(input, list);

    let found = [];
    let at = -1;
    const nameOf = () => (entries.find(({ option }) => option.selected) || { name: "" }).name;
    const close = () => {
      list.hidden = true;
      at = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };
    const take = (entry) => {
      select.value = entry ? entry.option.value : "";
      input.value = nameOf();
      select.dispatchEvent(new Event("change", { bubbles: true }));
      close();
    };
    const mark = (to) => {
      at = to;
      [...list.children].forEach((item, number) => item.setAttribute("aria-selected", String(number === at)));
      if (at >= 0) input.setAttribute("aria-activedescendant", list.children[at].id);
    };
    const show = () => {
      const typed = fold(input.value).split(" ");
      found = entries.filter(({ words }) => typed.every((word) => words.some((own) => own.startsWith(word))));
      const own = (entry) => fold(entry.name).includes(typed.join(" "));
      found = [...found.filter(own), ...found.filter((entry) => !own(entry))].slice(0, SHOWN);
      list.replaceChildren(...found.map((entry, number) => {
        const item = document.createElement("li");
        item.id = `${list.id}-${number}`;
        item.setAttribute("role", "option");
        item.textContent = entry.superior ? `${entry.name} · ${entry.superior}` : entry.name;
        item.addEventListener("pointerdown", (event) => {
          event.preventDefault(); // the field keeps the focus
          take(entry);
        });
        return item;
      }));
      list.hidden = !found.length;
      input.setAttribute("aria-expanded", String(!list.hidden));
      mark(-1); // nothing is selected until the person selects it
    };
    input.value = nameOf();
    input.addEventListener("input", show);
    input.addEventListener("keydown", (event) => {
      const { key } = event;
      if (key === "ArrowDown" && list.hidden) show();
      else if (key === "ArrowDown" || key === "ArrowUp") {
        if (found.length) mark(key === "ArrowDown" ? (at + 1) % found.length : (at < 1 ? found.length : at) - 1);
      } else if (key === "Enter" && !list.hidden) {
        if (at >= 0 || found.length === 1) take(found[Math.max(at, 0)]);
      }
      else if (key === "Escape" && !list.hidden) close();
      else return;
      event.preventDefault();
    });
    input.addEventListener("blur", () => {
      if (input.value !== nameOf()) take(input.value && found.length === 1 ? found[0] : null);
      close();
    });
  };
  document.querySelectorAll("select[data-search]").forEach(choose);
})();
