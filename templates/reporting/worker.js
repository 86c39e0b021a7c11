// Stores the offline form on the device, never a page with anybody's data, and sends the outbox when back online.
"use strict";
importScripts("{{ script }}");
const STORE = "shell-{version}";
const PAGES = {{ pages|safe }};
const SHELL = {{ shell|safe }};
const PATIENCE = {{ patience|safe }};
const AWAY = [502, 503, 504];

self.addEventListener("install", (event) => {
const fresh = SHELL.map((address) => new Request(address, { cache: "reload", credentials: "omit" }));
event.waitUntil(caches.open(STORE).then((store) => store.addAll(fresh)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
const dropOld = (names) => Promise.all(names.filter((name) => name !== STORE).map((name) => caches.delete(name)));
event.waitUntil(caches.keys().then(dropOld).then(() => self.clients.claim()));
});

self.addEventListener("sync", (event) => event.waitUntil(outbox.flush()));

// In the language of what is known of the unit; before that, in the language chosen last.
const offline = async () => {
const known = (await outbox.all()).filter(({ language }) => language).pop();
return caches.match(PAGES[known?.language] || PAGES.vi);
};

// The server's page, or the stored form if none comes. Only a form is not waited for longer.
const page = async (request) => {
const isForm = /^\/(units\/[^/]+\/((report|late)\/.*)?)?$/.test(new URL(request.url).pathname);
const late = new Promise((done) => { if (isForm && request.method === "GET") setTimeout(done, PATIENCE); });
// Who goes back to the answer of a form gets the form: the browser does not send it again.
const isBack = isForm && request.method === "POST" && request.isHistoryNavigation;
const asked = fetch(isBack ? new Request(request.url, { redirect: "manual" }) : request);
const answer = await Promise.race([asked, late]).catch(() => null);
return answer && !(isForm && AWAY.includes(answer.status)) ? answer : offline();
};

self.addEventListener("fetch", (event) => {
const { request } = event;
if (request.mode === "navigate") event.respondWith(page(request));
else if (SHELL.includes(new URL(request.url).pathname)) {
event.respondWith(fetch(request).catch(() => caches.match(request, { ignoreSearch: true })));
}
});
