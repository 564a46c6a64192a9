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
      if (sent || !isSmallEnough(form)) { event.preventDefault(); return; }
      sent = true;
      if (!chosen(form).length) setTimeout(function () { sent = false; }, 4000);
    });
  });

  // Files: how many and how large is said before anything is sent.
  function chosen(form) {
    return Array.from(form.querySelectorAll("input[type=file]")).flatMap(function (each) { return Array.from(each.files); });
  }

  function isSmallEnough(form) {
    const warning = form.querySelector("[data-too-much]");
    if (!warning) return true;
    const all = chosen(form), largest = Number(warning.dataset.largest);
    const fits = all.length <= Number(warning.dataset.most) && all.every(function (file) { return file.size <= largest; });
    warning.hidden = fits;
    return fits;
  }

  document.querySelectorAll("input[data-files]").forEach(function (input) {
    input.addEventListener("change", function () { isSmallEnough(input.form); });
  });

  // A recording goes into a file field like any other file; three minutes at most.
  document.querySelectorAll("[data-record]").forEach(function (button) {
    if (!window.MediaRecorder || !navigator.mediaDevices) return;
    const form = button.form, words = button.querySelector("span");
    const told = form.querySelector("[data-recorded]"), playback = form.querySelector("[data-playback]");
    let recorder = null;
    button.hidden = false;

    function keep(pieces, seconds) {
      const sound = new Blob(pieces, { type: recorder.mimeType }), basket = new DataTransfer();
      basket.items.add(new File([sound], "recording", { type: recorder.mimeType }));
      form.querySelector("[data-recording]").files = basket.files;
      playback.src = URL.createObjectURL(sound);
      playback.hidden = told.hidden = false;
      told.textContent = "录好了，" + seconds + "秒。可以先听听，再按下面的按钮。";
      words.textContent = "重新录";
      button.classList.remove("live");
      recorder = null;
    }

    button.addEventListener("click", function () {
      if (recorder) { recorder.stop(); return; }
      navigator.mediaDevices.getUserMedia({ audio: true }).then(function (stream) {
        const pieces = [], began = Date.now();
        recorder = new MediaRecorder(stream);
        recorder.addEventListener("dataavailable", function (event) { pieces.push(event.data); });
        recorder.addEventListener("stop", function () {
          stream.getTracks().forEach(function (track) { track.stop(); });
          keep(pieces, Math.max(1, Math.round((Date.now() - began) / 1000)));
        });
        recorder.start();
        words.textContent = "正在录，说完按这里";
        button.classList.add("live");
        setTimeout(function () { if (recorder && recorder.state === "recording") recorder.stop(); }, 180000);
      }).catch(function () { told.hidden = false; told.textContent = "没让用话筒。打字也行。"; });
    });
  });

  // A recording is being listened to: the page draws itself anew once that is done, unless somebody is writing.
  const listening = document.querySelector("[data-listening]");
  const written = document.querySelector("#talk textarea");
  function look() {
    fetch("/", { credentials: "same-origin" }).then(function (answer) { return answer.text(); }).then(function (page) {
      if (page.includes("data-listening")) setTimeout(look, 3000);
      else if (!written || !written.value.trim()) window.location.reload();
    }).catch(function () { setTimeout(look, 10000); });
  }
  if (listening) setTimeout(look, 3000);

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

  // Without a net the page says so and shows the numbers to call; talks are never kept.
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js").catch(function () {});
})();
