// <time data-time="ago|exact">: in the reader's zone, exact on hover, kept fresh.
(() => {
  "use strict";
  const pad = (number) => String(number).padStart(2, "0");
  const zone = new Intl.DateTimeFormat("en-US", { timeZoneName: "short" });

  function stamp(at, withSeconds) {
    const day = `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
    const time = `${pad(at.getHours())}:${pad(at.getMinutes())}`;
    return `${day} ${time}${withSeconds ? `:${pad(at.getSeconds())}` : ""}`;
  }

  function zoneName(at) {
    const part = zone.formatToParts(at).find((piece) => piece.type === "timeZoneName");
    return part ? part.value : "";
  }

  function refresh(element, now) {
    const at = new Date(element.dateTime);
    if (Number.isNaN(at.getTime())) return;
    const text = element.dataset.time === "exact" ? stamp(at, false) : window.itim.format.ago(at, now);
    if (element.textContent !== text) element.textContent = text;
    const title = `${stamp(at, true)} ${zoneName(at)}`;
    if (element.title !== title) element.title = title;
  }

  function refreshAll(root = document) {
    const now = new Date();
    for (const element of root.querySelectorAll("time[data-time]")) refresh(element, now);
  }

  refreshAll();
  window.setInterval(() => document.hidden || refreshAll(), 15000);
  document.addEventListener("visibilitychange", () => document.hidden || refreshAll());
  document.addEventListener("htmx:afterSettle", () => refreshAll());
  window.itim.time = { stamp, zoneName, refreshAll };
})();
