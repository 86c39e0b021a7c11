// Updates the board every half minute while it is visible. Parts that have the focus, are open or hold a number that was
// typed stay as they are.
"use strict";
(() => {
  const board = document.getElementById("board");
  if (!board) return;
  if (matchMedia("(min-width: 112rem)").matches) {
    for (const fold of document.querySelectorAll("#board-pane details")) fold.open = true;
  }

  const isTyped = (input) => input.value !== input.defaultValue;
  const hasFocus = (element) =>
    element.contains(document.activeElement) || [...element.querySelectorAll("input.typed")].some(isTyped);
  const bare = (element) => {
    const clone = element.cloneNode(true);
    for (const details of [clone, ...clone.querySelectorAll("details")]) details.removeAttribute("open");
    for (const button of clone.querySelectorAll("[data-copies]")) button.hidden = true;
    return clone;
  };
  // Parts are matched by id. A part with data-keyed is updated child by child, any other as a whole.
  const renew = (old, fresh) => {
    if (bare(old).isEqualNode(bare(fresh))) return;
    if (!("keyed" in old.dataset && "keyed" in fresh.dataset)) {
      if (hasFocus(old)) return;
      if (old.open) fresh.open = true;
      for (const details of old.querySelectorAll("details[open][id]")) {
        const same = fresh.querySelector(`[id="${details.id}"]`);
        if (same) same.open = true;
      }
      old.replaceWith(fresh);
      return;
    }
    const left = new Map([...old.children].map((child) => [child.id, child]));
    let place = null;
    for (const child of [...fresh.children]) {
      const known = left.get(child.id);
      left.delete(child.id);
      if (known) renew(known, child);
      const shown = known && known.isConnected ? known : child;
      const next = place ? place.nextElementSibling : old.firstElementChild;
      if (shown !== next && !(shown.isConnected && hasFocus(shown))) old.insertBefore(shown, next);
      place = shown;
    }
    for (const gone of left.values()) if (!hasFocus(gone)) gone.remove();
  };

  const refresh = async () => {
    const answer = await fetch(board.dataset.address);
    if (!answer.ok || answer.redirected) return false; // signed out: the link leads to the sign-in page
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("board");
    if (!fresh) return false;
    renew(board, fresh);
    for (const id of ["day-head", "board-pane"]) {
      const part = document.getElementById(id);
      if (part && page.getElementById(id)) renew(part, page.getElementById(id));
    }
    document.dispatchEvent(new Event("renewed"));
    return "refresh" in fresh.dataset;
  };
  const every = Number(board.dataset.refresh) * 1000;
  if (!every) return;
  let last = Date.now();
  let goesOn = true;
  const tick = async () => {
    if (!goesOn || document.hidden || Date.now() - last < every) return;
    last = Date.now();
    try {
      goesOn = await refresh();
    } catch {
      // no connection: try again in half a minute
    }
  };
  setInterval(tick, 1000);
  document.addEventListener("visibilitychange", tick);
})();
