// Runs before the first paint: the chosen theme (light, dark; else the system's) and the mark that scripts run.
(() => {
  "use strict";
  const root = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const KEY = "itim-theme";

  function choice() {
    if (root.dataset.themePreference) return root.dataset.themePreference; // who is signed in has said so
    try {
      const stored = window.localStorage.getItem(KEY);
      return stored === "light" || stored === "dark" ? stored : "auto";
    } catch {
      return "auto"; // storage is forbidden: follow the system
    }
  }

  function apply() {
    const chosen = choice();
    root.dataset.themeChoice = chosen;
    root.dataset.bsTheme = chosen === "auto" ? (system.matches ? "dark" : "light") : chosen;
    document.dispatchEvent(new CustomEvent("itim:theme"));
  }

  root.classList.add("js");
  apply();
  system.addEventListener("change", apply);
  window.addEventListener("storage", (event) => event.key === KEY && apply());
  window.itim = {
    theme: {
      choice,
      set(value) {
        try {
          window.localStorage.setItem(KEY, value);
        } catch {
          // not kept, but applied below for this page
        }
        if (root.dataset.themePreference) this.keep(value);
        apply();
      },
      keep(value) {
        root.dataset.themePreference = value;
        const headers = JSON.parse(document.body.getAttribute("hx-headers") || "{}");
        fetch(root.dataset.themeUrl, { method: "POST", headers, body: new URLSearchParams({ theme: value }) });
      },
      next() {
        const order = ["auto", "light", "dark"];
        this.set(order[(order.indexOf(choice()) + 1) % order.length]);
      },
    },
  };
})();
