// Numbers, sizes, rates and times as core/format.py writes them; a browser test runs both over one table.
(() => {
  "use strict";
  const NOTHING = "–";
  const SI = ["", "k", "M", "G", "T", "P", "E"];
  const IEC = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
  const SMALL = [[1, ""], [1e-3, "m"], [1e-6, "µ"], [1e-9, "n"]];
  const SPANS = [[31536000, "y"], [86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  const PREFIXED = new Set(["Hz", "V", "A", "W"]);
  const real = (value) => typeof value === "number" && Number.isFinite(value);

  function plain(value, digits = 3) {
    if (!real(value)) return NOTHING;
    if (value === 0) return "0";
    const places = Math.max(0, Math.min(9, digits - 1 - Math.floor(Math.log10(Math.abs(value)))));
    const [whole, rest = ""] = value.toFixed(places).split(".");
    const part = rest.replace(/0+$/, "");
    const text = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",") + (part ? `.${part}` : "");
    return text === "-0" ? "0" : text;
  }

  const join = (text, unit) => (unit ? (unit === "%" ? `${text}%` : `${text}\u00a0${unit}`) : text);

  function stepped(value, base, count) {
    let power = 0;
    while (power < count - 1 && Math.abs(value) >= base * 0.9995) {
      value /= base;
      power += 1;
    }
    return [value, power];
  }

  function si(value, unit = "") {
    if (!real(value)) return NOTHING;
    const size = Math.abs(value);
    if (unit && size > 0 && size < 1) {
      const [factor, prefix] = SMALL.find(([limit]) => size >= limit) || SMALL[SMALL.length - 1];
      return join(plain(value / factor), prefix + unit);
    }
    const [scaled, power] = stepped(value, 1000, SI.length);
    return unit ? join(plain(scaled), SI[power] + unit) : plain(scaled) + SI[power];
  }

  function octets(value, per = "") {
    if (!real(value)) return NOTHING;
    const [scaled, power] = stepped(value, 1024, IEC.length);
    return join(plain(scaled), IEC[power] + per);
  }

  const bits = (value) => si(real(value) ? value * 8 : null, "bit/s");

  function percent(value) {
    if (!real(value)) return NOTHING;
    const text = value.toFixed(1);
    return text === "-0.0" ? "0%" : `${text.replace(/\.0$/, "")}%`;
  }

  function duration(value) {
    if (!real(value)) return NOTHING;
    let rest = Math.trunc(Math.abs(value));
    const parts = [];
    for (const [length, name] of SPANS) {
      if (rest >= length || parts.length) {
        parts.push([Math.floor(rest / length), name]);
        rest %= length;
      }
    }
    const shown = parts.slice(0, 2).filter(([count]) => count).map(([count, name]) => `${count}\u00a0${name}`);
    return (value <= -1 ? "-" : "") + (shown.join(" ") || "0\u00a0s");
  }

  const seconds = (value) => (real(value) && Math.abs(value) >= 60 ? duration(value) : si(value, "s"));

  function quantity(value, unit = "", asBits = false) {
    if (!real(value)) return NOTHING;
    if (unit === "%") return percent(value);
    if (unit === "s") return seconds(value);
    if (unit === "B") return octets(value);
    if (unit === "B/s") return asBits ? bits(value) : octets(value, "/s");
    if (unit === "1/s") return join(si(value), "/s");
    return PREFIXED.has(unit) ? si(value, unit) : join(plain(value), unit);
  }

  // A state in the words of its numbers; a mean that lies between two states is named by both.
  function state(value, words) {
    if (!real(value)) return NOTHING;
    const named = [Math.floor(value), Math.ceil(value)].map((one) => words[one] ?? plain(one));
    return [...new Set(named)].join(" – ");
  }

  function ago(moment, now) {
    const gap = (now - moment) / 1000;
    if (Math.abs(gap) < 10) return "just now";
    const span = duration(Math.abs(gap)).split(" ")[0];
    return gap > 0 ? `${span} ago` : `in ${span}`;
  }

  window.itim.format = { plain, si, octets, bits, percent, duration, seconds, quantity, state, ago };
})();
