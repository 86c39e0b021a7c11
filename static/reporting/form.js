// The report form's comfort: what will become of the number while it is typed, and the time left by the server's clock.
"use strict";
(() => {
  const form = document.querySelector("form.report");
  const wrong = document.querySelector("[autofocus][role=alert]");
  if (wrong) wrong.focus();
  if (!form) return;
  const data = form.dataset;
  const field = (name) => form.elements.namedItem(name);
  const read = (input) => {
    const text = input ? input.value.normalize("NFKC").trim() : "";
    return /^(\d+|\d{1,3}([. ])\d{3}(\2\d{3})*)$/.test(text) ? Number(text.replace(/\D/g, "")) : null;
  };
  const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ".");
  const share = (number) => {
    if (!data.population) return "–";
    const cut = Math.floor((number * 10000) / Number(data.population));
    return `${Math.floor(cut / 100)},${String(cut % 100).padStart(2, "0")}%`;
  };
  const outcome = form.querySelector("[data-outcome]");
  const show = () => {
    const opening = "owesOpening" in data ? read(field("opening")) || 0 : 0;
    const before = Number(data.base) + opening;
    const installs = read(field("installs"));
    const total = read(field("cumulative"));
    let after = null;
    if (installs !== null) after = before + Number(data.adjustment) + installs;
    else if (total !== null && total >= before) after = total;
    outcome.textContent = after === null ? "" : outcome.dataset.outcome
      .replace("{before}", grouped(before)).replace("{after}", grouped(after))
      .replace("{share_before}", share(before)).replace("{share_after}", share(after));
  };
  form.addEventListener("input", show);
  show();

  const countdown = document.querySelector(".countdown");
  if (!countdown || !data.closes) return;
  const closes = Date.parse(data.closes);
  const lead = Date.parse(data.now) - performance.now();
  const tick = () => {
    const left = Math.floor((closes - lead - performance.now()) / 1000);
    if (left < 0) {
      countdown.textContent = data.closedWords;
      return;
    }
    const minutes = Math.floor(left / 60);
    countdown.textContent = minutes >= 60
      ? data.hours.replace("{hours}", Math.floor(minutes / 60)).replace("{minutes}", minutes % 60)
      : data.minutes.replace("{minutes}", minutes).replace("{seconds}", left % 60);
    setTimeout(tick, 1000);
  };
  tick();
})();
