// What the public pages can do better with script: read aloud, copy, print, keep a draft, send only once.
// Every page works without this file.
"use strict";
(function () {
  const say = window.speechSynthesis;

  function speak(button) {
    const target = document.querySelector(button.dataset.read);
    const heading = button.closest("section") && button.closest("section").querySelector("h1");
    let words = (heading ? heading.textContent + "。" : "") + (target.getAttribute("aria-label") || target.textContent);
    if ("slow" in button.dataset) words = words.replace(/\d/g, "$&，");
    say.cancel();
    const utterance = new SpeechSynthesisUtterance(words.trim());
    utterance.lang = "zh-CN";
    utterance.rate = "slow" in button.dataset ? 0.6 : 0.85;
    say.speak(utterance);
  }

  function copy(button) {
    navigator.clipboard.writeText(button.dataset.copy).then(function () { button.textContent = "抄好了"; });
  }

  document.querySelectorAll("[data-read]").forEach(function (button) {
    if (!say) return;
    button.hidden = false;
    button.addEventListener("click", function () { speak(button); });
  });
  document.querySelectorAll("[data-copy]").forEach(function (button) {
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener("click", function () { copy(button); });
  });
  document.querySelectorAll("[data-print]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });

  // One tap, one message: the second tap of a shaking hand does nothing.
  document.querySelectorAll("form").forEach(function (form) {
    let sent = false;
    form.addEventListener("submit", function (event) {
      if (sent) event.preventDefault();
      sent = true;
      setTimeout(function () { sent = false; }, 4000);
    });
  });

  // Enter sends in the talk box on a keyboard; Shift+Enter makes a new line.
  const box = document.querySelector("#talk textarea");
  if (box && window.matchMedia("(pointer: fine)").matches) {
    box.addEventListener("keydown", function (event) {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing && box.value.trim()) {
        event.preventDefault();
        box.form.requestSubmit(box.form.querySelector(".go[value='']"));
      }
    });
  }
})();
