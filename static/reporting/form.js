// The officer's form on a phone with a weak connection: it shows the new cumulative and the time left, saves a draft on
// the device, and sends again if the connection fails. It is one file, so that the form loads in three requests; the
// offline form uses it too. On other pages it deletes drafts that have arrived, and all drafts at sign-out.
"use strict";
(() => {
  const wrong = document.querySelector("[autofocus][role=alert]");
  if (wrong) wrong.focus();

  const number = (text) => {
    const plain = (text || "").normalize("NFKC").trim();
    return /^(\d+|\d{1,3}([. ])\d{3}(\2\d{3})*)$/.test(plain) ? Number(plain.replace(/\D/g, "")) : null;
  };
  const tidy = (text) => (text || "").normalize("NFC").replace(/\r\n?/g, "\n").trim();

  // One draft for each person, unit and day. On a shared device each person sees only their own drafts. A draft of an
  // earlier session is never sent automatically.
  const { user, session, sessionLeft } = document.body.dataset;
  const OWN = `draft/${user}/`;
  const onDevice = (use) => {
    try {
      return use(localStorage);
    } catch (refused) {
      return false; // a private window, or no room: the page does not say that a draft is saved
    }
  };
  const drafts = {
    get: (of) => onDevice((store) => JSON.parse(store.getItem(OWN + of))),
    put: (of, draft) => onDevice((store) => store.setItem(OWN + of, JSON.stringify(draft)) === undefined),
    drop: (of) => onDevice((store) => store.removeItem(OWN + of)),
    dropAll: () => onDevice((store) => {
      for (const key of Object.keys(store)) if (key.startsWith(OWN) || key === "last-form") store.removeItem(key);
    }),
  };

  onDevice((store) => {
    const last = JSON.parse(store.getItem("last-form"));
    if (last && (last.user !== user || last.session !== session)) store.removeItem("last-form");
  });

  // A draft has arrived if the page shows a report or a request with its figures.
  const isSame = (draft, record) => {
    const { fields } = draft;
    const isBeside = ([name, stored]) => {
      const typed = tidy(fields[name]);
      return (typed ? number(typed) : "") === (stored === null ? "" : stored);
    };
    return draft.installs !== null && String(draft.installs) === record.installs
      && Object.entries(JSON.parse(record.beside)).every(isBeside)
      && tidy(fields.note) === record.note
      && (!fields.covers || (fields.covers !== "day_only") === ("included" in record));
  };
  for (const { dataset } of document.querySelectorAll("[data-arrived]")) {
    const draft = drafts.get(dataset.of);
    if (draft && isSame(draft, dataset)) drafts.drop(dataset.of);
  }
  for (const note of document.querySelectorAll("[data-draft-note]")) {
    note.hidden = !drafts.get(note.dataset.of);
    note.querySelector("[data-discard]").addEventListener("click", () => {
      drafts.drop(note.dataset.of);
      note.hidden = true;
    });
  }
  document.addEventListener("click", ({ target }) => {
    const keeps = target.closest("[data-drops-draft]");
    if (keeps) drafts.drop(keeps.dataset.dropsDraft);
  });
  document.addEventListener("submit", ({ target }) => {
    if ("signsOut" in target.dataset) drafts.dropAll();
  });

  const form = document.querySelector("form.report[data-of]");
  if (!form) return;
  const data = form.dataset;
  const field = (name) => form.elements.namedItem(name);
  const valueOf = (name) => (field(name) ? field(name).value : "");

  // The cumulative and the share that the typed number leads to.
  const [thousands, decimal] = document.documentElement.lang === "en" ? [",", "."] : [".", ","];
  const grouped = (whole) => String(whole).replace(/\B(?=(\d{3})+$)/g, thousands);
  const share = (whole) => {
    if (!data.population) return "–";
    const cut = Math.floor((whole * 10000) / Number(data.population));
    return `${Math.floor(cut / 100)}${decimal}${String(cut % 100).padStart(2, "0")}%`;
  };
  const before = () => Number(data.base) + ("owesOpening" in data ? number(valueOf("opening")) || 0 : 0);
  const outcome = form.querySelector("[data-outcome]");
  const show = () => {
    const installs = number(valueOf("installs"));
    const total = number(valueOf("cumulative"));
    let after = null;
    if (installs !== null) after = before() + Number(data.adjustment) + installs;
    else if (total !== null && total >= before()) after = total;
    const { outcome: words, unusual, usual } = outcome.dataset;
    const isUnusual = after !== null && usual !== "" && after - before() - Number(data.adjustment) > Number(usual);
    outcome.classList.toggle("is-unusual", isUnusual);
    outcome.textContent = after === null ? "" : words
      .replace("{before}", grouped(before())).replace("{after}", grouped(after))
      .replace("{share_before}", share(before())).replace("{share_after}", share(after))
      + (isUnusual ? ` · ! ${unusual}` : "");
  };

  // The draft. It contains the version of the report on the page, so it cannot overwrite a newer report.
  const beside = [...form.querySelectorAll("[data-beside]")].map(({ name }) => name);
  const TYPED = ["opening", "installs", "cumulative", "covers", ...beside, "note", "reason", "other_reason"];
  const HIDDEN = ["base_version"];
  const box = form.querySelector(".draft");
  const line = box.querySelector("[role=status]");
  const discard = box.querySelector("[data-discard]");
  const ask = box.querySelector("[data-send]");
  const primary = form.querySelector("button.primary:not([type])");
  const say = (words) => { if (line.textContent !== words) line.textContent = words; };
  const read = (names) => {
    const fields = {};
    for (const name of names) if (field(name)) fields[name] = field(name).value;
    return fields;
  };
  const write = (fields) => {
    for (const name of [...TYPED, ...HIDDEN]) if (field(name) && name in fields) field(name).value = fields[name];
    for (const details of form.querySelectorAll("details")) {
      const inputs = [...details.querySelectorAll("input, textarea")];
      if (inputs.some((input) => input.type !== "radio" && input.value)) details.open = true;
    }
    show();
  };
  const asLoaded = read(TYPED);
  const hiddenAsLoaded = read(HIDDEN);
  const isAsLoaded = (fields) => TYPED.every((name) => (fields[name] || "") === (asLoaded[name] || ""));
  const isBlank = (fields) => TYPED.every((name) => !fields[name]);
  let isKept = false;
  const forget = () => {
    isKept = false;
    discard.hidden = true;
    ask.hidden = true;
    box.classList.remove("draft-note");
    say("");
  };
  const save = (button, wasPressed = false) => {
    const fields = read([...TYPED, ...HIDDEN]);
    if (isBlank(fields) || (isAsLoaded(fields) && !("bound" in data || "typed" in data))) {
      drafts.drop(data.of);
      forget();
      return;
    }
    if (button && button.name === "as_cumulative" && !fields.cumulative) {
      fields.cumulative = fields.installs;
      fields.installs = "";
    }
    const installs = number(fields.installs);
    const total = number(fields.cumulative);
    const known = drafts.get(data.of);
    isKept = drafts.put(data.of, {
      fields: { ...(known ? known.fields : {}), ...fields }, // the late form has more fields than the report form
      installs: installs === null && total !== null ? total - before() - Number(data.adjustment) : installs,
      pressed: wasPressed, // in this session it is then sent when back online
      session,
    });
    say(isKept ? line.dataset.saved : "");
  };
  const restore = (draft) => {
    write(draft.fields);
    isKept = true;
    const note = form.querySelector("[data-typed-note]");
    if (note) note.hidden = true; // the draft says the same
    box.classList.add("draft-note");
    discard.hidden = false;
    ask.hidden = !draft.pressed || draft.session === session || !primary;
    if (ask.hidden) say(line.dataset.saved);
    else say(line.dataset.asked.replace("{number}", draft.fields.installs || draft.fields.cumulative));
  };
  discard.addEventListener("click", () => {
    drafts.drop(data.of);
    if ("typed" in data) {
      location.reload(); // the server fills the fields again
      return;
    }
    form.reset();
    write(hiddenAsLoaded); // a reset leaves hidden fields as they are
    forget();
  });
  const draft = drafts.get(data.of);
  if (draft && !("bound" in data)) {
    if ("typed" in data || !isAsLoaded({ ...asLoaded, ...draft.fields })) restore(draft);
    else drafts.drop(data.of);
  }
  // A tick is about the number that was asked about.
  form.addEventListener("input", ({ target }) => {
    if (field("confirm") && ["installs", "cumulative", "opening"].includes(target.name)) field("confirm").checked = false;
    show();
    save();
  });
  show();

  // Sending. The figures are sent at once, without testing the connection: near the deadline a second counts. If the
  // connection fails, the page stays and says so. If the server accepts the figures it redirects to the receipt. For
  // any other answer the browser sends the form again to show the server's page; the server answers the same figures
  // the same way, and remembers when they first arrived.
  const PATIENCE = 30000; // milliseconds
  const unsent = form.querySelector(".unsent");
  let isSending = false;
  let isForBrowser = false;
  let pressed = null;
  const failed = (words) => {
    say(isKept ? line.dataset.saved : "");
    unsent.querySelector("h2").textContent = words;
    unsent.querySelector("[data-kept]").hidden = !isKept;
    unsent.querySelector("[data-not-kept]").hidden = isKept;
    unsent.hidden = false;
    primary.hidden = true;
    unsent.focus();
    tryLater();
  };
  // Not every browser reports that it is back online, so the offline form checks too.
  const AGAIN = "live" in data ? 3000 : 15000; // milliseconds
  let later = 0;
  const tryNow = async () => {
    clearTimeout(later);
    if (isSending || (unsent.hidden && !("live" in data))) return;
    if (!("live" in data)) {
      send();
      return;
    }
    try {
      await fetch(data.reach, { method: "HEAD", cache: "no-store" });
      location.replace(data.live); // the real form reads the draft and sends it
    } catch (dead) {
      tryLater();
    }
  };
  const tryLater = () => {
    clearTimeout(later);
    later = setTimeout(tryNow, AGAIN);
  };
  addEventListener("online", tryNow);
  if ("live" in data) tryLater();
  const send = async () => {
    if ("live" in data) {
      failed(unsent.dataset.noLine);
      return;
    }
    const has = (name) => pressed && pressed.hasAttribute(name);
    const body = new URLSearchParams(new FormData(form));
    if (has("name")) body.append(pressed.name, pressed.value);
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), PATIENCE);
    const request = { method: "POST", body, credentials: "same-origin", redirect: "manual", signal: patience.signal };
    isSending = true;
    unsent.hidden = true;
    primary.hidden = false;
    say(line.dataset.sending);
    try {
      const answer = await fetch(has("formaction") ? pressed.formAction : form.action, request);
      if (answer.type === "opaqueredirect") {
        location.assign(has("data-sent") ? pressed.dataset.sent : data.sent);
        return;
      }
      if (answer.status >= 500) {
        failed(unsent.dataset.noAnswer);
        return;
      }
    } catch (dead) {
      failed(unsent.dataset.noLine);
      return;
    } finally {
      clearTimeout(timer);
      isSending = false;
    }
    isForBrowser = true;
    save(pressed); // the server asks or refuses: only the person may send again
    if (pressed) pressed.click();
    else form.submit();
  };
  form.addEventListener("submit", (event) => {
    if (isForBrowser) return;
    save(event.submitter, true);
    if (event.submitter === undefined) return; // an old browser: it sends the form itself
    event.preventDefault();
    if (isSending) return;
    pressed = event.submitter;
    send();
  });
  ask.addEventListener("click", () => primary.click());
  unsent.querySelector("button").addEventListener("click", () => { if (!isSending) send(); });
  addEventListener("pageshow", () => { isForBrowser = false; });
  if ("live" in data) tryLater();
  else if (draft && draft.pressed && draft.session === session && isKept && data.closes) {
    pressed = primary;
    save(pressed, true);
    send();
  }

  // The offline form. The device stores only what it needs of this page: `last`, without the typed figures.
  if (data.worker && navigator.serviceWorker) {
    const [code, day] = data.of.split("/");
    const [name] = [...form.querySelectorAll(".with-known input")].map((input) => input.name);
    const label = form.querySelector(".with-known label").firstChild.textContent.trim();
    const seen = Date.parse(new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Ho_Chi_Minh" }).format());
    const { unit, base, population } = data;
    const until = Date.now() + Number(sessionLeft) * 1000; // by the device's own clock
    const version = valueOf("base_version");
    const last = { user, session, until, code, day, seen, unit, name, label, base, population, version };
    onDevice((store) => store.setItem("last-form", JSON.stringify(last))); // false: there is no offline form
    addEventListener("load", () => navigator.serviceWorker.register(data.worker).catch(() => {}));
  }

  // The time left, by the clock that is further on: one stops while the phone sleeps, the other can be set.
  if (!data.closes) return;
  const countdown = document.querySelector(".countdown");
  const passed = unsent.querySelector("[data-passed]");
  const [steady, wall] = [performance.now(), Date.now()];
  const [visit] = performance.getEntriesByType("navigation");
  const onTheWay = visit ? Math.max(steady - visit.responseStart, 0) : 0; // the page took this long to load
  const closes = Date.parse(data.closes) - Date.parse(data.now) - onTheWay;
  const tick = () => {
    const left = Math.floor((closes - Math.max(performance.now() - steady, Date.now() - wall)) / 1000);
    passed.hidden = left >= 0;
    if (left < 0) {
      if (countdown) countdown.textContent = data.closedWords;
      return;
    }
    const minutes = Math.floor(left / 60);
    if (minutes < 60) document.querySelector(".tone-awaited")?.classList.replace("tone-awaited", "tone-soon");
    if (countdown) {
      countdown.textContent = minutes >= 60
        ? data.hours.replace("{hours}", Math.floor(minutes / 60)).replace("{minutes}", minutes % 60)
        : data.minutes.replace("{minutes}", minutes).replace("{seconds}", left % 60);
    }
    setTimeout(tick, 1000);
  };
  tick();
})();
