// While many people look up their codes: a little work in this browser moves its look-up forward in the line.
// Without script one waits one's turn. The work is SHA-256 of "challenge:digits:number" with enough zero bits.
"use strict";
(function () {
  const form = document.querySelector("form[data-work]");
  if (!form) return;
  const code = form.elements.code, nonce = form.elements.nonce, bits = Number(form.dataset.bits);
  const HEARD = { 零: 0, 〇: 0, "○": 0, 洞: 0, 一: 1, 幺: 1, 二: 2, 两: 2, 三: 3, 四: 4, 五: 5, 六: 6, 七: 7, 拐: 7, 八: 8, 九: 9, 勾: 9 };
  const BATCH_MS = 25;

  const primes = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every(function (p) { return n % p; })) primes.push(n);
  function fraction(root) { return Math.floor((root - Math.floor(root)) * 4294967296) | 0; }
  const START = primes.slice(0, 8).map(function (p) { return fraction(Math.sqrt(p)); });
  const ROUND = primes.map(function (p) { return fraction(Math.cbrt(p)); });
  const word = new Int32Array(64), state = new Int32Array(8);

  function turn(x, by) { return (x >>> by) | (x << (32 - by)); }

  function mixBlock(bytes, at) {
    for (let i = 0; i < 16; i++) {
      const from = at + 4 * i;
      word[i] = (bytes[from] << 24) | (bytes[from + 1] << 16) | (bytes[from + 2] << 8) | bytes[from + 3];
    }
    for (let i = 16; i < 64; i++) {
      const a = word[i - 15], b = word[i - 2];
      word[i] = (word[i - 16] + word[i - 7] + (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)) + (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10))) | 0;
    }
    let a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
    for (let i = 0; i < 64; i++) {
      const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + ROUND[i] + word[i]) | 0;
      const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
    }
    state[0] += a; state[1] += b; state[2] += c; state[3] += d; state[4] += e; state[5] += f; state[6] += g; state[7] += h;
  }

  function hasZeros(text) {
    const length = text.length, bytes = new Uint8Array(Math.ceil((length + 9) / 64) * 64);
    for (let i = 0; i < length; i++) bytes[i] = text.charCodeAt(i);
    bytes[length] = 128;
    new DataView(bytes.buffer).setUint32(bytes.length - 4, length * 8);
    state.set(START);
    for (let at = 0; at < bytes.length; at += 64) mixBlock(bytes, at);
    return Math.clz32(state[0]) >= bits;
  }

  function readDigits(text) {
    return Array.from(text.normalize("NFKC")).map(function (sign) { return sign in HEARD ? HEARD[sign] : sign; })
      .join("").replace(/[^0-9]/g, "");
  }

  function say(words) {
    const notice = form.querySelector("[data-queue]");
    if (notice) notice.textContent = words;
  }

  function solve(then) {
    const start = form.dataset.work + ":" + readDigits(code.value) + ":";
    let number = 0;
    (function batch() {
      const until = performance.now() + BATCH_MS;
      while (performance.now() < until) {
        for (let i = 0; i < 64; i++, number++) {
          if (hasZeros(start + number)) { nonce.value = String(number); then(); return; }
        }
      }
      setTimeout(batch, 0);
    })();
  }

  let working = false;
  function queue() {
    if (working) return;
    working = true;
    say("查的人多，正在排队…轮到您会自己打开，不用再按。");
    solve(function () { form.submit(); });
  }

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    event.stopImmediatePropagation();
    queue();
  }, true);
  if ("waits" in form.dataset && readDigits(code.value).length === 16) queue();
})();
