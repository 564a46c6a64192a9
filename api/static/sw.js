// The page without a net: look, script and one page with the numbers to call are kept; no talk, no code, no answer is.
"use strict";
const SHELL = "shell-1";
const KEPT = ["/static/offline.html", "/static/hotline.css", "/static/mark.svg"];

self.addEventListener("install", function (event) {
  event.waitUntil(caches.open(SHELL).then(function (shell) { return shell.addAll(KEPT); }).then(self.skipWaiting()));
});

self.addEventListener("activate", function (event) {
  event.waitUntil(caches.keys().then(function (names) {
    return Promise.all(names.filter(function (name) { return name !== SHELL; }).map(function (name) { return caches.delete(name); }));
  }));
});

self.addEventListener("fetch", function (event) {
  const asked = event.request;
  if (asked.method !== "GET" || new URL(asked.url).origin !== self.location.origin) return;
  if (asked.mode === "navigate") {
    event.respondWith(fetch(asked).catch(function () { return caches.match("/static/offline.html"); }));
    return;
  }
  if (KEPT.includes(new URL(asked.url).pathname)) {
    event.respondWith(fetch(asked).catch(function () { return caches.match(asked, { ignoreSearch: true }); }));
  }
});
