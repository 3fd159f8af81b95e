// htmx: fragments that refresh themselves rest while nobody looks, and say so when the server does not answer.
(() => {
  "use strict";
  const on = (type, handler) => document.addEventListener(type, handler);
  let silent = false;

  on("htmx:beforeRequest", (event) => {
    const element = event.detail.elt;
    if (!element.hasAttribute("data-live")) return;
    const busy = element.contains(document.activeElement) && document.activeElement.matches("input, select, textarea");
    const open = element.querySelector("details[open][data-menu], dialog[open]");
    if (document.hidden || busy || open) event.preventDefault();
  });

  on("visibilitychange", () => {
    if (document.hidden) return;
    for (const element of document.querySelectorAll("[data-live]")) window.htmx.trigger(element, "itim:refresh");
  });

  function problem(text) {
    if (silent) return;
    silent = true;
    window.itim.toast({ tone: "warn", text });
    window.setTimeout(() => { silent = false; }, 30000);
  }

  on("htmx:sendError", () => problem("The server does not answer. What you see may be old."));
  on("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    if (status === 401 || status === 403) problem("You are signed out or may not do this. Reload the page.");
    else problem(`The server answered with error ${status}.`);
  });

  // A session that ended answers with the page for signing in: go there instead of drawing it into the fragment.
  on("htmx:beforeSwap", (event) => {
    const address = event.detail.xhr.responseURL;
    if (address && new URL(address).pathname.startsWith("/account/login")) {
      event.detail.shouldSwap = false;
      window.location.reload();
    }
  });
})();
