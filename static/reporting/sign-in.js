// If a sign-in has to wait, sends it again when its turn comes, for up to two minutes. The password stays in its field.
"use strict";
(() => {
  const LONGEST = 120; // seconds
  let isSending = false;

  const show = (text) => {
    const page = new DOMParser().parseFromString(text, "text/html");
    document.getElementById("main").replaceWith(page.getElementById("main"));
    document.querySelector("#main [autofocus]")?.focus();
  };
  const later = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000 + Math.random() * 500));

  const send = async (form) => {
    const until = Date.now() + LONGEST * 1000;
    for (;;) {
      const body = new URLSearchParams(new FormData(form));
      const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" });
      if (answer.type === "opaqueredirect") {
        // signed in: the page redirects to the wanted page
        location.replace(`${form.action}?next=${encodeURIComponent(form.elements.next.value)}`);
        return;
      }
      const seconds = Number(answer.headers.get("Retry-After"));
      if (answer.status !== 429 || !seconds || Date.now() + seconds * 1000 > until) {
        show(await answer.text());
        return;
      }
      const waits = document.getElementById("waits");
      const said = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("#waits h2");
      for (const old of document.querySelectorAll("#main .summary:not(#waits)")) old.remove();
      if (said) waits.querySelector("h2").replaceWith(said);
      waits.querySelector("[data-with-script]").hidden = false;
      waits.querySelector("[data-without-script]").hidden = true;
      waits.hidden = false;
      await later(seconds);
    }
  };

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!("waits" in form.dataset)) return;
    event.preventDefault();
    if (isSending) return;
    isSending = true;
    try {
      await send(form);
    } catch {
      form.submit(); // no connection: the browser says so
    } finally {
      isSending = false;
    }
  });
})();
