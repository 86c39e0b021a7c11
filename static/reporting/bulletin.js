// The bulletin: copied at a touch, printed at another. Without script it is marked and copied by hand.
"use strict";
(() => {
  const [copy, print] = ["copy", "print"].map((id) => document.getElementById(id));
  for (const button of [copy, print]) button.hidden = false;
  print.addEventListener("click", () => window.print());
  copy.addEventListener("click", async () => {
    const text = document.getElementById("message");
    try {
      await navigator.clipboard.writeText(text.value);
    } catch {
      text.focus();
      text.select();
      if (!document.execCommand("copy")) return;
    }
    copy.textContent = copy.dataset.copied;
    copy.setAttribute("aria-live", "polite");
  });
})();
