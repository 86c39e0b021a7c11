// The map is arranged in itself: a tile is dragged, or moved with the arrow keys, and the numbers below it follow.
"use strict";
(() => {
  const map = document.getElementById("map");
  if (!map) return;
  const fields = map.closest("form").elements;
  const cells = [...map.querySelectorAll("td")];
  const across = map.rows[0].cells.length;
  const tileOf = (target) => target.closest("[data-code]");
  const spot = (cell) => ({ column: cells.indexOf(cell) % across + 1, line: Math.floor(cells.indexOf(cell) / across) + 1 });
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across };

  const move = (tile, cell) => {
    const from = tile.parentElement;
    if (!cell || cell === from) return;
    from.append(...cell.children);
    cell.append(tile);
    for (const each of map.querySelectorAll("[data-code]")) {
      for (const [axis, value] of Object.entries(spot(each.parentElement))) {
        fields[`${axis}-${each.dataset.code}`].value = value;
      }
    }
    document.getElementById("map-said").textContent = Object.entries({ unit: tile.textContent, ...spot(cell) })
      .reduce((words, [name, value]) => words.replace(`{${name}}`, value), map.dataset.said);
    tile.focus();
  };

  for (const tile of map.querySelectorAll("[data-code]")) {
    tile.tabIndex = 0;
    tile.setAttribute("role", "button");
    tile.setAttribute("aria-describedby", "map-help");
  }
  document.getElementById("map-help").hidden = false;

  map.addEventListener("keydown", (event) => {
    const tile = tileOf(event.target);
    const step = steps[event.key];
    if (!tile || !step) return;
    event.preventDefault();
    const at = cells.indexOf(tile.parentElement);
    if (Math.abs(step) === 1 && Math.floor(at / across) !== Math.floor((at + step) / across)) return;
    move(tile, cells[at + step]);
  });

  let over = null;
  const below = (event) => {
    const found = document.elementFromPoint(event.clientX, event.clientY)?.closest("#map td") ?? null;
    if (over !== found) {
      over?.classList.remove("is-over");
      found?.classList.add("is-over");
    }
    over = found;
    return found;
  };
  map.addEventListener("pointerdown", (event) => {
    const tile = tileOf(event.target);
    if (!tile || event.button) return;
    tile.setPointerCapture(event.pointerId);
    tile.onpointermove = below;
    tile.onpointerup = (up) => move(tile, below(up));
    tile.onlostpointercapture = () => {
      tile.onpointermove = tile.onpointerup = null;
      over?.classList.remove("is-over");
      over = null;
    };
  });

  map.closest("form").addEventListener("change", (event) => {
    const code = event.target.name.replace(/^(column|line)-/, "");
    const tile = [...map.querySelectorAll("[data-code]")].find((each) => each.dataset.code === code);
    const column = Number(fields[`column-${code}`]?.value);
    const line = Number(fields[`line-${code}`]?.value);
    if (tile && column >= 1 && column <= across && line >= 1) move(tile, cells[(line - 1) * across + column - 1]);
  });
})();
