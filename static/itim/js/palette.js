// Ctrl-K: find anything. Asks GET data-url?q=…&format=json → {"groups": [{"label", "icon", "results": [{"label", "detail", "url", "icon"}]}]}
// and offers the pages of the menu. Everything from the server is written as text, never as HTML.
(() => {
  "use strict";
  const dialog = document.getElementById("palette");
  if (!dialog) return;
  const input = dialog.querySelector("input");
  const list = dialog.querySelector("[role=listbox]");
  const status = dialog.querySelector(".palette-status");
  let options = [];
  let chosen = -1;
  let asked = 0;
  let timer = 0;

  function open(text = "") {
    if (!dialog.open) dialog.showModal();
    input.value = text;
    input.focus();
    search();
  }

  function pages(query) {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    const results = [...document.querySelectorAll(".sidebar .nav-entry")]
      .map((link) => ({
        label: link.querySelector(".truncate").textContent, url: link.getAttribute("href"), icon: link.querySelector("svg").dataset.icon,
        detail: link.closest("ul").previousElementSibling?.textContent ?? "",
      }))
      .filter((page) => words.every((word) => `${page.label} ${page.detail}`.toLowerCase().includes(word)));
    return results.length ? [{ label: "Go to", results: results.slice(0, query ? 5 : 40) }] : [];
  }

  // Icons are already on the page, in the menu: take a copy of the one with that name.
  function icon(name) {
    const found = name && document.querySelector(`.sidebar svg[data-icon="${CSS.escape(name)}"]`);
    return found ? found.cloneNode(true) : null;
  }

  function element(kind, css, text) {
    const made = document.createElement(kind);
    made.className = css;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function optionFor(result, group) {
    const option = element("div", "palette-option");
    option.role = "option";
    option.id = `palette-option-${options.length}`;
    option.dataset.url = result.url;
    const picture = icon(result.icon) || icon(group.icon) || icon("arrow-right");
    if (picture) option.append(picture);
    option.append(element("span", "truncate", result.label));
    if (result.detail) option.append(element("span", "palette-detail truncate", result.detail));
    options.push(option);
    return option;
  }

  function draw(groups, waiting) {
    options = [];
    const parts = groups.map((group, index) => {
      const box = element("div", "");
      box.role = "group";
      const label = element("div", "palette-group", group.label);
      label.id = `palette-group-${index}`;
      box.setAttribute("aria-labelledby", label.id);
      box.append(label, ...group.results.map((result) => optionFor(result, group)));
      return box;
    });
    list.replaceChildren(...parts);
    if (!options.length && !waiting) list.append(element("div", "palette-empty", `Nothing is called “${input.value.trim()}”.`));
    status.textContent = options.length && input.value ? `${options.length} ${options.length === 1 ? "result" : "results"}` : "";
    choose(options.length ? 0 : -1);
  }

  function choose(index) {
    options[chosen]?.setAttribute("aria-selected", "false");
    chosen = options.length ? (index + options.length) % options.length : -1;
    const option = options[chosen];
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
  }

  async function fetchGroups(query) {
    const url = new URL(dialog.dataset.url, window.location.href);
    url.searchParams.set("q", query);
    url.searchParams.set("format", "json");
    const answer = await fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    if (!answer.ok) throw new Error(`error ${answer.status}`);
    return (await answer.json()).groups;
  }

  function search() {
    const query = input.value.trim();
    const own = pages(query);
    const remote = query && dialog.dataset.url;
    const turn = (asked += 1);
    window.clearTimeout(timer);
    draw(own, Boolean(remote));
    if (!remote) return;
    timer = window.setTimeout(async () => {
      try {
        const groups = await fetchGroups(query);
        if (turn === asked) draw([...groups.filter((group) => group.results.length), ...own]);
      } catch (problem) {
        if (turn === asked) {
          draw(own, true);
          status.textContent = `The search does not answer: ${problem.message}`;
        }
      }
    }, 120);
  }

  function go(option, aside) {
    if (!option) return;
    if (aside) window.open(option.dataset.url, "_blank", "noopener");
    else window.location.assign(option.dataset.url);
    dialog.close();
  }

  input.addEventListener("input", search);
  input.addEventListener("keydown", (event) => {
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (steps[event.key]) {
      event.preventDefault();
      choose(chosen + steps[event.key]);
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      go(options[chosen], event.ctrlKey || event.metaKey);
    }
  });
  list.addEventListener("pointermove", (event) => {
    const index = options.indexOf(event.target.closest(".palette-option"));
    if (index >= 0 && index !== chosen) choose(index);
  });
  list.addEventListener("click", (event) => go(event.target.closest(".palette-option"), event.ctrlKey || event.metaKey));

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      if (dialog.open) dialog.close();
      else open();
    }
  });
  const field = document.querySelector("[data-open-palette]");
  field?.addEventListener("pointerdown", (event) => { event.preventDefault(); open(field.value); });
  field?.addEventListener("input", () => { open(field.value); field.value = ""; });
  window.itim.palette = { open };
})();
