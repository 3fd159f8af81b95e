// Charts by uPlot for every <figure data-chart="URL"> (templates/ui/chart.html).
//
// URL is asked with ?start=&end=&step= (Unix seconds; step: the finest one worth drawing) and, when wished, &compare=604800 (seconds back).
// It answers JSON in columns, at most about 800 points:
//   {"start": 1700000000, "end": …, "step": 60,
//    "t": [unix seconds, ascending],
//    "series": [{"id": "7", "label": "Gi1/0/1 in", "unit": "B/s", "mean": [number|null, …], "min": […]|absent, "max": […]|absent, "bits": true|absent,
//               "words": {"0": "down", "1": "up"}|absent}],
//    "compare": [{"id": "7", "mean": […]}]}      the same times, values of the time before; optional
// unit is the stored one (probes/metrics.py); bits says that B/s are network octets and read as bit/s; words name the values of a state. null is a gap and is drawn as one;
// the server puts nulls where samples are missing, so that a hole is as wide as it was long.
// Styles that uPlot sets go through the CSSOM, which the Content-Security-Policy allows.
(() => {
  "use strict";
  const { format, time } = window.itim;
  const RANGES = { "1h": 3600, "6h": 21600, "24h": 86400, "7d": 604800, "30d": 2592000, "1y": 31536000 };
  const WEEK = 604800;
  const POINTS = 800;
  const REFRESH = 60000;
  const COLORS = 6;
  const groups = new Map();
  const charts = new WeakMap();

  // Colors as the canvas needs them: light-dark() and variables resolved by the browser.
  function color(name, alpha = 1) {
    const probe = document.createElement("span");
    probe.hidden = true;
    probe.style.color = `color-mix(in srgb, var(--${name}) ${alpha * 100}%, transparent)`;
    document.body.append(probe);
    const value = getComputedStyle(probe).color;
    probe.remove();
    return value;
  }

  // One range, one zoom and one cursor for all charts of a group.
  class Group {
    constructor(name) {
      this.name = name;
      this.bar = document.querySelector(`[data-chart-bar="${CSS.escape(name)}"]`);
      this.range = this.bar?.dataset.range || "24h";
      this.zoom = null;
      this.compare = false;
      this.members = new Set();
      this.bar?.addEventListener("click", (event) => this.clicked(event.target));
      this.bar?.querySelector("[data-compare]")?.addEventListener("change", (event) => {
        this.compare = event.target.checked;
        this.reload();
      });
      this.show();
    }

    clicked(target) {
      const key = target.closest("[data-range-key]")?.dataset.rangeKey;
      if (key) {
        this.range = key;
        this.setZoom(null);
      } else if (target.closest("[data-zoom-reset]")) {
        this.setZoom(null);
      }
    }

    span() {
      if (this.zoom) return this.zoom;
      const now = Math.floor(Date.now() / 1000);
      return [now - (RANGES[this.range] || 86400), now];
    }

    setZoom(zoom) {
      this.zoom = zoom;
      this.show();
      this.reload();
    }

    show() {
      this.bar?.querySelectorAll("[data-range-key]").forEach((button) => {
        button.setAttribute("aria-pressed", String(!this.zoom && button.dataset.rangeKey === this.range));
      });
      const reset = this.bar?.querySelector("[data-zoom-reset]");
      if (reset) reset.hidden = !this.zoom;
    }

    reload() {
      for (const member of this.members) {
        if (member.figure.isConnected) member.load();
        else this.members.delete(member);
      }
    }
  }

  function groupOf(name) {
    if (!groups.has(name)) groups.set(name, new Group(name));
    return groups.get(name);
  }

  // Whole steps that people read: 1-2-5 in decimal units, powers of two for bytes.
  function splits(unit, factor) {
    return (plot, axis, low, high, space) => {
      const wanted = Math.max(2, Math.floor(plot.bbox.height / devicePixelRatio / 44));
      const rough = ((high - low) * factor) / wanted || 1;
      const base = unit === "B" || (unit === "B/s" && factor === 1) ? 1024 : 10;
      const power = base === 10 ? 10 ** Math.floor(Math.log10(rough)) : 1024 ** Math.floor(Math.log(rough) / Math.log(1024));
      const steps = base === 10 ? [1, 2, 5, 10] : [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];
      const step = (steps.map((one) => one * power).find((one) => one >= rough * 0.999) || rough) / factor;
      const found = [];
      for (let value = Math.ceil(low / step) * step; value <= high + step * 0.001; value += step) found.push(Math.abs(value) < step / 1e6 ? 0 : value);
      return found;
    };
  }

  const NAMES = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  function timeLabels(plot, values, axis, space, increment) {
    const pad = (number) => String(number).padStart(2, "0");
    return values.map((value, index) => {
      const at = new Date(value * 1000);
      const day = `${NAMES[at.getMonth()]} ${at.getDate()}`;
      if (increment >= 86400 * 28) return at.getMonth() === 0 || index === 0 ? `${NAMES[at.getMonth()]} ${at.getFullYear()}` : NAMES[at.getMonth()];
      if (increment >= 86400) return day;
      const clock = `${pad(at.getHours())}:${pad(at.getMinutes())}${increment < 60 ? `:${pad(at.getSeconds())}` : ""}`;
      return at.getHours() === 0 && at.getMinutes() === 0 ? day : clock;
    });
  }

  function statistics(values) {
    const known = values.filter((value) => value !== null && value !== undefined);
    if (!known.length) return { last: null, min: null, mean: null, max: null };
    let [low, high, sum] = [known[0], known[0], 0];
    for (const value of known) {
      if (value < low) low = value;
      if (value > high) high = value;
      sum += value;
    }
    return { last: known[known.length - 1], min: low, mean: sum / known.length, max: high };
  }

  function element(kind, css, text) {
    const made = document.createElement(kind);
    if (css) made.className = css;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  class Chart {
    constructor(figure) {
      this.figure = figure;
      this.place = figure.querySelector(".chart-plot");
      this.group = groupOf(figure.dataset.group || "page");
      this.group.members.add(this);
      this.hidden = new Set();
      this.turn = 0;
      this.title = figure.querySelector("figcaption")?.textContent.trim() || "Chart";
      new ResizeObserver(() => this.resize()).observe(this.place);
      this.load();
    }

    address() {
      const [start, end] = this.group.span();
      const url = new URL(this.figure.dataset.chart, window.location.href);
      url.searchParams.set("start", Math.floor(start));
      url.searchParams.set("end", Math.ceil(end));
      url.searchParams.set("step", Math.max(1, Math.ceil((end - start) / POINTS)));
      if (this.group.compare) url.searchParams.set("compare", WEEK);
      return url;
    }

    async load() {
      const turn = (this.turn += 1);
      this.figure.setAttribute("aria-busy", "true");
      try {
        const answer = await fetch(this.address(), { headers: { Accept: "application/json" }, credentials: "same-origin" });
        if (!answer.ok) throw new Error(`error ${answer.status}`);
        const data = await answer.json();
        if (turn === this.turn) this.draw(data);
      } catch (problem) {
        if (turn === this.turn && !this.plot) this.note("The numbers could not be loaded.", problem.message);
      } finally {
        if (turn === this.turn) this.figure.removeAttribute("aria-busy");
      }
    }

    note(...lines) {
      this.plot?.destroy();
      this.plot = null;
      const box = element("div", "chart-note");
      lines.forEach((line) => box.append(element("span", "", line)));
      this.place.replaceChildren(box);
      this.figure.querySelector(".chart-scroll")?.remove();
    }

    asBits(series) {
      return series.unit === "B/s" && ("bits" in this.figure.dataset || Boolean(series.bits));
    }

    write(value) {
      return this.words ? format.state(value, this.words) : format.quantity(value, this.unit, this.bits);
    }

    draw(data) {
      this.data = data;
      const any = data.series.some((series) => series.mean.some((value) => value !== null));
      if (!any) {
        this.note("No data in this range.");
        return;
      }
      this.unit = data.series[0].unit || "";
      this.bits = this.asBits(data.series[0]);
      this.words = data.series[0].words;
      const { columns, series, bands } = this.columns(data);
      this.plot?.destroy();
      this.place.replaceChildren();
      this.plot = new window.uPlot(this.options(series, bands, data), columns, this.place);
      this.plot.root.setAttribute("role", "img");
      this.plot.root.setAttribute("aria-label", this.spoken(data));
      if (this.figure.dataset.legend !== "no") this.legend(data);
    }

    spoken(data) {
      const parts = data.series.slice(0, 6).map((series) => {
        const { last, min, max } = statistics(series.mean);
        return `${series.label}: last ${this.write(last)}, between ${this.write(min)} and ${this.write(max)}`;
      });
      return `${this.title}. ${parts.join("; ")}`;
    }

    // Per series: the mean as a line, min and max as a band around it, the time before as a dashed line.
    columns(data) {
      const columns = [data.t];
      const series = [{}];
      const bands = [];
      this.edges = new Set();
      data.series.forEach((one, index) => {
        const name = `series-${(index % COLORS) + 1}`;
        const show = !this.hidden.has(one.id);
        const area = data.series.length === 1 || (data.series.length === 2 && index === 0 && !one.max);
        columns.push(one.mean);
        series.push({ label: one.label, show, stroke: color(name), width: 1.5, points: { show: false }, spanGaps: false,
          fill: area && !one.max ? color(name, 0.1) : undefined });
        if (one.min && one.max) {
          columns.push(one.max, one.min);
          this.edges.add(columns.length - 2).add(columns.length - 1);
          const edge = { show, width: 0, points: { show: false }, spanGaps: false };
          series.push({ ...edge }, { ...edge });
          bands.push({ series: [columns.length - 2, columns.length - 1], fill: color(name, 0.14) });
        }
        const before = data.compare?.find((past) => past.id === one.id);
        if (before) {
          columns.push(before.mean);
          series.push({ label: `${one.label}, week before`, show, stroke: color(name, 0.75), width: 1, dash: [4, 4], points: { show: false }, spanGaps: false });
        }
      });
      return { columns, series, bands };
    }

    options(series, bands, data) {
      const states = Object.keys(this.words || {}).map(Number);
      const { floor, ceiling = Math.max(0, ...states) } = this.figure.dataset;
      const factor = this.bits ? 8 : 1;
      const axis = { stroke: color("text-2"), font: `11px ${getComputedStyle(document.body).fontFamily}`, ticks: { show: false } };
      const grid = { stroke: color("line"), width: 1 };
      return {
        width: this.place.clientWidth, height: this.height(), series, bands, legend: { show: false },
        padding: [8, 8, 0, 0],
        scales: {
          x: { time: true, range: () => [data.start, data.end] },
          y: { range: (plot, low, high) => this.span(low, high, floor, ceiling) },
        },
        axes: [
          { ...axis, grid: { show: false }, values: timeLabels, space: 72, size: 26, gap: 4 },
          { ...axis, grid, size: (plot, values) => this.gutter(values), gap: 6, splits: states.length ? () => states : splits(this.unit, factor),
            values: (plot, values) => values.map((value) => this.write(value)) },
        ],
        cursor: {
          sync: { key: `itim-${this.group.name}`, scales: ["x", null] }, y: false, drag: { x: true, y: false, setScale: false },
          points: { size: 7, fill: (plot, index) => plot.series[index].stroke(plot, index), show: (plot, index) => this.point(plot, index) },
          bind: { dblclick: () => () => { this.group.setZoom(null); return null; } },
        },
        hooks: {
          setSelect: [(plot) => this.selected(plot)],
          setCursor: [(plot) => this.pointAt(plot.cursor.idx)],
        },
      };
    }

    point(plot, index) {
      return this.edges.has(index) ? false : element("div", "u-cursor-pt");
    }

    gutter(values) {
      const longest = (values || []).reduce((most, value) => Math.max(most, value.length), 0);
      return Math.max(40, Math.min(96, 14 + longest * 6.4));
    }

    span(low, high, floor, ceiling) {
      const bottom = low === null ? 0 : floor === "auto" ? low : Math.min(0, low);
      const top = ceiling ? Math.max(Number(ceiling), high ?? 0) : high ?? 1;
      const room = top - bottom || Math.abs(top) || 1;
      return [floor === "auto" ? bottom - room * 0.08 : bottom, ceiling && top === Number(ceiling) ? top : bottom + room * 1.08];
    }

    selected(plot) {
      if (plot.select.width < 6) return;
      const from = plot.posToVal(plot.select.left, "x");
      const to = plot.posToVal(plot.select.left + plot.select.width, "x");
      plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
      if (to - from >= 60) this.group.setZoom([from, to]);
    }

    height() {
      return Math.max(90, Math.round(parseFloat(getComputedStyle(this.place).minHeight)) || 176);
    }

    resize() {
      const width = this.place.clientWidth;
      if (this.plot && width && Math.abs(width - this.plot.width) > 1) this.plot.setSize({ width, height: this.height() });
    }

    // The table below: last, min, mean, max; while the cursor is over a chart, the first column shows the value there.
    legend(data) {
      const heads = ["", "Last", "Min", "Mean", "Max"];
      const table = element("table", "chart-legend");
      const head = element("tr");
      heads.forEach((text, index) => {
        const cell = element(index ? "th" : "td", "", text);
        if (index) cell.scope = "col";
        head.append(cell);
      });
      this.now = head.children[1];
      const thead = element("thead");
      thead.append(head);
      const body = element("tbody");
      this.cells = data.series.map((series, index) => this.legendRow(body, series, index));
      table.append(thead, body);
      const box = element("div", "chart-scroll");
      box.append(table);
      this.figure.querySelector(".chart-scroll")?.remove();
      this.figure.append(box);
    }

    legendRow(body, series, index) {
      const numbers = statistics(series.mean);
      if (series.min) numbers.min = statistics(series.min).min;
      if (series.max) numbers.max = statistics(series.max).max;
      const row = element("tr", this.hidden.has(series.id) ? "is-hidden" : "");
      const name = element("th");
      name.scope = "row";
      const button = element("button", "");
      button.type = "button";
      button.setAttribute("aria-pressed", String(!this.hidden.has(series.id)));
      button.append(element("span", `swatch swatch-${(index % COLORS) + 1}`), element("span", "", series.label));
      button.addEventListener("click", (event) => this.toggle(series.id, event.shiftKey || event.ctrlKey));
      name.append(button);
      const cells = ["last", "min", "mean", "max"].map((key) => element("td", "", this.write(numbers[key])));
      row.append(name, ...cells);
      body.append(row);
      return { last: cells[0], text: this.write(numbers.last), values: series.mean };
    }

    pointAt(index) {
      if (!this.cells || this.figure.dataset.legend === "no") return;
      const over = index !== null && index !== undefined;
      this.now.textContent = over ? time.stamp(new Date(this.data.t[index] * 1000), false).slice(this.short() ? 11 : 5) : "Last";
      for (const cell of this.cells) cell.last.textContent = over ? this.write(cell.values[index]) : cell.text;
    }

    short() {
      return this.data.end - this.data.start <= 86400;
    }

    // A click hides a line, with Shift or Ctrl it leaves only this one.
    toggle(id, only) {
      const ids = this.data.series.map((series) => series.id);
      if (only) this.hidden = new Set(this.hidden.size === ids.length - 1 && !this.hidden.has(id) ? [] : ids.filter((other) => other !== id));
      else if (!this.hidden.delete(id)) this.hidden.add(id);
      this.draw(this.data);
    }
  }

  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      seen.unobserve(entry.target);
      charts.set(entry.target, new Chart(entry.target));
    }
  }, { rootMargin: "300px" });

  function watch() {
    for (const figure of document.querySelectorAll("[data-chart]:not([data-watched])")) {
      figure.dataset.watched = "";
      seen.observe(figure);
    }
  }

  watch();
  document.addEventListener("htmx:afterSettle", watch);
  document.addEventListener("itim:theme", () => groups.forEach((group) => group.members.forEach((chart) => chart.data && chart.draw(chart.data))));
  window.setInterval(() => {
    if (!document.hidden) groups.forEach((group) => group.zoom || group.reload());
  }, REFRESH);
})();
