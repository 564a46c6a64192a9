// The call desk with script: while the operator types, the column beside the form is asked for anew, and what is typed
// is kept in this tab, encrypted under a key that the page gives after a sign-in, so that a lost sign-in loses no word.
// Every step works without this file, by the button.
"use strict";
(function () {
  const PAUSE = 500, KEPT = "hotline-call", SKIPPED = ["csrf", "key", "scans", "file"];
  const form = document.querySelector("[data-call]");
  const store = window.sessionStorage, cipher = window.crypto && window.crypto.subtle;

  if (document.querySelector("[data-filed]")) store.removeItem(KEPT);
  if (!form) return;

  const side = document.querySelector("[data-side]"), danger = document.querySelector("[data-danger]");
  const said = document.querySelector("[data-draft-said]"), lost = document.querySelector("[data-lost]");
  let timer = null, asked = 0, sent = false, key = null;

  function bytes(hex) {
    return new Uint8Array(hex.match(/../g).map(function (pair) { return parseInt(pair, 16); }));
  }

  function typed() {
    return Array.from(new FormData(form)).filter(function (pair) { return SKIPPED.indexOf(pair[0]) < 0; });
  }

  function isEmpty(pairs) {
    return !pairs.some(function (pair) { return pair[1] && pair[0] !== "channel"; });
  }

  async function keep() {
    const pairs = typed();
    if (!key || sent) return;
    if (isEmpty(pairs)) { store.removeItem(KEPT); return; }
    const nonce = window.crypto.getRandomValues(new Uint8Array(12));
    const plain = new TextEncoder().encode(JSON.stringify(pairs));
    const sealed = new Uint8Array(await cipher.encrypt({ name: "AES-GCM", iv: nonce }, key, plain));
    if (!sent) store.setItem(KEPT, JSON.stringify([Array.from(nonce), Array.from(sealed)]));
  }

  function fill(pairs) {
    form.querySelectorAll("input[type=checkbox]").forEach(function (box) { box.checked = false; });
    pairs.forEach(function (pair) {
      form.querySelectorAll("[name='" + pair[0] + "']").forEach(function (field) {
        if (field.type === "checkbox" || field.type === "radio") field.checked = field.checked || field.value === pair[1];
        else field.value = pair[1];
      });
    });
  }

  async function restore() {
    if (!cipher) return;
    key = await cipher.importKey("raw", bytes(form.dataset.draftKey), "AES-GCM", false, ["encrypt", "decrypt"]);
    const kept = store.getItem(KEPT);
    if (!kept || !isEmpty(typed())) return;
    try {
      const parts = JSON.parse(kept);
      const plain = await cipher.decrypt({ name: "AES-GCM", iv: new Uint8Array(parts[0]) }, key, new Uint8Array(parts[1]));
      fill(JSON.parse(new TextDecoder().decode(plain)));
      said.textContent = "上回没登记完的，接着写。";
      show();
      look();
    } catch (broken) {
      store.removeItem(KEPT); // somebody else's draft, or an old key: not his to read
    }
  }

  function look() {
    const turn = ++asked, data = new FormData(form);
    data.delete("file");
    fetch(form.action + "/look", {
      method: "POST", body: data, credentials: "same-origin", redirect: "manual",
      headers: { accept: "application/json" },
    }).then(function (answer) {
      if (answer.type === "opaqueredirect" || answer.status === 403) lost.hidden = false;
      return answer.ok ? answer.json() : null;
    }).then(function (told) {
      if (turn !== asked || !told) return;
      lost.hidden = true;
      side.innerHTML = told.side;
      if (danger.innerHTML.trim() !== told.danger.trim()) danger.innerHTML = told.danger;
      form.querySelectorAll("[data-question]").forEach(function (field) {
        field.hidden = told.questions.indexOf(field.dataset.question) < 0;
      });
    }).catch(function () { /* no network: what was typed stays, the next letter asks again */ });
  }

  function show() {
    form.elements.namedItem("name").disabled = form.querySelector("[data-anonymous]").checked;
    const letter = form.querySelector("[data-letter]");
    letter.hidden = form.elements.namedItem("channel").value !== "letter" && !form.elements.namedItem("scans").value;
    form.querySelector("[data-outlet]").hidden = form.elements.namedItem("channel").value !== "media";
    form.elements.namedItem("safe_time").disabled = !form.querySelector("[data-consent]").checked;
  }

  form.addEventListener("input", function () {
    show();
    window.clearTimeout(timer);
    timer = window.setTimeout(function () { keep(); look(); }, PAUSE);
  });
  form.addEventListener("keydown", function (event) {
    if (event.key === "Enter" && event.target.matches("input:not([type=checkbox]):not([type=radio])")) event.preventDefault();
    if (event.key === "Enter" && event.ctrlKey) form.requestSubmit(form.querySelector(".btn.go"));
  });
  form.addEventListener("submit", function (event) {
    if (sent) event.preventDefault();
    sent = true;
    window.setTimeout(function () { sent = false; }, 4000);
  });
  const clear = form.querySelector("[data-clear]");
  clear.hidden = false;
  clear.addEventListener("click", function () {
    store.removeItem(KEPT);
    window.location.assign("/console/call");
  });
  show();
  restore();
})();
