// The sound of the console: off until somebody switches it on, and then it asks every twenty seconds whether somebody
// must come. It never reloads the page under the hand; the strip that it shows leads there.
"use strict";
(function () {
  const EVERY = 20000, KEPT = "hotline-sound";
  const button = document.querySelector("[data-sound]");
  if (!button || !window.AudioContext || !window.fetch) return;
  const strip = document.querySelector("[data-late-alarm]");
  let known = Number(button.dataset.sound), player = null, timer = null;

  function beep() {
    if (!player) return;
    [0, 0.35, 0.7].forEach(function (after) {
      const tone = player.createOscillator(), volume = player.createGain();
      tone.frequency.value = 880;
      volume.gain.value = 0.2;
      tone.connect(volume).connect(player.destination);
      tone.start(player.currentTime + after);
      tone.stop(player.currentTime + after + 0.2);
    });
  }

  function ask() {
    fetch("/console/alarms/count", { credentials: "same-origin", redirect: "error" })
      .then(function (answer) { return answer.ok ? answer.json() : { count: known }; })
      .then(function (found) {
        if (found.count > known && strip) strip.hidden = false;
        if (found.count > 0) beep();
        known = found.count;
      })
      .catch(function () { /* the next question comes in twenty seconds */ });
  }

  function turn(on) {
    button.setAttribute("aria-pressed", String(on));
    button.textContent = on ? "声音开着" : "开声音";
    window.clearInterval(timer);
    if (!on) { player = null; return; }
    player = new window.AudioContext();
    timer = window.setInterval(ask, EVERY);
    if (known > 0) beep();
  }

  button.hidden = false;
  button.addEventListener("click", function () {
    const on = button.getAttribute("aria-pressed") !== "true";
    window.localStorage.setItem(KEPT, on ? "on" : "");
    turn(on);
  });
  if (window.localStorage.getItem(KEPT)) {
    turn(true);
    document.addEventListener("click", function () { if (player) player.resume(); }, { once: true });
  }
})();
