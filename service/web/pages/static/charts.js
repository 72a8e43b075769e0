// The plots of the pages, drawn with Observable Plot from the JSON that stands beside each of them.
// The page says everything without them: each plot has its table. Colours are those of the style sheet.
(() => {
  "use strict";

  const NARROW = 560;
  const PRINTED = 700; // pixels of a page of paper
  const ink = "var(--ink)", quiet = "var(--quiet)", line = "var(--line)";

  const day = (text) => new Date(`${text}T00:00:00Z`);
  const middle = (row) => new Date((day(row.from).getTime() + day(row.to).getTime()) / 2);

  // A figure of Plot without its own style element: the page's policy lets no style stand in the page.
  const figure = (options) => {
    const svg = Plot.plot({ className: "pl", style: { background: "transparent", color: ink, overflow: "visible" }, ...options });
    svg.querySelectorAll("style").forEach((element) => element.remove());
    svg.setAttribute("aria-hidden", "true");
    svg.setAttribute("focusable", "false");
    return svg;
  };

  const named = (mark, name) => ({ ...mark, className: name });

  // Labels that fit beside their marks, on the right or else on the left, long or else short. One that would cover another label
  // or a mark of its line is left to the title of the mark and to the table.
  const roomy = (rows, place, width, left, right) => {
    const placed = rows.map((row) => ({ row, ...place(row) })).sort((one, other) => one.x - other.x);
    const ends = new Map(); // of each line: where its last label ends
    const found = [];
    placed.forEach(({ row, x, y, words }, number) => {
      const next = placed.slice(number + 1).find((later) => later.y === y && later.x > x + 2);
      const before = placed.slice(0, number).findLast((earlier) => earlier.y === y && earlier.x < x - 2);
      const until = Math.min(right + 14, next ? next.x - 9 : Infinity);
      const from = Math.max(left - 6, ends.get(y) ?? -Infinity, before ? before.x + 9 : -Infinity);
      for (const text of words.filter(Boolean)) {
        const long = width * text.length;
        if (x >= (ends.get(y) ?? -Infinity) && x + 9 + long <= until) {
          ends.set(y, x + 13 + long);
          found.push({ ...row, text, side: "right" });
          return;
        }
        if (x - 9 - long >= from) {
          ends.set(y, x + 9);
          found.push({ ...row, text, side: "left" });
          return;
        }
      }
    });
    return found;
  };

  const beside = (labels, options) => ["right", "left"].map((side) =>
    Plot.text(labels.filter((row) => row.side === side), { text: "text", textAnchor: side === "right" ? "start" : "end", dx: side === "right" ? 9 : -9, dy: 0.5, fontSize: 11, stroke: "var(--paper)", strokeWidth: 3, ...options }));

  const legend = (items) => {
    const list = document.createElement("ul");
    list.className = "legend-inline";
    list.setAttribute("aria-hidden", "true");
    for (const [sign, name, kind] of items) {
      const item = document.createElement("li");
      const mark = document.createElement("span");
      mark.className = `legend-sign ${kind}`;
      mark.textContent = sign;
      item.append(mark, ` ${name}`);
      list.append(item);
    }
    return list;
  };

  // ------------------------------------------------------------------ the course

  const guides = (data) =>
    data.events
      .filter((row) => ["relapse", "hsct", "car-t"].includes(row.kind) && !row.doubt)
      .map((row) => ({ x: middle(row), kind: row.kind }));

  const guide = (rows) => [
    Plot.ruleX(rows.filter((row) => row.kind === "relapse"), { x: "x", stroke: "var(--bad)", strokeOpacity: 0.35, strokeWidth: 1 }),
    Plot.ruleX(rows.filter((row) => row.kind !== "relapse"), { x: "x", stroke: "var(--cells)", strokeOpacity: 0.4, strokeWidth: 1, strokeDasharray: "3,3" }),
  ];

  const course = (data, width) => {
    const narrow = width < NARROW;
    const marginLeft = narrow ? 40 : 136;
    const marginRight = narrow ? 10 : 20;
    const span = Math.max(day(data.to) - day(data.from), 30 * 864e5);
    const domain = [new Date(day(data.from).getTime() - span * 0.025), new Date(day(data.to).getTime() + span * 0.025)];
    const time = d3.scaleUtc(domain, [marginLeft, width - marginRight]);
    const x = { type: "utc", domain, range: [marginLeft, width - marginRight], label: null };
    const frame = { width, marginLeft, marginRight, x };
    const parts = [];
    if (data.levels.length) parts.push(levels(data, frame, time, narrow));
    const lanes = ["disease", "cells", "cd19", "cd22"].filter((lane) => data.events.some((row) => row.lane === lane));
    if (lanes.length) parts.push(events(data, frame, time, lanes, narrow));
    if (data.spans.length) parts.push(spans(data, frame, time, narrow));
    parts.push(axis(data, frame, time, narrow));
    parts.push(courseLegend(data));
    return parts;
  };

  // Months in the language of the page, the year where it begins.
  const axis = (data, frame, time, narrow) => {
    const ticks = time.ticks(narrow ? 4 : Math.max(4, Math.round(frame.width / 90)));
    const month = new Intl.DateTimeFormat(data.words.language, { month: "short", timeZone: "UTC" });
    const dated = new Intl.DateTimeFormat(data.words.language, { day: "numeric", month: "short", timeZone: "UTC" });
    const years = ticks.every((tick) => tick.getUTCMonth() === 0 && tick.getUTCDate() === 1);
    const written = (tick, number) => {
      if (years) return String(tick.getUTCFullYear());
      const name = tick.getUTCDate() === 1 ? month.format(tick) : dated.format(tick);
      const begins = number === 0 || tick.getUTCFullYear() !== ticks[number - 1].getUTCFullYear();
      return begins ? `${name}\n${tick.getUTCFullYear()}` : name;
    };
    return figure({
      ...frame,
      height: 34,
      marginTop: 2,
      marginBottom: 32,
      x: { ...frame.x, axis: null },
      marks: [Plot.axisX(ticks, { anchor: "bottom", color: quiet, tickSize: 4, label: null, tickFormat: (date, number) => written(date, number) })],
    });
  };

  const levels = (data, frame, time, narrow) => {
    const { words } = data;
    const numbers = data.levels.flatMap((row) => [row.low, row.high]).filter((value) => value > 0);
    const smallest = Math.min(0.01, ...numbers, ...data.limits.map((row) => row.value));
    const floor = 10 ** Math.floor(Math.log10(smallest) - 0.35);
    const rows = data.levels.map((row) => {
      const below = row.open === "below" || (row.open === "exact" && row.high <= 0);
      const between = row.open === "between";
      const y = row.open === "both" ? Math.sqrt(floor * 100) : below ? Math.max(row.high ?? floor, floor) : between ? Math.sqrt(row.low * row.high) : row.low;
      return { ...row, below, between, above: row.open === "above", x: middle(row), y: Math.min(Math.max(y, floor), 100), series: `${row.measure}${row.blood ? " blood" : ""}` };
    });
    const color = (row) => (row.measure === "mrd" ? "var(--mrd)" : "var(--marrow)");
    const symbol = (row) => (row.measure === "mrd" ? (row.blood ? "diamond" : "circle") : "square");
    const hollow = (row) => row.open !== "exact" || row.below;
    const height = narrow ? 226 : 262;
    const share = d3.scaleLog([floor, 100], [height - 8, 28]);
    const value = (row) =>
      row.below ? (row.high > 0 ? `<${row.high}` : "0") : row.above ? `>${row.low}` : row.between ? `${row.low}–${row.high}` : row.open === "both" ? "?" : `${row.low}`;
    const labels = roomy(rows, (row) => ({ x: time(row.x), y: Math.round(share(row.y) / 13), words: [value(row)] }), 6, frame.marginLeft, frame.width - frame.marginRight);
    const marks = [
      Plot.gridY(d3.range(Math.log10(floor), 3).map((power) => 10 ** power), { stroke: line, strokeOpacity: 1, strokeWidth: 0.6 }),
      ...guide(guides(data)),
      Plot.ruleY(data.limits, { y: "value", stroke: (row) => color(row), strokeDasharray: "5,4", strokeWidth: 1, strokeOpacity: 0.75 }),
      Plot.text(data.limits, { y: "value", text: "label", frameAnchor: "right", dy: -6, textAnchor: "end", fill: (row) => color(row), fontSize: 10 }),
      Plot.line(rows, { x: "x", y: "y", z: "series", stroke: color, strokeOpacity: 0.35, strokeWidth: 1.25, sort: "x" }),
      Plot.link(rows.filter((row) => row.from !== row.to), { x1: (row) => day(row.from), x2: (row) => day(row.to), y1: "y", y2: "y", stroke: color, strokeWidth: 1.5, strokeOpacity: 0.6 }),
      Plot.link(rows.filter((row) => row.between), { x1: "x", x2: "x", y1: "low", y2: "high", stroke: color, strokeWidth: 1.5 }),
      Plot.arrow(rows.filter((row) => row.below), { x1: "x", x2: "x", y1: "y", y2: (row) => Math.max(row.y / 2.6, floor * 0.8), stroke: color, strokeWidth: 1.5, headLength: 6, inset: 4 }),
      Plot.arrow(rows.filter((row) => row.above), { x1: "x", x2: "x", y1: "y", y2: (row) => Math.min(row.y * 2.6, 150), stroke: color, strokeWidth: 1.5, headLength: 6, inset: 4 }),
      Plot.dot(rows, named({ x: "x", y: "y", symbol, r: 4.5, stroke: color, strokeWidth: 1.75, fill: (row) => (hollow(row) ? "var(--paper)" : color(row)), title: (row) => `${row.label}\n${row.from === row.to ? row.from : `${row.from} – ${row.to}`}\n${row.reference}` }, "m-level")),
      ...beside(labels, { x: "x", y: "y", fill: color, fontVariant: "tabular-nums" }),
    ];
    const power = (number) => (number >= 1 ? `${number}` : d3.format("~g")(number));
    return figure({
      ...frame,
      height,
      marginTop: 28,
      marginBottom: 8,
      x: { ...frame.x, axis: null },
      y: { type: "log", domain: [floor, 100], range: [height - 8, 28], label: null, axis: null },
      marks: [
        ...marks,
        Plot.axisY(d3.range(Math.log10(floor), 3).map((one) => 10 ** one), { color: quiet, tickSize: 0, tickFormat: power, label: null }),
        Plot.text([words.levelsAxis], { frameAnchor: "top-left", dx: narrow ? -34 : -frame.marginLeft, dy: -22, textAnchor: "start", fill: quiet, fontSize: 11 }),
      ],
    });
  };

  // One row of the lanes: its name on the left, above it where the page is narrow, and a line along it.
  const lane = (names, frame, narrow) => [
    Plot.ruleY(names, { y: "id", stroke: line, strokeWidth: 0.6 }),
    Plot.text(names, { y: "id", text: "name", frameAnchor: "left", textAnchor: "start", dx: narrow ? -34 : -frame.marginLeft, dy: narrow ? -13 : 0, fill: quiet, fontSize: 11, stroke: "var(--paper)", strokeWidth: 3 }),
  ];

  const SYMBOLS = { diagnosis: "diamond", relapse: "triangle", "suspected-relapse": "triangle", remission: "circle", refractory: "times", hsct: "square", "car-t": "star" };
  const COLORS = { diagnosis: ink, relapse: "var(--bad)", "suspected-relapse": "var(--bad)", remission: "var(--good)", refractory: "var(--bad)", hsct: "var(--cells)", "car-t": "var(--cells)" };

  const events = (data, frame, time, lanes, narrow) => {
    const { words } = data;
    const step = narrow ? 36 : 26;
    const names = lanes.map((id) => ({ id, name: words[id] ?? id.toUpperCase() }));
    const rows = data.events.filter((row) => lanes.includes(row.lane)).map((row) => ({ ...row, x: middle(row) }));
    const plain = rows.filter((row) => row.kind !== "antigen");
    const antigens = rows.filter((row) => row.kind === "antigen");
    const color = (row) => (row.kind === "antigen" ? (row.answer === "negative" ? "var(--bad)" : row.answer === "positive" ? "var(--good)" : quiet) : COLORS[row.kind]);
    const hollow = (row) => row.doubt || row.kind === "suspected-relapse" || row.kind === "remission";
    const title = (row) => `${words.kinds[row.kind]}: ${row.more}${row.doubt ? ` (${row.doubt})` : ""}\n${row.from === row.to ? row.from : `${row.from} – ${row.to}`}\n${row.reference}`;
    const labels = roomy(rows, (row) => ({ x: time(row.x), y: row.lane, words: [row.label, row.brief] }), 6.1, frame.marginLeft, frame.width - frame.marginRight);
    return figure({
      ...frame,
      height: lanes.length * step + 10,
      marginTop: narrow ? 10 : 4,
      marginBottom: 0,
      x: { ...frame.x, axis: null },
      y: { type: "band", domain: lanes, axis: null, padding: 0 },
      marks: [
        ...lane(names, frame, narrow),
        ...guide(guides(data)),
        Plot.dot(plain, named({ x: "x", y: "lane", symbol: (row) => SYMBOLS[row.kind], r: 5, stroke: color, strokeWidth: 1.75, fill: (row) => (hollow(row) ? "var(--paper)" : color(row)), title }, "m-event")),
        Plot.dot(antigens, named({ x: "x", y: "lane", r: 6.5, stroke: color, strokeWidth: 1.5, fill: "var(--paper)", title }, "m-antigen")),
        Plot.text(antigens, { x: "x", y: "lane", text: (row) => (row.answer === "positive" ? "+" : row.answer === "negative" ? "−" : "?"), fill: color, fontWeight: 700, fontSize: 12, dy: -0.5 }),
        ...beside(labels, { x: "x", y: "lane", fill: ink }),
      ],
    });
  };

  const spans = (data, frame, time, narrow) => {
    const { words } = data;
    const order = (rows, key) => [...new Set(rows.slice().sort((one, other) => day(one.from) - day(other.from)).map((row) => row[key]))];
    const phases = data.spans.filter((row) => row.kind === "phase");
    const drugs = data.spans.filter((row) => row.kind === "drug");
    const names = [...(phases.length ? [{ id: " phase", name: words.phases }] : []), ...order(drugs, "lane").map((id) => ({ id, name: id }))];
    const thinnest = (time.invert(4) - time.invert(0)); // a single day is still to be seen
    const rows = data.spans.map((row) => {
      const start = day(row.from), stop = new Date(day(row.to).getTime() + 864e5);
      return { ...row, id: row.kind === "phase" ? " phase" : row.lane, start, stop: new Date(Math.max(stop, start.getTime() + thinnest)) };
    });
    const step = narrow ? 34 : 20;
    const color = (row) => (row.kind === "phase" ? "var(--phase)" : "var(--drug)");
    const title = (row) => `${row.label}${row.more ? `: ${row.more}` : ""}\n${row.from} – ${row.to}\n${row.reference}`;
    const phased = rows.filter((row) => row.kind === "phase");
    const inside = phased.filter((row) => time(row.stop) - time(row.start) > 6.1 * row.label.length + 8);
    const outside = roomy(phased.filter((row) => !inside.includes(row)), (row) => ({ x: time(row.stop) - 4, y: row.id, words: [row.label] }), 6.1, frame.marginLeft, frame.width - frame.marginRight);
    return figure({
      ...frame,
      height: names.length * step + 12,
      marginTop: narrow ? 10 : 6,
      marginBottom: 0,
      x: { ...frame.x, axis: null },
      y: { type: "band", domain: names.map((row) => row.id), axis: null, padding: narrow ? 0.66 : 0.34 },
      marks: [
        ...lane(names.map((row) => ({ ...row, name: row.name.length > 24 && !narrow ? `${row.name.slice(0, 23)}…` : row.name })), frame, narrow),
        ...guide(guides(data)),
        Plot.barX(rows.filter((row) => !row.doubt), named({ x1: "start", x2: "stop", y: "id", fill: color, rx: 2, title }, "m-span")),
        Plot.barX(rows.filter((row) => row.doubt), named({ x1: "start", x2: "stop", y: "id", fill: "var(--paper)", stroke: color, strokeDasharray: "2,2", rx: 2, title }, "m-span")),
        Plot.text(inside, { x: "start", y: "id", text: "label", textAnchor: "start", dx: 5, fontSize: 11, fill: "var(--paper)" }),
        ...beside(outside, { x: (row) => (row.side === "right" ? row.stop : row.start), y: "id", fill: ink }),
      ],
    });
  };

  const courseLegend = (data) => {
    const { words } = data;
    const has = (test) => data.levels.some(test);
    const kinds = new Set(data.events.map((row) => row.kind));
    return legend([
      ...(has((row) => row.measure === "mrd" && !row.blood) ? [["●", words.mrd, "mrd"]] : []),
      ...(has((row) => row.blood) ? [["◆", `${words.mrd}, ${words.blood}`, "mrd"]] : []),
      ...(has((row) => row.measure === "marrow-blasts") ? [["■", words.marrow, "marrow"]] : []),
      ...(has((row) => row.open === "below") ? [["○↓", words.below, "mrd"]] : []),
      ...(has((row) => row.open === "above") ? [["○↑", words.above, "mrd"]] : []),
      ...["diagnosis", "remission", "relapse", "suspected-relapse", "refractory", "hsct", "car-t"]
        .filter((kind) => kinds.has(kind))
        .map((kind) => [{ diagnosis: "◆", remission: "○", relapse: "▲", "suspected-relapse": "△", refractory: "✕", hsct: "■", "car-t": "★" }[kind], words.kinds[kind], kind]),
      ...(kinds.has("antigen") ? [["⊕", words.answers.positive, "good"], ["⊖", words.answers.negative, "bad"]] : []),
    ]);
  };

  // ------------------------------------------------------------------ published figures

  // All shares of patients on one axis, all medians on another; a heading for each outcome, a line for each figure.
  const evidence = (data, width) => {
    const narrow = width < NARROW;
    const shares = data.outcomes.filter((row) => row.id !== "median"), medians = data.outcomes.filter((row) => row.id === "median");
    const parts = [shares, medians].filter((outcomes) => outcomes.length).map((outcomes) => forest(data, outcomes, width, narrow));
    if (data.points.some((row) => row.arm === "comparator")) parts.push(legend([["■", data.words.product, "accent"], ["○", data.words.comparator, "quiet"]]));
    return parts;
  };

  const forest = (data, outcomes, width, narrow) => {
    const months = outcomes[0].id === "median";
    const unit = months ? "" : " %";
    const points = data.points.filter((row) => outcomes.some((one) => one.id === row.outcome));
    const most = months ? Math.max(12, ...points.map((row) => row.high ?? row.value)) * 1.05 : 100;
    const marginLeft = narrow ? 4 : Math.min(500, Math.round(width * 0.47)), marginRight = narrow ? 84 : 100;
    const studyWidth = 190;
    const lines = outcomes.flatMap((outcome) => [
      { row: ` ${outcome.id}`, heading: outcome.label },
      ...points.filter((row) => row.outcome === outcome.id && row.arm === "product"),
    ]);
    const heads = lines.filter((row) => !row.heading);
    const said = (row) => `${row.measure}${row.label ? `, ${row.label}` : ""}`;
    const cut = (words, longest) => (words.length > longest ? `${words.slice(0, longest - 1)}…` : words);
    const compared = (row) => points.filter((point) => point.row === row.row && point.arm === "comparator");
    const result = (row) => `${row.value}${compared(row).map((point) => ` / ${point.value}`).join("")}${unit}`;
    const again = (row) => lines[lines.indexOf(row) - 1]?.study === row.study;
    const left = (options) => ({ y: "row", frameAnchor: "left", textAnchor: "start", fontSize: 11, ...options });
    const ticks = months ? d3.ticks(0, most, 5) : [0, 25, 50, 75, 100];
    const step = narrow ? 34 : 19;
    return figure({
      width,
      height: lines.length * step + 28,
      marginLeft,
      marginRight,
      marginTop: narrow ? 10 : 2,
      marginBottom: 22,
      x: { domain: [0, most], label: null, axis: null },
      y: { type: "band", domain: lines.map((row) => row.row), axis: null, padding: 0 },
      marks: [
        Plot.ruleX(ticks, { stroke: line, strokeWidth: 0.75 }),
        Plot.link(heads.flatMap((row) => compared(row).map((point) => ({ row: row.row, one: row.value, other: point.value }))), { x1: "one", x2: "other", y1: "row", y2: "row", stroke: quiet, strokeOpacity: 0.6 }),
        Plot.link(points.filter((row) => row.low !== null && row.high !== null), { x1: "low", x2: "high", y1: "row", y2: "row", stroke: "var(--accent)", strokeWidth: 2 }),
        Plot.dot(points, named({ x: "value", y: "row", r: 4.25, symbol: (row) => (row.arm === "product" ? "square" : "circle"), stroke: (row) => (row.arm === "product" ? "var(--accent)" : quiet), strokeWidth: 1.5, fill: (row) => (row.arm === "product" ? "var(--accent)" : "var(--paper)"), title: (row) => `${row.study}: ${said(row)}\n${row.arm === "comparator" ? `${data.words.comparator}: ` : ""}${row.value}${unit || ` ${data.words.months}`}` }, "m-figure")),
        Plot.text(lines.filter((row) => row.heading), left({ text: "heading", dx: -marginLeft + (narrow ? marginLeft - 4 : 0), dy: narrow ? 8 : 0, fill: ink, fontWeight: 650, fontSize: 12 })),
        Plot.text(heads, { y: "row", text: result, frameAnchor: "right", textAnchor: "end", dx: marginRight - 4, fill: ink, fontSize: 11, fontVariant: "tabular-nums" }),
        ...(narrow
          ? [Plot.text(heads, left({ text: (row) => cut(again(row) ? said(row) : `${row.study}: ${said(row)}`, Math.floor(width / 6.1)), dx: -4, dy: -13, fill: quiet }))]
          : [
              Plot.text(heads.filter((row) => !again(row)), left({ text: (row) => cut(row.study, 29), dx: -marginLeft + 8, fill: ink })),
              Plot.text(heads, left({ text: (row) => cut(said(row), Math.floor((marginLeft - studyWidth - 14) / 5.7)), dx: -marginLeft + studyWidth + 8, fill: quiet })),
            ]),
        Plot.axisX(ticks, { anchor: "bottom", color: quiet, tickSize: 3, label: null, tickFormat: (number) => `${number}${unit}` }),
      ],
    });
  };

  // ------------------------------------------------------------------ counts of cards

  const PARTS = { accepted: "var(--good)", overridden: "var(--bad)", untold: "var(--drug)" };

  const tallies = (data, width) => {
    const narrow = width < NARROW;
    const marginLeft = narrow ? 8 : Math.min(240, width * 0.3);
    const rows = data.rows.flatMap((row) => data.parts.map((part) => ({ name: row.name, part: part.id, label: part.label, count: row[part.id] })));
    const names = data.rows.map((row) => row.name);
    const cut = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
    const step = narrow ? 36 : 22;
    const most = Math.max(1, ...data.rows.map((row) => d3.sum(data.parts, (part) => row[part.id])));
    const svg = figure({
      width,
      height: names.length * step + 40,
      marginLeft,
      marginRight: 40,
      marginTop: narrow ? 14 : 4,
      marginBottom: 34,
      x: { domain: [0, most], label: null, axis: null },
      y: { type: "band", domain: names, axis: null, padding: narrow ? 0.6 : 0.3 },
      marks: [
        Plot.barX(rows.filter((row) => row.count > 0), named(Plot.stackX({ x: "count", y: "name", fill: (row) => PARTS[row.part], title: (row) => `${row.name}\n${row.label}: ${row.count}` }), "m-tally")),
        Plot.text(data.rows, { x: (row) => d3.sum(data.parts, (part) => row[part.id]), y: "name", text: (row) => String(d3.sum(data.parts, (part) => row[part.id])), textAnchor: "start", dx: 5, fill: quiet, fontSize: 11 }),
        Plot.text(data.rows, { y: "name", text: (row) => cut(row.name, Math.floor((narrow ? width : marginLeft) / 6.6)), frameAnchor: "left", textAnchor: "start", dx: narrow ? 0 : -marginLeft, dy: narrow ? -13 : 0, fill: ink, fontSize: 11 }),
        Plot.axisX(d3.ticks(0, most, Math.min(6, most)).filter(Number.isInteger), { anchor: "bottom", color: quiet, tickSize: 3, label: data.words.axis, tickFormat: String }),
      ],
    });
    return [svg, legend(data.parts.map((part) => ["■", part.label, part.id]))];
  };

  // ------------------------------------------------------------------ drawing

  const KINDS = { course, evidence, tallies };

  const draw = (place, width) => {
    const data = JSON.parse(document.getElementById(place.dataset.source).textContent);
    const parts = KINDS[place.dataset.chart](data, Math.max(width, 240));
    place.setAttribute("role", "img");
    place.setAttribute("aria-label", `${place.dataset.label}. ${place.dataset.description}`);
    place.replaceChildren(...parts);
    place.dataset.drawn = String(width);
  };

  const all = (width) => {
    for (const place of document.querySelectorAll(".plot[data-chart]")) {
      const own = width ?? Math.floor(place.clientWidth);
      if (own > 0 && place.dataset.drawn !== String(own)) draw(place, own);
    }
  };

  // What a link leads to is opened first, so that it can be seen.
  const open = () => {
    let element = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const wanted = element;
    for (; element; element = element.parentElement) if (element.tagName === "DETAILS") element.open = true;
    if (wanted) wanted.scrollIntoView({ block: "start" });
  };

  let waiting = 0;
  addEventListener("resize", () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => all());
  });
  // On paper nothing can be unfolded and the page has another width.
  addEventListener("beforeprint", () => {
    document.querySelectorAll("details.table-of, details.print").forEach((element) => (element.open = true));
    all(PRINTED);
  });
  addEventListener("afterprint", () => all());
  addEventListener("hashchange", open);
  // What was folded had no width yet.
  document.addEventListener("toggle", () => all(), true);
  all();
  if (location.hash) open();
})();
