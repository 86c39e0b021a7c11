// The offline form. Its unit is the one whose form was last opened here. Its day is today by the device's clock.
// form.js saves the draft; the real form sends it when the device is back online.
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
  const isOver = () => Date.now() >= last.until; // after the session the page shows no unit
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
    form.elements.base_version.value = last.version; // a newer report is not overwritten
  }
  document.querySelector("[data-unit]").textContent = last.unit;
  document.querySelector("[data-day]").textContent = day.split("-").reverse().join("/");
  form.querySelector("label").textContent = last.label;
  form.elements.installs.name = last.name;
  document.querySelector("[data-known]").hidden = false;
  document.querySelector("[data-unknown]").hidden = true;
})();
