// The empty form of a device without a line: of the unit whose form was last opened here, of today by the device's clock.
// What follows is the form's own script: the draft is kept, and sent by the real form once there is a line.
"use strict";
(() => {
  const DAY = 24 * 60 * 60 * 1000; // milliseconds
  const today = () => Date.parse(new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Ho_Chi_Minh" }).format());
  let last = null;
  try {
    last = JSON.parse(localStorage.getItem("last-form"));
  } catch (refused) {
    // a private window: nothing is known
  }
  const form = document.querySelector("form.report");
  const isOver = () => Date.now() >= last.until; // the session: from then on the page says nothing of anybody
  if (!last || isOver()) {
    form.removeAttribute("data-of");
    return;
  }
  const leave = (event) => {
    if (!isOver()) return;
    event?.preventDefault();
    location.reload();
  };
  setTimeout(leave, last.until - Date.now());
  for (const name of ["visibilitychange", "focusin", "submit"]) document.addEventListener(name, leave, true);
  const since = Math.round((today() - last.seen) / DAY);
  const day = new Date(Date.parse(last.day) + since * DAY).toISOString().slice(0, 10);
  document.body.dataset.user = last.user;
  document.body.dataset.session = last.session;
  form.dataset.of = `${last.code}/${day}`;
  form.dataset.live = `/units/${last.code}/report/${day}/`;
  if (since) {
    form.querySelector("[data-outcome]").dataset.outcome = "";
  } else {
    Object.assign(form.dataset, { base: last.base, population: last.population });
    form.elements.base_version.value = last.version; // a report that came meanwhile is not overwritten
  }
  document.querySelector("[data-unit]").textContent = last.unit;
  document.querySelector("[data-day]").textContent = day.split("-").reverse().join("/");
  form.querySelector("label").textContent = last.label;
  form.elements.installs.name = last.name;
  document.querySelector("[data-known]").hidden = false;
  document.querySelector("[data-unknown]").hidden = true;
})();
