"use strict";
// Draws the page from its data. Names and messages from the clusters become text, never markup.
(() => {
  const DATA = JSON.parse(document.getElementById("data").textContent);
  const FIRST_ROWS = 50;
  // States of partitions and groups with their colors, most urgent first.
  const FLOW = DATA.states.flow, GROUP = DATA.states.group;
  const ORDER = Object.keys(FLOW), GROUP_ORDER = Object.keys(GROUP);

  function el(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key === "text") made.textContent = value;
      else made.setAttribute(key, value);
    }
    made.append(...children);
    return made;
  }
  function svg(name, attributes, text) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  }
  const whole = (value) => value === null || value === undefined ? "?" : Math.round(value).toLocaleString("en-US");
  const rate = (value) => value === null || value === undefined ? "?" : value >= 10 || value === 0 ? whole(value) : value.toFixed(1);
  function duration(seconds) {
    if (seconds === null || seconds === undefined) return "?";
    if (seconds < 10) return `${Math.max(0, seconds).toFixed(1)} s`;
    let left = Math.round(seconds);
    for (const [size, unit, smaller, small] of [[86400, "d", 3600, "h"], [3600, "h", 60, "min"], [60, "min", 1, "s"]]) {
      if (left >= size) {
        const rest = Math.floor((left % size) / smaller);
        return `${Math.floor(left / size).toLocaleString("en-US")} ${unit}` + (rest ? ` ${rest} ${small}` : "");
      }
    }
    return `${left} s`;
  }
  const brief = (value) => value >= 10000 ? compact(value) : rate(value);
  const clock = (at) => new Date(at * 1000).toISOString().slice(11, 19);
  const moment = (at) => new Date(at * 1000).toISOString().slice(0, 19).replace("T", " ") + " UTC";
  const records = (row) => (row.records_exact || !row.records_behind ? "" : "≤ ") + whole(row.records_behind);
  const short = (row) => row.records_behind < 1e6 ? records(row) : (row.records_exact ? "" : "≤ ") + compact(row.records_behind);
  const caughtUp = (row) => !row.records_behind ? "" : ["flowing", "up-to-date"].includes(row.trouble) ? "keeps up" : row.catch_up_seconds !== null ? duration(row.catch_up_seconds) : row.mirrored_per_second === null ? "?" : "never";
  const shade = (word) => FLOW[word] ?? "good";

  // Sorting and filters survive the page's reloads; without session storage they start again.
  const place = (key) => `${location.pathname} ${key}`;
  const kept = { get(key) { try { return JSON.parse(sessionStorage.getItem(place(key))); } catch { return null; } },
    set(key, value) { try { sessionStorage.setItem(place(key), JSON.stringify(value)); } catch { /* not kept */ } } };

  function tile(name, value, more, kind) {
    return el("div", { class: "tile" }, el("div", { class: "name", text: name }),
      el("div", { class: `value ${kind || ""}`, text: value }), el("div", { class: "more", text: more || "" }));
  }

  function header(mirror) {
    const head = el("header", { class: `verdict ${mirror.verdict}` },
      el("strong", { text: mirror.verdict.toUpperCase() }),
      el("span", { text: `${mirror.mirror}: ${mirror.source} → ${mirror.target}` }),
      el("p", { class: "says", text: mirror.says }));
    const line = el("p", { class: "soft" });
    if (mirror.since !== null) line.append(el("b", { text: `since ${moment(mirror.since)}` }), ` (${duration(mirror.at - mirror.since)} before this look) · `);
    line.append(`read at ${moment(mirror.at)} in ${duration(mirror.seconds)} · `);
    const age = el("span", { class: "age" });
    line.append(age);
    head.append(line);
    const tell = () => {
      const old = Date.now() / 1000 - mirror.at;
      const limit = DATA.every ? Math.max(60, 4 * DATA.every + 3 * mirror.seconds) : 600;
      age.textContent = old > limit ? `STALE: this page is ${duration(old)} old` : `${duration(Math.max(0, old))} ago`;
      age.className = old > limit ? "age stale" : "age";
    };
    tell();
    setInterval(tell, 1000);
    head.append(el("p", { class: "soft", text: "This page shows the current state. Proof that no record is missing: region-mirror verify" }));
    if (mirror.as_of) head.append(el("p", { class: "stale", text: `Below: the last successful look, at ${moment(mirror.as_of)}.` }));
    return head;
  }

  function tiles(mirror) {
    const box = el("div", { class: "tiles" }), total = mirror.total;
    if (!total) return box;
    const worst = mirror.partitions[0];
    const late = Object.entries(mirror.partition_troubles).filter(([word]) => shade(word) !== "good").reduce((sum, [, count]) => sum + count, 0);
    box.append(
      tile("records behind", short(total), `${whole(total.partitions)} partitions of ${whole(total.topics)} topics`),
      tile("oldest record waits", duration(total.seconds_behind), total.behind_since ? `since ${moment(total.behind_since)}` : "no record waits", total.seconds_behind > mirror.max_lag_seconds ? "bad" : ""),
      tile("partitions in trouble", whole(late), worst && late ? `worst: ${worst.topic}-${worst.partition}, ${worst.trouble}` : "none", late ? "bad" : "good"),
      tile("in → mirrored, records/s", `${brief(total.produced_per_second)} → ${brief(total.mirrored_per_second)}`, mirror.rates_over_seconds ? `over ${duration(mirror.rates_over_seconds)}` : "unknown until the next look"),
      tile("caught up in", !total.records_behind ? "up to date" : late ? caughtUp(total) : "keeps up", "the slowest partition"),
      tile("retention used", total.retention_used === null ? "none" : `${Math.round(total.retention_used * 100)} %`, "by the oldest unmirrored record", total.retention_used > 0.5 ? "bad" : ""));
    const stuck = Object.entries(mirror.group_troubles).filter(([word]) => GROUP[word] === "bad").reduce((sum, [, count]) => sum + count, 0);
    if (mirror.groups.length) box.append(tile("groups that cannot move", whole(stuck), Object.entries(mirror.group_troubles).map(([word, count]) => `${whole(count)} ${word}`).join(", "), stuck ? "bad" : "good"));
    const runs = mirror.faults.length ? "not running" : ["", "unknown"].includes(mirror.connectors) ? "unknown" : "running";
    box.append(tile("connectors", runs, mirror.connectors, { running: "good", "not running": "bad" }[runs] || ""));
    return box;
  }

  function faults(mirror) {
    const list = el("ul", { class: "faults" });
    for (const one of mirror.faults) list.append(el("li", {}, el("div", { text: one.message }), el("div", { class: "remedy", text: `→ ${one.remedy}` })));
    for (const one of mirror.problems.filter((problem) => problem !== mirror.says)) list.append(el("li", { text: one }));
    return list;
  }

  const SPANS = [1, 2, 4, 10, 20, 60, 120, 240, 600, 1200, 3600, 7200, 14400, 36000, 86400, 172800];
  function ceiling(value, unit) {
    if (unit === "s") for (const span of SPANS) if (span >= value) return span;
    for (let size = unit === "s" ? 86400 : 1; ; size *= 10) for (const step of [1, 2, 5]) if (step * size >= value) return step * size;
  }
  function span(seconds) {
    for (const [size, unit] of [[86400, "d"], [3600, "h"], [60, "min"]]) if (seconds >= size) return `${+(seconds / size).toFixed(1)} ${unit}`;
    return `${seconds} s`;
  }

  function chart(title, at, series, unit, limit) {
    const W = 400, H = 180, left = 52, right = 12, top = 8, bottom = 22;
    const card = el("div", { class: "card" }, el("h2", { text: title }));
    const legend = el("div", { class: "legend" });
    const drawn = svg("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": title });
    const values = series.flatMap((one) => one.values).filter((value) => value !== null);
    const highest = values.reduce((a, b) => Math.max(a, b), 1);
    const most = ceiling(limit && highest > limit / 4 ? Math.max(limit, highest) : highest, unit);
    const from = at[0], to = at[at.length - 1];
    const x = (moment_) => to > from ? left + (moment_ - from) / (to - from) * (W - left - right) : (left + W - right) / 2;
    const y = (value) => top + (1 - value / most) * (H - top - bottom);
    for (const part of [0, 0.5, 1]) {
      drawn.append(svg("line", { class: "grid", x1: left, x2: W - right, y1: y(most * part), y2: y(most * part) }));
      drawn.append(svg("text", { x: left - 6, y: y(most * part) + 4, "text-anchor": "end" }, part === 0 ? "0" : unit === "s" ? span(most * part) : compact(most * part)));
    }
    if (limit && limit <= most) drawn.append(svg("line", { class: "limit", x1: left, x2: W - right, y1: y(limit), y2: y(limit) }));
    drawn.append(svg("text", { x: left, y: H - 6 }, clock(from)));
    if (to > from) drawn.append(svg("text", { x: W - right, y: H - 6, "text-anchor": "end" }, clock(to)));
    series.forEach((one, number) => {
      const color = `var(--c${number % 6})`;
      let path = "", pen = false;
      one.values.forEach((value, index) => {
        if (value === null) { pen = false; return; }
        path += `${pen ? "L" : "M"}${x(at[index]).toFixed(1)} ${y(value).toFixed(1)}`;
        const alone = !pen && (index + 1 >= one.values.length || one.values[index + 1] === null);
        if (alone) drawn.append(svg("circle", { class: "dot", cx: x(at[index]), cy: y(value), r: 3, fill: color }));
        pen = true;
      });
      drawn.append(svg("path", { class: "line", d: path, stroke: color }));
    });
    const tell = (index) => {
      legend.replaceChildren(el("span", { text: clock(at[index]) }));
      series.forEach((one, number) => {
        const mark = el("i", {});
        mark.style.background = `var(--c${number % 6})`;
        const value = one.values[index];
        legend.append(el("span", { title: one.name }, mark, `${one.name} ${value === null ? "not seen" : unit === "s" ? duration(value) : rate(value)}`));
      });
    };
    tell(at.length - 1);
    const cross = svg("line", { class: "cross", y1: top, y2: H - bottom, visibility: "hidden" });
    drawn.append(cross);
    drawn.addEventListener("pointermove", (event) => {
      const box = drawn.getBoundingClientRect(), where = (event.clientX - box.left) / box.width * W;
      let nearest = 0;
      at.forEach((moment_, index) => { if (Math.abs(x(moment_) - where) < Math.abs(x(at[nearest]) - where)) nearest = index; });
      cross.setAttribute("x1", x(at[nearest])); cross.setAttribute("x2", x(at[nearest])); cross.setAttribute("visibility", "visible");
      tell(nearest);
    });
    drawn.addEventListener("pointerleave", () => { cross.setAttribute("visibility", "hidden"); tell(at.length - 1); });
    card.append(drawn, legend);
    return card;
  }
  function compact(value) {
    for (const [size, unit] of [[1e9, "G"], [1e6, "M"], [1e3, "k"]]) if (value >= size) return `${+(value / size).toFixed(1)}${unit}`;
    return String(+value.toFixed(1));
  }

  function charts(mirror) {
    const box = el("div", { class: "charts" }), past = mirror.history;
    if (past.at.length > 1) {
      const topics = Object.entries(past.topics).slice(0, 4).map(([name, values]) => ({ name, values }));
      box.append(
        chart("Records behind", past.at, [{ name: "all", values: past.records }, ...topics], ""),
        chart("Oldest record waits", past.at, [{ name: "all", values: past.seconds }], "s", mirror.max_lag_seconds),
        chart("Records a second", past.at, [{ name: "in", values: past.produced }, { name: "mirrored", values: past.mirrored }], ""));
    }
    if (past.events.length) {
      const list = el("ul", { class: "events" });
      for (const event of [...past.events].reverse()) list.append(el("li", {},
        el("span", { class: `word ${["flowing", "empty"].includes(event.word) ? "good" : ["behind", "unknown"].includes(event.word) ? "warn" : "bad"}`, text: event.word }),
        ` from ${moment(event.at)}: ${event.says}`));
      box.append(el("div", { class: "card" }, el("h2", { text: past.at.length > 1 ? `Changes since ${moment(past.at[0])}` : "One look; --watch adds charts of lag over time" }), list));
    }
    return box;
  }

  const cell = {
    name: (key) => (row) => el("td", { class: "name", text: row[key] }),
    number: (text) => (row) => el("td", { class: "number", text: text(row) }),
    says: (row) => el("td", { class: "says" }, el("span", { class: `word ${shade2(row)}`, text: row.trouble }), row.says ? `: ${row.says}` : ""),
  };
  const shade2 = (row) => row.group === undefined ? shade(row.trouble) : row.trouble === "behind" ? "" : GROUP[row.trouble];
  const order = (words) => (row) => words.indexOf(row.trouble);
  const flow = [
    ["records behind", (row) => row.records_behind, cell.number(records)],
    ["waits", (row) => row.records_behind ? row.seconds_behind ?? Infinity : 0, cell.number((row) => row.records_behind ? duration(row.seconds_behind) : "")],
    ["since", (row) => row.behind_since === null ? 0 : -row.behind_since, cell.number((row) => row.behind_since === null ? "" : clock(row.behind_since))],
    ["in/s", (row) => row.produced_per_second ?? -1, cell.number((row) => rate(row.produced_per_second))],
    ["mirrored/s", (row) => row.mirrored_per_second ?? -1, cell.number((row) => rate(row.mirrored_per_second))],
    ["caught up in", (row) => !row.records_behind ? 0 : row.catch_up_seconds ?? Infinity, cell.number(caughtUp)],
    ["retention used", (row) => row.retention_used ?? -1, cell.number((row) => row.retention_used === null ? "" : `${Math.round(row.retention_used * 100)} % of ${duration(row.retention_seconds)}`)],
  ];
  const COLUMNS = {
    topics: [["topic", (row) => row.topic, cell.name("topic")], ["state", order(ORDER), cell.says, true],
      ["partitions", (row) => row.partitions, cell.number((row) => whole(row.partitions))], ...flow],
    partitions: [["partition", (row) => row.name, cell.name("name")], ["state", order(ORDER), cell.says, true], ...flow,
      ["position", (row) => row.position ?? -1, cell.number((row) => row.position === null ? "none" : whole(row.position))],
      ["source log", (row) => row.source_end ?? -1, cell.number((row) => `${whole(row.source_start)} … ${whole(row.source_end)}`)]],
    groups: [["consumer group", (row) => row.group, cell.name("group")], ["state", order(GROUP_ORDER), cell.says, true],
      ["partitions", (row) => row.partitions, cell.number((row) => whole(row.partitions))],
      ["re-reads", (row) => row.rereads, cell.number((row) => ["not-translated", "unreadable"].includes(row.trouble) && !row.rereads ? "?" : ({ exactly: "", "at most": "≤ ", about: "~ " })[row.rereads_are] + whole(row.rereads))],
      ["unread at source", (row) => row.unread_at_source_at_most, cell.number((row) => `≤ ${whole(row.unread_at_source_at_most)}`)],
      ["active on", (row) => (row.active_on_source ? 1 : 0) + (row.active_on_target ? 2 : 0), (row) => el("td", { text: [row.active_on_source ? "source" : "", row.active_on_target ? "target" : ""].filter(Boolean).join(", ") })]],
  };

  function table(title, rows, columns, key) {
    const state = Object.assign({ sort: null, down: false, all: false, filter: "" }, kept.get(key));
    const box = el("section", { class: "table", id: key });
    const count = el("span", { class: "soft" });
    const input = el("input", { type: "search", placeholder: "filter by name or state", "aria-label": `filter ${title}` });
    input.value = state.filter;
    const head = el("tr"), body = el("tbody");
    const more = el("button", { class: "more-rows", type: "button" });
    const texts = rows.map((row) => [row.name ?? row.topic ?? row.group, row.trouble, row.says].join(" ").toLowerCase());
    const draw = () => {
      kept.set(key, state);
      const words = state.filter.toLowerCase();
      let chosen = rows.map((row, index) => [row, index]).filter(([, index]) => texts[index].includes(words));
      if (state.sort !== null) {
        const value = columns[state.sort][1];
        const compare = (a, b) => typeof a === "string" ? a.localeCompare(b, "en", { numeric: true }) : a === b ? 0 : a < b ? -1 : 1;
        chosen.sort(([a, i], [b, j]) => (state.down ? -1 : 1) * compare(value(a), value(b)) || i - j);
      }
      const shown = state.all ? chosen : chosen.slice(0, FIRST_ROWS);
      body.replaceChildren(...shown.map(([row]) => el("tr", {}, ...columns.map((column) => column[2](row)))));
      count.textContent = `${whole(shown.length)} of ${whole(rows.length)} shown${state.sort === null ? ", most urgent first" : ""}`;
      more.textContent = chosen.length > shown.length ? `show all ${whole(chosen.length)}` : state.all && chosen.length > FIRST_ROWS ? `show ${FIRST_ROWS}` : "";
      [...head.children].forEach((one, index) => {
        if (index === state.sort) one.setAttribute("aria-sort", state.down ? "descending" : "ascending");
        else one.removeAttribute("aria-sort");
      });
    };
    columns.forEach((column, index) => {
      const button = el("button", { type: "button", text: column[0] });
      const number = rows.length && column[2](rows[0]).className === "number";
      button.addEventListener("click", () => {
        const down = number;  // numbers: the largest first; names and states: ascending
        if (state.sort !== index) { state.sort = index; state.down = down; }
        else if (state.down === down) state.down = !down;
        else { state.sort = null; state.down = false; }
        draw();
      });
      head.append(el("th", { scope: "col", class: number ? "number" : "" }, button));
    });
    input.addEventListener("input", () => { state.filter = input.value; draw(); });
    more.addEventListener("click", () => { state.all = !state.all; draw(); });
    box.append(el("div", { class: "bar" }, el("h2", { text: title }), input, count),
      el("div", { class: "scroll" }, el("table", {}, el("thead", {}, head), body)), more);
    draw();
    return box;
  }

  const root = document.getElementById("mirrors");
  root.replaceChildren(...DATA.mirrors.map((mirror, index) => {
    mirror.partitions.forEach((row) => { row.name = `${row.topic}-${row.partition}`; });
    const section = el("section", { class: "mirror" }, header(mirror), faults(mirror), tiles(mirror), charts(mirror));
    if (mirror.topics.length) section.append(table("Topics", mirror.topics, COLUMNS.topics, `topics-${index}`));
    if (mirror.groups.length) section.append(table("Consumer groups", mirror.groups, COLUMNS.groups, `groups-${index}`));
    if (mirror.partitions.length) section.append(table("Partitions", mirror.partitions, COLUMNS.partitions, `partitions-${index}`));
    return section;
  }));
  if (DATA.every) {
    const at = kept.get("scroll");
    if (at) scrollTo(0, at);
    setTimeout(() => { kept.set("scroll", scrollY); location.reload(); }, Math.max(2, DATA.every) * 1000);
  }
  document.documentElement.dataset.drawn = "yes";
})();
