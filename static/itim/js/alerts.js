// The alert console: keys a, s, c for what is chosen (else the current row), and a choice that survives each refresh.
(() => {
  "use strict";
  const form = () => document.querySelector("form[data-alerts]");
  const boxes = (root) => [...root.querySelectorAll("input[data-select]")];

  // Nothing chosen: the row the keyboard is on, else the first.
  function choose() {
    const place = form();
    if (!place || boxes(place).some((box) => box.checked)) return place;
    const row = document.activeElement?.closest?.(".alert-list tbody tr") || place.querySelector(".alert-list tbody tr");
    row?.querySelector("input[data-select]")?.click();
    return place;
  }

  const keys = {
    a: (place) => place.querySelector("[data-alert-key=a]")?.click(),
    s: (place) => {
      const menu = place.querySelector("[data-alert-snooze]");
      if (!menu) return;
      menu.open = true;
      menu.querySelector("button").focus();
    },
    c: (place) => place.querySelector("[data-alert-text]")?.focus(),
  };

  let afterG = 0; // "g" and a letter goes to a page
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.matches("input:not([type=checkbox]), textarea, select") || document.querySelector("dialog[open]")) return;
    const going = Date.now() - afterG < 1500;
    afterG = event.key === "g" ? Date.now() : 0;
    if (going || !keys[event.key]) return;
    const place = choose();
    if (!place) return;
    event.preventDefault();
    keys[event.key](place);
  });

  // What is chosen stays chosen when the list refreshes itself; after an action the choice is done with.
  let kept = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    kept = null;
    if (event.detail.target?.id !== "alerts" || event.detail.requestConfig?.verb !== "get") return;
    const place = form();
    if (!place) return;
    kept = {
      chosen: new Set(boxes(place).filter((box) => box.checked).map((box) => box.value)),
      all: Boolean(place.querySelector("input[name=all]")?.checked),
      text: place.querySelector("[data-alert-text]")?.value ?? "",
    };
  });
  document.addEventListener("htmx:afterSwap", () => {
    const place = form();
    if (!kept || !place) return;
    boxes(place).forEach((box) => { box.checked = kept.chosen.has(box.value); });
    const all = place.querySelector("input[name=all]");
    if (all) all.checked = kept.all;
    const text = place.querySelector("[data-alert-text]");
    if (text) text.value = kept.text;
    boxes(place)[0]?.dispatchEvent(new Event("change", { bubbles: true }));
    kept = null;
  });
})();
