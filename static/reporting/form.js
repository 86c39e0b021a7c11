// The phone's outbox and the officer's form. Pressing Send freezes what was typed; that is sent, whatever is typed later.
// It is one file, so that the form loads in three requests. The service worker imports it for the outbox alone.
"use strict";

// What the device keeps. Presses and drafts have `fields`; a unit's record has what the offline form must know.
const outbox = (() => {
  const PATIENCE = 20000; // milliseconds
  const inMemory = new Map(); // if the browser keeps nothing
  const opened = new Promise((done, failed) => {
    const request = indexedDB.open("outbox", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("kept", { keyPath: "key" });
    request.onsuccess = () => done(request.result);
    request.onerror = failed;
  });
  const use = async (mode, act) => {
    const change = (await opened).transaction("kept", mode);
    const asked = act(change.objectStore("kept"));
    return new Promise((done, failed) => {
      change.oncomplete = () => done(asked.result);
      change.onabort = failed;
    });
  };
  const all = async () => { // the latest last
    const records = await use("readonly", (store) => store.getAll()).catch(() => [...inMemory.values()]);
    return records.sort((one, other) => (one.at || 0) - (other.at || 0));
  };
  const put = (record, instead) => use("readwrite", (store) => { // instead: the key of one that goes with it
    if (instead) store.delete(instead);
    return store.put(record);
  }).then(() => true, () => {
    inMemory.set(record.key, record);
    return false;
  });
  const drop = (key) => use("readwrite", (store) => store.delete(key)).catch(() => inMemory.delete(key));
  const isOfSameDay = (one, other) => ["user", "code", "day"].every((name) => one[name] === other[name]);

  const request = async (address, options) => {
    const patience = { signal: AbortSignal.timeout?.(PATIENCE), redirect: "manual", cache: "no-store" };
    const answer = await fetch(address, { ...patience, ...options });
    if (answer.status >= 500 || answer.status === 429) throw new Error(answer.status);
    return (answer.headers.get("Content-Type") || "").startsWith("application/json") ? answer.json() : null;
  };
  // The clock, until when the day is open, and who is signed in; null for nobody.
  const ask = ({ code, day }) => request(`/units/${code}/report/${day}/state/`);

  const send = async (key, page) => {
    const item = (await all()).find((record) => record.key === key);
    if (!item || item.asks) return;
    const server = page || await ask(item);
    if (!server || server.user !== item.user || server.session !== item.session) return; // nobody sends for another
    const body = new URLSearchParams({ ...item.fields, csrfmiddlewaretoken: server.token });
    const answer = await request(item.action, { method: "POST", body, headers: { "X-Press": key } });
    if (!answer) return;
    const { state, version } = Object.assign(item, answer);
    const isReceived = state === "received";
    if (isReceived) own.received(item);
    for (const other of await all()) {
      if (other.key === key) await put(item); // unless it was discarded meanwhile
      if (other.key === key || !isOfSameDay(other, item)) continue;
      const isReplaced = other.fields && other.at < item.at
        && !["draft", "received", isReceived || "waiting"].includes(other.state);
      const isRepeated = isReplaced && other.number === item.number;
      if (isRepeated) await drop(other.key);
      if (isRepeated || !isReceived) continue;
      if (!other.fields) Object.assign(other, { version, said: `${item.number} ${item.words}` });
      else if (isReplaced) other.state = "replaced"; // by a later press only
      else if (other.fields.base_version === item.fields.base_version) other.fields.base_version = String(version);
      await put(other);
    }
  };
  const inTurn = (work) => (navigator.locks ? navigator.locks.request("outbox", work) : work());
  const flush = (page) => inTurn(async () => {
    const waiting = (await all()).filter(({ state }) => state === "waiting");
    for (const { key } of waiting) await send(key, page);
  });
  const discard = (key) => inTurn(async () => { // what is being sent may be received first, and then says so
    const isReceived = (await all()).some((record) => record.key === key && record.state === "received");
    if (!isReceived) await drop(key);
  });
  const own = { all, put, drop, discard, ask, flush, received() {} }; // what the form does when a press is received
  return own;
})();

if (self.document) (async () => {
  document.querySelector("[autofocus][role=alert]")?.focus();
  const number = (text) => {
    const plain = (text || "").normalize("NFKC").trim();
    return /^(\d+|\d{1,3}([. ])\d{3}(\2\d{3})*)$/.test(plain) ? Number(plain.replace(/\D/g, "")) : null;
  };
  const DAY = 24 * 60 * 60 * 1000; // milliseconds
  const inHaiPhong = (moment) => new Date(moment + 7 * DAY / 24).toISOString();
  const written = (day) => day.split("-").reverse().join("/");
  const make = (tag, values) => Object.assign(document.createElement(tag), values);
  const NOTES = ["note", "reason", "explanation"]; // kept for the session only
  const isOffline = "offline" in document.body.dataset;
  const list = document.querySelector(".outbox");
  let { user, session } = document.body.dataset;
  let records = await outbox.all();
  const isMine = (record) => record.user === user && record.fields;
  const isMyWaiting = (record) => isMine(record) && record.state === "waiting";
  const goesByItself = (record) => isMyWaiting(record) && record.session === session && !record.asks;

  // Nothing is kept longer than it can be sent, and nothing for the offline form after the session.
  for (const record of records) {
    const isOther = !isOffline && (record.user !== user || record.session !== session);
    if (record.ends < Date.now() || (isOther && record.said !== undefined)) await outbox.drop(record.key);
    else if (isOther && record.fields && NOTES.some((name) => record.fields[name])) {
      for (const name of NOTES) delete record.fields[name];
      await outbox.put(record);
    }
  }
  const language = document.documentElement.lang;
  if (user) await outbox.put({ key: "language", language });

  let form = document.querySelector("form.report[data-of]");
  if (form) form.autocomplete = "off"; // it has drafts
  let unit = null;
  if (isOffline) {
    const known = records.filter((record) => record.said !== undefined && record.ends > Date.now());
    const [, first, code] = location.pathname.split("/");
    unit = first === "units" ? known.find((one) => one.code === code) : known.at(-1);
    if (!unit) {
      const links = known.flatMap((one) => [make("a", { href: `/units/${one.code}/`, textContent: one.unit }), " "]);
      document.querySelector("[data-others]").append(...links);
      return;
    }
    ({ user, session } = unit);
    const leave = () => { if (Date.now() > unit.ends) location.reload(); }; // after the session no unit is named
    setTimeout(leave, unit.ends - Date.now());
    document.addEventListener("visibilitychange", leave);
    const today = inHaiPhong(Date.now() + unit.offset).slice(0, 10);
    const late = (Date.parse(today) - Date.parse(unit.day)) / DAY;
    const { base, population, said, version } = late ? { base: "0", population: "", said: "", version: 0 } : unit;
    Object.assign(form.dataset, { of: `${unit.code}/${today}`, unit: unit.unit, base, population });
    form.dataset.ends = unit.keeps + late * DAY;
    form.dataset.closes = new Date(unit.closes + late * DAY).toISOString();
    form.elements.base_version.value = version;
    if (late) form.querySelector("[data-outcome]").dataset.outcome = "";
    form.action = `/units/${unit.code}/report/${today}/`;
    document.querySelector("[data-unit]").textContent = unit.unit;
    document.querySelector("[data-day]").textContent = written(today);
    document.querySelector("[data-said]").textContent = said && form.dataset.replaces.replace("{said}", said);
    form.querySelector("label").prepend(unit.label);
    form.elements.installs.name = unit.name;
    form.elements.opening?.remove();
    document.querySelector("[data-known]").hidden = false;
    document.querySelector("[data-unknown]").hidden = true;
  }
  const data = form ? form.dataset : {};
  const [code, day] = (data.of || "").split("/");
  const place = { user, code, day };
  const isHere = (record) => isMine(record) && record.code === code && record.day === day;
  const dropHere = async () => {
    for (const record of records) if (isHere(record) && record.state !== "waiting") await outbox.drop(record.key);
  };

  // The server's clock, by the device's steady one.
  const [visit] = performance.getEntriesByType("navigation");
  const onTheWay = visit ? Math.max(performance.now() - visit.responseStart, 0) : 0;
  const from = (server, steady) => ({ server, steady, wall: Date.now() });
  const { offset } = unit || records.filter((record) => record.said !== undefined).pop() || { offset: 0 };
  const start = data.now ? Date.parse(data.now) + onTheWay : Date.now() + offset;
  let clock = from(start, performance.now());
  const now = () => clock.server + performance.now() - clock.steady;
  let closes = Date.parse(data.closes);

  // The list of what is on the device: each press in one state.
  let draft = null;
  const isIdle = () => !draft && !("bound" in data) && !document.activeElement?.matches("input, textarea, select, dialog *");
  const button = (words, act) => {
    const made = make("button", { type: "button", className: "link", textContent: words });
    made.addEventListener("click", act);
    return made;
  };
  const link = (href) => make("a", { href, textContent: list.dataset.open });
  let news = null; // a line above the list, with its link
  const bar = (words, href) => {
    news = { words, href };
    return render();
  };
  let left = []; // keys of what the server was asked to take and did not: the session, or the cover, has ended
  const line = (item) => {
    const words = list.dataset;
    const waits = item.state === "waiting";
    const isOld = item.session !== session;
    let said = item.words;
    if (item.state === "draft" || item.state === "replaced") said = words[item.state];
    if (waits) said = now() < (isHere(item) ? closes : item.closes) ? words.waiting : words.late;
    const isLeft = goesByItself(item) && left.includes(item.key);
    if (isLeft) said = words.left;
    if (waits && isOld) said = words.asks;
    if (waits && item.asks) said = words.instead.replace("{said}", item.asks);
    const made = make("p");
    made.append(make("strong", { textContent: item.number }), ` · ${item.unit}, ${written(item.day)} · ${said} `);
    if (waits && (isOld || item.asks)) {
      made.append(button(words.send, async () => {
        await outbox.put({ ...item, session, asks: "" });
        await tryNow();
      }));
    } else if (!waits || isLeft) {
      made.append(link(item.to || `/units/${item.code}/${item.state === "late" ? "late" : "report"}/${item.day}/`), " ");
    }
    if (item.state !== "received") {
      made.append(button(words.discard, async () => {
        await outbox.discard(item.key);
        await render();
      }));
    }
    return made;
  };
  const answered = "bound" in data ? records.map(({ key }) => key) : []; // the server's page itself says what became of them
  let shownText = "";
  const render = async () => {
    records = await outbox.all();
    if (!list || !user) return;
    const isShown = (item) => !isHere(item) || item.state === "waiting" || !form || (item.state !== "draft" && !answered.includes(item.key));
    const lines = records.filter((record) => isMine(record) && isShown(record)).map(line);
    if (news) {
      lines.unshift(make("p"));
      lines[0].append(`${news.words} `, ...(news.href ? [link(news.href)] : []));
    }
    const text = lines.map(({ textContent }) => textContent).join();
    if (text !== shownText) list.replaceChildren(...lines); // otherwise a button would go while it is pressed
    shownText = text;
    list.hidden = !lines.length;
  };

  // Sending, now and later. Not every browser reports that it is back online.
  let later = 0;
  const tryLater = () => {
    clearTimeout(later);
    later = setTimeout(tryNow, isOffline ? 3000 : 15000);
  };
  const tryNow = async () => {
    clearTimeout(later);
    try {
      const isBack = isOffline && await outbox.ask(place).then(() => true);
      const asked = records.filter(goesByItself).map(({ key }) => key);
      await outbox.flush();
      left = asked;
      await render();
      const received = records.find((record) => isHere(record) && record.state === "received");
      const next = received ? received.to : isOffline && form.action;
      if (next && form && isIdle()) location.replace(next);
      else if (isBack) bar(list.dataset.online, next);
    } catch {
      await render();
    }
    if (isOffline || records.some(isMyWaiting)) tryLater();
  };
  addEventListener("online", tryNow);

  // The receipt's page ends what it shows.
  const receipt = document.querySelector("[data-receipt]");
  for (const record of records) {
    if (!receipt || !isMine(record) || `${record.code}/${record.day}` !== receipt.dataset.receipt) continue;
    if (record.state === "replaced") await outbox.put({ ...record, ends: 0 }); // it is said here for the last time
    if (record.state !== "received") continue;
    await outbox.drop(record.key);
    receipt.focus();
  }
  document.addEventListener("click", async (event) => {
    const keeps = event.target.closest("[data-keeps-recorded]");
    if (!keeps) return;
    event.preventDefault();
    await dropHere();
    location.assign(keeps.href);
  });

  // Signing out asks what to do with the unsent, and deletes after the server's answer.
  document.addEventListener("submit", async (event) => {
    const leaving = event.target;
    if (!("signsOut" in leaving.dataset)) return;
    event.preventDefault();
    const isUnsent = (record) => isMine(record) && !["received", "replaced"].includes(record.state);
    const dialog = document.querySelector("dialog.leaves");
    let answer = "discard";
    records = await outbox.all();
    if (records.some(isUnsent) && dialog) {
      dialog.returnValue = "";
      dialog.querySelector("[value=send]").hidden = !records.some(isMyWaiting);
      dialog.showModal();
      await new Promise((closed) => { dialog.addEventListener("close", closed, { once: true }); });
      answer = dialog.returnValue;
      if (!answer) return;
      if (answer === "send") {
        await outbox.flush().catch(() => {});
        await render();
        if (records.some(isUnsent)) return list.focus(); // it says what became of each
      }
    }
    try {
      const body = new URLSearchParams(new FormData(leaving));
      const left = await fetch(leaving.action, { method: "POST", body, redirect: "manual" });
      if (left.type !== "opaqueredirect") throw new Error(left.status);
    } catch {
      await bar(list.dataset.stays);
      return list.focus();
    }
    for (const record of await outbox.all()) {
      if (record.user === user && !(answer === "keep" && isUnsent(record))) await outbox.drop(record.key);
    }
    location.assign("/");
  });

  const whenSeen = (act) => {
    for (const name of ["focus", "visibilitychange"]) addEventListener(name, () => { if (!document.hidden) act(); });
  };
  await render();
  if (!form) {
    whenSeen(render);
    if (records.some(isMyWaiting)) tryNow();
    return;
  }
  const field = (name) => form.elements.namedItem(name);
  const valueOf = (name) => (field(name) ? field(name).value : "");

  // The cumulative and the share that the typed number leads to.
  const [thousands, decimal] = language === "en" ? [",", "."] : [".", ","];
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

  // The draft: what is typed and not pressed.
  const draftKey = `draft/${user}/${data.of}`;
  const box = form.querySelector(".draft");
  const said = box.querySelector("[role=status]");
  const discard = box.querySelector("[data-discard]");
  const say = (words) => { if (said.textContent !== words) said.textContent = words; };
  const read = () => {
    const { csrfmiddlewaretoken, typed_by, ...fields } = Object.fromEntries(new FormData(form));
    return fields;
  };
  const isSame = (one, other) => JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());
  const record = (fields, about) => {
    const shown = { fields, number: fields.installs || fields.cumulative || "–", unit: data.unit, at: now() };
    return { ...place, session, ...shown, closes, ends: Number(data.ends) + Date.now() - now(), action: form.action, ...about };
  };
  const isAsLoaded = () => [...form.elements].every((one) => (
    one.checked === one.defaultChecked && one.value === (one.defaultValue ?? one.value)
  ));
  const save = async () => {
    if (isAsLoaded() && !("bound" in data || "typed" in data)) return forget();
    draft = record(read(), { key: draftKey, state: "draft" });
    return say(await outbox.put(draft) ? said.dataset.saved : "");
  };
  const forget = async () => {
    draft = null;
    discard.hidden = true;
    box.classList.remove("draft-note");
    say("");
    await outbox.drop(draftKey);
  };
  const restore = (kept) => {
    for (const [name, value] of Object.entries(kept.fields)) {
      if (field(name) && !["confirm", "csrfmiddlewaretoken"].includes(name)) field(name).value = value;
    }
    if (kept.state !== "draft" && field("reason") && !valueOf("reason")) {
      const hour = inHaiPhong(kept.at).slice(11, 16).replace(":", "h");
      field("reason").value = data.evidence.replace("{hour}", hour);
    }
    for (const details of form.querySelectorAll("details")) {
      const inputs = [...details.querySelectorAll("input, textarea")];
      if (inputs.some((input) => input.type !== "radio" && input.value)) details.open = true;
    }
    const note = form.querySelector("[data-typed-note]");
    if (note) note.hidden = true; // the draft says the same
    box.classList.add("draft-note");
    discard.hidden = false;
    draft = kept;
    say(said.dataset.saved);
    if (form.contains(document.activeElement)) document.activeElement.select?.(); // what is typed now replaces it
  };
  discard.addEventListener("click", async () => {
    const known = valueOf("base_version");
    await dropHere();
    await forget();
    if ("typed" in data) return location.reload(); // the server fills the fields again
    form.reset();
    field("base_version").value = known; // a reset leaves hidden fields as they are
    show();
    return render();
  });
  const kept = records.filter((one) => isHere(one) && !["waiting", "received", "replaced"].includes(one.state)).pop();
  if (!("bound" in data)) {
    if (!isAsLoaded()) save(); // typed before this script ran
    else if (kept) restore(kept);
  }
  form.addEventListener("input", ({ target }) => {
    // A tick is about the number that was asked about.
    if (field("confirm") && ["installs", "cumulative", "opening"].includes(target.name)) field("confirm").checked = false;
    show();
    save();
  });
  show();

  // The page is seen again: another tab, or the worker, may have sent or discarded what is here.
  whenSeen(async () => {
    await render();
    const isTyped = (one) => isHere(one) && isSame(one.fields, draft.fields);
    if (draft && !records.some((one) => one.key === draftKey && isTyped(one))) {
      if (records.some(isTyped)) await forget(); // it was pressed there
      else say("");
    }
    const known = records.find((one) => one.said !== undefined && Object.keys(place).every((name) => one[name] === place[name]));
    if (isOffline || !known || Number(known.version) <= Number(valueOf("base_version"))) return;
    if (isIdle()) location.reload();
    else await bar(known.said, location.href);
  });

  // Pressing Send.
  outbox.received = (item) => {
    const { base_version: base } = form.elements;
    if (isHere(item) && base.value === item.fields.base_version) base.value = item.version ?? base.value;
  };
  let isForBrowser = false;
  const press = async (pressed, fields) => {
    draft = null; // what is typed from now on is another
    let item = records.filter((one) => isHere(one) && one.state === "waiting").pop();
    if (item && isSame(item.fields, fields)) Object.assign(item, { session, asks: "" });
    else {
      const key = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0"));
      const asks = unit && fields.base_version !== "0" ? unit.said : "";
      item = record(fields, { key: key.join(""), state: "waiting", asks, words: "" });
    }
    const isKept = await outbox.put(item, draftKey);
    if (!draft) {
      await forget();
      say(said.dataset.sending);
    }
    let isSent = false;
    try {
      if (!isOffline) {
        const slow = setTimeout(() => { say(""); render(); }, 4000);
        await outbox.flush({ user, session, token: valueOf("csrfmiddlewaretoken") }).finally(() => clearTimeout(slow));
        isSent = true;
      }
    } catch {
      // it waits for a connection
    }
    await render();
    if (!draft) say("");
    item = records.find(({ key }) => key === item.key);
    if (!item) return;
    if (isSent && item.state === "received") {
      if (!draft) location.assign(item.to);
    } else if (isSent && !draft) {
      field("base_version").value = item.fields.base_version;
      isForBrowser = true; // the server's page asks, refuses or demands the sign-in
      if (pressed) pressed.click();
      else form.submit();
    } else {
      if (!isKept) await bar(list.dataset.unkept);
      list.focus();
      const worker = await navigator.serviceWorker?.getRegistration();
      worker?.sync?.register("outbox").catch(() => {});
      tryLater();
    }
  };
  const pending = new Set(); // what a second tap would send again
  form.addEventListener("submit", async (event) => {
    const { submitter } = event;
    if (isForBrowser || submitter === undefined) return; // an old browser sends the form itself
    event.preventDefault();
    const fields = { ...read(), ...(submitter?.name && { [submitter.name]: submitter.value }) };
    const text = JSON.stringify(fields);
    if (pending.has(text)) return;
    pending.add(text);
    await press(submitter, fields).finally(() => { pending.delete(text); });
  });
  addEventListener("pageshow", () => { isForBrowser = false; });
  if (isOffline || records.some(isMyWaiting)) tryNow();

  // What the offline form must know of this unit.
  if (data.worker) {
    const { name } = form.querySelector(".with-known input");
    const label = form.querySelector(".with-known label").firstChild.textContent.trim();
    const ends = Date.now() + Number(document.body.dataset.sessionLeft) * 1000; // by the device's own clock
    const shown = { base: data.base, population: data.population, version: valueOf("base_version"), said: data.said || "" };
    const times = { ends, keeps: Number(data.ends), closes, offset: now() - Date.now(), at: now() };
    await outbox.put({ key: `unit/${user}/${code}`, ...place, session, language, unit: data.unit, name, label, ...shown, ...times });
    navigator.serviceWorker?.register(data.worker).catch(() => {});
  }

  // The hour, from the server: at five minutes before, at the hour, when the page is seen again and when a clock jumps.
  const countdown = document.querySelector(".countdown");
  if (!closes || !countdown) return;
  if (closes <= Date.parse(data.now)) data.closed = ""; // the server has said so
  const spoken = form.querySelector("[data-spoken]");
  let last = Infinity;
  const check = async () => {
    const steady = performance.now();
    clock.wall = Date.now() - (steady - clock.steady);
    const server = await outbox.ask(place).catch(() => null);
    if (!server) return false;
    clock = from(Date.parse(server.now), steady);
    closes = Date.parse(server.open_until);
    if (server.is_open || "closed" in data) return true;
    data.closed = "";
    countdown.textContent = spoken.textContent = data.closedWords;
    if (isIdle()) location.reload();
    else bar(data.closedWords, location.href);
    return true;
  };
  const tick = async () => {
    const steady = performance.now() - clock.steady;
    const isJump = Math.abs(Date.now() - clock.wall - steady) > 5000;
    const left = Math.floor((closes - now()) / 1000);
    const isDoubtful = isJump || left < 0 || (last > 300 && left <= 300);
    const isKnown = !isOffline && (!isDoubtful || await check());
    if (left < 0 && !isKnown) {
      countdown.textContent = spoken.textContent = data.lateWords;
      render();
    } else if (left >= 0 && !isOffline) {
      const minutes = Math.floor(left / 60);
      if (minutes < 60) document.querySelector(".tone-awaited")?.classList.replace("tone-awaited", "tone-soon");
      countdown.textContent = minutes >= 60
        ? data.hours.replace("{hours}", Math.floor(minutes / 60)).replace("{minutes}", minutes % 60)
        : data.minutes.replace("{minutes}", minutes).replace("{seconds}", left % 60);
      if ([600, 60].some((edge) => last > edge && left <= edge)) spoken.textContent = countdown.textContent;
      last = left;
    }
    if (!("closed" in data)) setTimeout(tick, 1000);
  };
  if (!isOffline) whenSeen(check);
  tick();
})();
