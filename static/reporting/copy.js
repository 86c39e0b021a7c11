// Buttons that copy a text or print the page. Without script people copy the text by hand.
"use strict";
(() => {
  const offer = () => { for (const button of document.querySelectorAll("[data-copies]")) button.hidden = false; };
  offer();
  document.addEventListener("renewed", offer); // by board.js
  document.addEventListener("click", async ({ target }) => {
    const { copies, copied } = target.dataset;
    if (!copies) return;
    const text = document.getElementById(copies);
    try {
      await navigator.clipboard.writeText(text.value);
    } catch {
      const details = text.closest("details");
      if (details) details.open = true;
      text.focus();
      text.select();
      if (!document.execCommand("copy")) return;
    }
    target.textContent = copied;
    target.setAttribute("aria-live", "polite");
  });
  const print = document.getElementById("print");
  if (!print) return;
  print.hidden = false;
  print.addEventListener("click", () => window.print());
})();
