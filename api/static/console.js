// What the console does better with script: J and K move, O opens, the row under the pointer fills the reading pane.
// Every page works without this file.
"use strict";
(function () {
  const rows = Array.from(document.querySelectorAll(".list tbody tr"));
  let at = rows.findIndex(function (row) { return row.classList.contains("on"); });

  function link(row) { return row.querySelector("a[data-open]"); }

  function choose(next) {
    if (!rows.length) return;
    const target = rows[Math.max(0, Math.min(rows.length - 1, next))];
    window.location.search = link(target).dataset.open;
  }

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select")) return;
    if (event.key === "j") choose(at + 1);
    if (event.key === "k") choose(at < 0 ? 0 : at - 1);
    if (event.key === "o" && at >= 0) window.location.href = link(rows[at]).href;
    if (event.key === "Escape") document.querySelectorAll("details.act[open]").forEach(function (act) { act.open = false; });
  });

  rows.forEach(function (row, index) {
    row.addEventListener("click", function (event) {
      if (event.target.closest("a, button, input") || !window.matchMedia("(min-width: 68rem)").matches) return;
      choose(index);
    });
  });

  document.querySelectorAll("[data-print]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });
})();
