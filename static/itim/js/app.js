// What every page has: theme button, menus, drawer, dialogs, copy buttons, toasts, forms that say they work.
(() => {
  "use strict";
  const on = (type, handler, options) => document.addEventListener(type, handler, options);
  const loaded = new Map();

  // A script of our own origin, fetched once when first needed.
  function load(address) {
    if (!loaded.has(address)) {
      loaded.set(address, new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = address;
        script.addEventListener("load", resolve);
        script.addEventListener("error", () => reject(new Error(`cannot load ${address}`)));
        document.head.append(script);
      }));
    }
    return loaded.get(address);
  }

  function toast({ tone = "info", text = "" }) {
    const box = document.getElementById("toasts");
    const template = document.getElementById(`toast-${tone}`) || document.getElementById("toast-info");
    if (!box || !template) return;
    const note = template.content.firstElementChild.cloneNode(true);
    note.querySelector(".note-body").textContent = text;
    box.append(note);
    if (tone === "ok" || tone === "info") window.setTimeout(() => note.remove(), 6000);
  }

  function openDrawer(open) {
    const sidebar = document.getElementById("sidebar");
    sidebar.toggleAttribute("data-open", open);
    if (open) sidebar.querySelector("[data-drawer]").focus();
    else document.querySelector(".topbar-menu").focus();
  }

  async function copy(button) {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      toast({ tone: "warn", text: "The browser does not allow copying here." });
      return;
    }
    button.classList.add("is-done");
    window.setTimeout(() => button.classList.remove("is-done"), 1500);
  }

  // A form or link with data-confirm asks first; the answer arrives as a promise.
  function ask(question, detail = "") {
    const dialog = document.getElementById("confirm-dialog");
    dialog.querySelector("h2").textContent = question;
    dialog.querySelector("[data-confirm-detail]").textContent = detail;
    dialog.returnValue = "";
    dialog.showModal();
    return new Promise((resolve) => {
      dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    });
  }

  const actions = {
    "[data-theme-next]": () => window.itim.theme.next(),
    "[data-drawer]": (element) => openDrawer(element.dataset.drawer === "open"),
    "[data-copy]": copy,
    "[data-close-note]": (element) => element.closest(".note").remove(),
    "[data-open]": (element) => document.getElementById(element.dataset.open).showModal(),
    "[data-close-dialog]": (element) => element.closest("dialog").close(),
    "[data-confirm-yes]": (element) => element.closest("dialog").close("yes"),
  };

  on("click", (event) => {
    for (const [selector, action] of Object.entries(actions)) {
      const element = event.target.closest(selector);
      if (!element) continue;
      event.preventDefault();
      action(element);
      return;
    }
    if (event.target.tagName === "DIALOG") event.target.close(); // the backdrop
    const sidebar = document.querySelector(".sidebar[data-open]");
    if (sidebar && !sidebar.contains(event.target)) openDrawer(false);
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });

  on("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details[data-menu][open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    } else if (document.querySelector(".sidebar[data-open]")) {
      openDrawer(false);
    }
  });

  on("submit", async (event) => {
    const form = event.target;
    const asking = event.submitter?.dataset.confirm || form.dataset.confirm;
    if (asking && !form.dataset.confirmed) {
      event.preventDefault();
      if (await ask(asking, event.submitter?.dataset.confirmDetail || form.dataset.confirmDetail)) {
        form.dataset.confirmed = "yes";
        form.requestSubmit(event.submitter);
      }
      return;
    }
    delete form.dataset.confirmed;
    if (event.defaultPrevented || form.method !== "post") return;
    // After the browser has taken the values: a second click sends nothing twice.
    window.setTimeout(() => form.querySelectorAll("[data-submit]").forEach((button) => { button.disabled = true; }));
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("[data-submit]").forEach((button) => { button.disabled = false; }));

  on("input", (event) => {
    const wanted = event.target.dataset?.mustEqual;
    if (wanted !== undefined) event.target.setCustomValidity(event.target.value === wanted ? "" : `Type ${wanted}`);
  });

  // Unsaved work: the browser asks before it is lost.
  let dirty = false;
  on("change", (event) => { if (event.target.closest("form[data-form]")) dirty = true; });
  on("submit", () => { dirty = false; });
  window.addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });

  // A form of something that comes in kinds shows the fields of the kind that is chosen.
  function showKind(select) {
    const form = select.form;
    for (const control of form.querySelectorAll("[data-kind]")) {
      control.closest(".field").hidden = control.dataset.kind !== select.value;
    }
    for (const group of form.querySelectorAll(".form-group")) {
      group.hidden = !group.querySelector(".field:not([hidden])");
    }
  }
  on("change", (event) => { if (event.target.name === "kind" && event.target.form) showKind(event.target); });

  on("toast", (event) => toast(event.detail));
  Object.assign(window.itim, { load, toast, ask });

  function ready() {
    const root = document.documentElement.dataset;
    for (const form of document.querySelectorAll("form:has([data-kind])")) showKind(form.elements.kind);
    if (document.querySelector("[data-chart]")) load(root.uplot).then(() => load(root.charts));
  }
  ready();
  on("htmx:afterSettle", ready);
})();
