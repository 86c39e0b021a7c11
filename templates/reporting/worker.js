// Keeps an empty form on the device, and nothing else: no page of anybody's ever comes into its store.
"use strict";
const STORE = "shell-{version}";
const SHELL = {{ shell|safe }};
const PAGE = {{ page|safe }};

self.addEventListener("install", (event) => {
  const fresh = SHELL.map((address) => new Request(address, { cache: "reload", credentials: "omit" }));
  event.waitUntil(caches.open(STORE).then((store) => store.addAll(fresh)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const dropOld = (names) => Promise.all(names.filter((name) => name !== STORE).map((name) => caches.delete(name)));
  event.waitUntil(caches.keys().then(dropOld).then(() => self.clients.claim()));
});

// The server answers as long as there is a line. Without one a page is the empty form, and its parts are those kept.
self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const path = new URL(request.url).pathname;
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(() => caches.match(PAGE)));
  } else if (SHELL.includes(path)) {
    event.respondWith(fetch(request).catch(() => caches.match(request, { ignoreSearch: true })));
  }
});
