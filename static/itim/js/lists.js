// Lists: keys (/ j k x Enter, g and a letter, ?), selection for bulk actions, rows as links, filters, big choices.
(() => {
  "use strict";
  const on = (type, handler) => document.addEventListener(type, handler);
  const typing = (element) => element.matches?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

  // Selection
  function refreshSelection(form) {
    const boxes = [...form.querySelectorAll("input[data-select]")];
    const chosen = boxes.filter((box) => box.checked);
    const bar = form.querySelector(".bulk");
    bar?.classList.toggle("has-selection", chosen.length > 0);
    form.querySelectorAll("[data-bulk-count]").forEach((place) => { place.textContent = chosen.length; });
    const all = form.querySelector("input[data-select-all]");
    if (all) {
      all.checked = chosen.length > 0 && chosen.length === boxes.length;
      all.indeterminate = chosen.length > 0 && chosen.length < boxes.length;
    }
  }

  let lastBox = null;
  on("click", (event) => {
    const box = event.target.closest("input[data-select]");
    if (!box) return;
    if (event.shiftKey && lastBox && lastBox !== box) {
      const boxes = [...box.form.querySelectorAll("input[data-select]")];
      const [from, to] = [boxes.indexOf(lastBox), boxes.indexOf(box)].sort((a, b) => a - b);
      boxes.slice(Math.max(0, from), to + 1).forEach((one) => { one.checked = box.checked; });
    }
    lastBox = box;
  });

  on("change", (event) => {
    const form = event.target.closest("form[data-bulk]");
    if (!form) return;
    if (event.target.matches("[data-select-all]")) {
      form.querySelectorAll("input[data-select]").forEach((box) => { box.checked = event.target.checked; });
    }
    refreshSelection(form);
  });

  on("click", (event) => {
    const clear = event.target.closest("[data-bulk-clear]");
    if (clear) {
      clear.form.querySelectorAll("input[data-select]").forEach((box) => { box.checked = false; });
      refreshSelection(clear.form);
      return;
    }
    const row = event.target.closest("tr[data-href]");
    if (!row || event.target.closest("a, button, input, label, summary, details")) return;
    if (window.getSelection().toString()) return; // somebody copies a text
    if (event.ctrlKey || event.metaKey) window.open(row.dataset.href, "_blank", "noopener");
    else window.location.assign(row.dataset.href);
  });

  // Keys
  const rows = () => [...document.querySelectorAll("main .list tbody tr")].filter((row) => row.querySelector("a, input"));
  const current = () => document.activeElement?.closest?.("main .list tbody tr");

  function move(step) {
    const all = rows();
    if (!all.length) return;
    const index = all.indexOf(current());
    const next = all[Math.max(0, Math.min(all.length - 1, index < 0 ? 0 : index + step))];
    next.querySelector("a, input").focus();
    next.scrollIntoView({ block: "nearest" });
  }

  function toggleRow() {
    current()?.querySelector("input[data-select]")?.click();
  }

  function focusSearch() {
    const field = document.querySelector("[data-list-search]");
    if (field) field.select();
    else window.itim.palette?.open();
  }

  // g and a letter: the first letter of a menu entry that nobody above it has taken.
  function destinations() {
    const taken = new Map();
    for (const link of document.querySelectorAll(".sidebar .nav-entry")) {
      const label = link.querySelector(".truncate").textContent.trim();
      const key = [...label.toLowerCase()].find((letter) => /[a-z]/.test(letter) && !taken.has(letter));
      if (key) taken.set(key, { label, url: link.href });
    }
    return taken;
  }

  function listDestinations() {
    const place = document.querySelector("[data-goto-keys]");
    if (place) place.textContent = [...destinations()].map(([key, { label }]) => `${key} ${label}`).join(", ");
  }

  let afterG = 0;
  const plainKeys = {
    "/": focusSearch,
    "?": () => { listDestinations(); document.getElementById("shortcuts")?.showModal(); },
    j: () => move(1),
    k: () => move(-1),
    x: toggleRow,
    g: () => { afterG = Date.now(); },
  };

  on("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (typing(event.target)) {
      if (event.key === "Escape" && event.target.matches("[data-list-search]")) event.target.blur();
      return;
    }
    if (document.querySelector("dialog[open]")) return;
    const destination = Date.now() - afterG < 1500 && destinations().get(event.key);
    afterG = 0;
    if (destination) {
      event.preventDefault();
      window.location.assign(destination.url);
    } else if (plainKeys[event.key]) {
      event.preventDefault();
      plainKeys[event.key]();
    }
  });

  on("click", (event) => {
    const button = event.target.closest("[data-filter-fold]");
    if (!button) return;
    const open = button.form.classList.toggle("is-open");
    button.setAttribute("aria-expanded", String(open));
  });

  // Filters: a choice applies at once and leaves no empty parameters in the address.
  on("change", (event) => {
    const form = event.target.closest("form[data-filters]");
    if (form && event.target.matches("select, input[type=checkbox], input[type=date]")) form.requestSubmit();
  });
  on("submit", (event) => {
    if (!event.target.matches("form[data-filters]")) return;
    for (const field of event.target.elements) if (field.name && !field.value) field.disabled = true;
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-bulk]").forEach(refreshSelection); // the browser brings ticks back after "back"
    document.querySelectorAll("form[data-filters] :disabled").forEach((field) => { field.disabled = false; });
  });

  // Big choices: <select data-choices> or, with data-url, asked from the server ({"results": [{"id"|"value", "label"|"name"|"display"}]}).
  async function remote(address, query, done) {
    const url = new URL(address, window.location.href);
    url.searchParams.set("q", query);
    try {
      const answer = await fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin" });
      const { results } = await answer.json();
      done(results.map((one) => ({
        value: String(one.value ?? one.id), text: String(one.label ?? one.display ?? one.name), detail: one.detail ?? "",
      })));
    } catch {
      done();
    }
  }

  function enhance(select) {
    const settings = {
      maxOptions: 200, allowEmptyOption: true, hidePlaceholder: true, openOnFocus: true,
      plugins: select.multiple ? ["remove_button"] : [],
    };
    if (select.dataset.url) {
      Object.assign(settings, {
        valueField: "value", labelField: "text", searchField: ["text", "detail"], preload: "focus",
        load: (query, done) => remote(select.dataset.url, query, done), shouldLoad: () => true,
      });
    }
    const label = select.labels?.[0];
    const widget = new window.TomSelect(select, settings);
    select.setAttribute("aria-hidden", "true"); // it stays in the form, the widget speaks for it
    if (label && !widget.control_input.getAttribute("aria-label")) widget.control_input.setAttribute("aria-label", label.textContent.trim());
  }

  function ready(root = document) {
    const selects = [...root.querySelectorAll("select[data-choices]:not(.tomselected)")];
    if (selects.length) {
      window.itim.load(document.documentElement.dataset.tomSelect).then(() => selects.filter((one) => !one.tomselect).forEach(enhance));
    }
    root.querySelectorAll("form[data-bulk]").forEach(refreshSelection);
  }

  ready();
  on("htmx:afterSettle", () => ready());
})();
