// The only place that calls echarts.init (its HTML tooltip would break the Content-Security-Policy).
//
// <div class="lz-chart" id="x" data-chart="x-spec" data-title="..."> and a JSON script tag with the
// specification: templates/components/_chart.html writes both. Python hands over figures, never options:
//
// {
//   type: "line" | "bar" | "stacked" | "pareto" | "columns_by_class",
//   categories: ["2026-01", ...],
//   series: [{
//     name: "Orders",
//     data: [1, 2.5, null, ...],        one per category; null is a gap; a decimal may be a string
//     unit: "条",                        optional, shown in tooltip, table and CSV
//     format: "number" | "percent",     percent: fractions 0-1 are shown as %
//     decimals: 1,                      optional
//     axis: "right",                    optional, a second scale
//     as: "line" | "bar",               optional, to mix both
//     dashed: true,                     optional, for plans and forecasts
//     class: "A",                       optional, the colour of that class
//   }],
//   classes: ["A", "A", "B", ...],      columns_by_class only: the class of each category
//   classes_order: ["A", "B", "C"],     optional: which classes there are, and their order in the legend
//   x_label, y_label, y2_label,         optional
//   y_min,                              optional: a number, or "auto" (the scale need not begin at 0)
//   horizontal: true,                   optional, bar and stacked: long names as rows
//   marks: [{value, label}],            optional, lines across (targets, limits)
//   split: [{after: "2026-11", label}], optional, lines between (end of the actual figures)
// }
const texts = document.getElementById("lz-strings")?.dataset || {};
const root = document.documentElement;
const chinese = root.lang.startsWith("zh");
const specs = new WeakMap();

function palette() {
  const dark = root.dataset.bsTheme === "dark";
  return dark
    ? { text: "#c9d0da", line: "#465060", ground: "#262626", soft: "#363d47",
        series: ["#3fb8a5", "#7aa7f5", "#e9a83c", "#bd93f0", "#ee8a86", "#9aa8bd", "#8fc66b", "#5fc3e6"],
        classes: { A: "#3fb8a5", B: "#e9a83c", C: "#9aa8bd", D: "#bd93f0", E: "#7aa7f5" } }
    : { text: "#454c58", line: "#b9c0cb", ground: "#ffffff", soft: "#e6e9ee",
        series: ["#0b6b5f", "#2f66c4", "#b26a00", "#7c47b5", "#bd3a3a", "#66758c", "#4d7f22", "#0a7ca3"],
        classes: { A: "#0b6b5f", B: "#b26a00", C: "#66758c", D: "#7c47b5", E: "#2f66c4" } };
}

let loading = null;
function library() {
  if (window.echarts) return Promise.resolve(window.echarts);
  loading ||= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = texts.echarts;
    script.onload = () => done(window.echarts);
    script.onerror = () => failed(new Error("echarts"));
    document.head.append(script);
  });
  return loading;
}

// --- figures --------------------------------------------------------------------------------

const number = (value) => (value === null || value === undefined || value === "" ? null : Number(value));

function shown(value, series) {
  const figure = number(value);
  if (figure === null || Number.isNaN(figure)) return "–";
  const percent = series.format === "percent";
  const most = series.decimals ?? (percent ? 1 : Math.abs(figure) < 100 ? 2 : 0);
  const text = (percent ? figure * 100 : figure).toLocaleString(root.lang, {
    minimumFractionDigits: series.decimals ?? 0, maximumFractionDigits: most });
  return percent ? `${text}%` : text;
}
const withUnit = (value, series) => {
  const text = shown(value, series);
  return text === "–" || !series.unit || series.format === "percent" ? text : `${text} ${series.unit}`;
};
const heading = (series) => (series.format === "percent" ? `${series.name} (%)` : series.unit ? `${series.name} (${series.unit})` : series.name);

// Every type is turned into plain series first: chart, table and CSV show the same.
function prepared(spec) {
  const series = spec.series.map((one) => ({ ...one, data: one.data.map(number) }));
  if (spec.type !== "pareto" || !series.length) return { ...spec, series };
  const first = series[0];
  const order = first.data.map((_, i) => i).sort((a, b) => first.data[b] - first.data[a]);
  const total = first.data.reduce((sum, value) => sum + value, 0);
  let sum = 0;
  const data = order.map((i) => first.data[i]);
  const share = data.map((value) => (total ? (sum += value) / total : null));
  return { ...spec, categories: order.map((i) => spec.categories[i]), classes: spec.classes && order.map((i) => spec.classes[i]),
    series: [{ ...first, data, as: "bar" }, { name: texts.chartCumulative, data: share, format: "percent", as: "line", axis: "right", max: 1 }, ...series.slice(1)] };
}

// --- ECharts options ------------------------------------------------------------------------

function drawn(spec, colours) {
  const bars = spec.type !== "line";
  const stack = spec.type === "stacked" ? "all" : undefined;
  return spec.series.map((one, i) => {
    const line = (one.as || (bars ? "bar" : "line")) === "line";
    const colour = colours.classes[one.class] || colours.series[i % colours.series.length];
    const common = { name: one.name, data: one.data, [spec.horizontal ? "xAxisIndex" : "yAxisIndex"]: one.axis === "right" ? 1 : 0,
      itemStyle: { color: colour }, tooltip: { valueFormatter: (value) => withUnit(value, one) } };
    if (line) {
      return { ...common, type: "line", symbol: one.data.length > 40 ? "none" : "circle", symbolSize: 6, connectNulls: false,
        sampling: one.data.length > 1000 ? "lttb" : undefined, lineStyle: { color: colour, width: 2, type: one.dashed ? "dashed" : "solid" } };
    }
    return { ...common, type: "bar", stack, barMaxWidth: 40,
      itemStyle: one.dashed ? { color: "transparent", borderColor: colour, borderType: "dashed", borderWidth: 1.5 } : { color: colour, borderRadius: stack ? 0 : 2 } };
  });
}

// One series a class, stacked: so the legend names the classes and can switch them off.
function byClass(spec, colours) {
  const one = spec.series[0];
  const names = spec.classes_order || [...new Set(spec.classes)];
  return names.map((name, i) => ({ name: `${name}`, type: "bar", stack: "class", barMaxWidth: 40,
    data: one.data.map((value, at) => (spec.classes[at] === name ? value : null)),
    itemStyle: { color: colours.classes[name] || colours.series[(i + 3) % colours.series.length], borderRadius: 2 },
    tooltip: { valueFormatter: (value) => withUnit(value, one) } }));
}

function valueAxis(spec, colours, right) {
  const mine = spec.series.filter((one) => (one.axis === "right") === right);
  const first = mine[0] || {};
  return { type: "value", name: (right ? spec.y2_label : spec.y_label) || "", nameGap: spec.split ? 28 : 15, nameTextStyle: { color: colours.text, align: right ? "right" : "left" },
    min: right || spec.y_min === "auto" ? undefined : spec.y_min, scale: !right && spec.y_min === "auto", max: first.max,
    axisLabel: { color: colours.text, hideOverlap: true, formatter: (value) => shown(value, { format: first.format, decimals: undefined }) },
    splitLine: { show: !right, lineStyle: { color: colours.soft } } };
}

function marks(spec, colours) {
  const lines = (spec.marks || []).map((mark) => ({ [spec.horizontal ? "xAxis" : "yAxis"]: number(mark.value), label: { formatter: mark.label, position: spec.horizontal ? "end" : "insideEndTop", color: colours.text } }));
  for (const cut of spec.split || []) {
    lines.push({ [spec.horizontal ? "yAxis" : "xAxis"]: cut.after, label: { formatter: cut.label || "", position: "end", rotate: 0, color: colours.text } });
  }
  return lines.length ? { symbol: "none", silent: true, lineStyle: { color: colours.text, type: "dashed" }, data: lines } : undefined;
}

function option(spec, title) {
  const colours = palette();
  const series = spec.type === "columns_by_class" ? byClass(spec, colours) : drawn(spec, colours);
  if (spec.type === "pareto" && spec.classes) {
    series[0].data = spec.series[0].data.map((value, i) => ({ value, itemStyle: { color: colours.classes[spec.classes[i]] || colours.series[i % 8] } }));
  }
  if (series.length) series[0].markLine = marks(spec, colours);
  const category = { type: "category", data: spec.categories, name: spec.x_label || "", nameLocation: "middle", nameGap: 34, nameTextStyle: { color: colours.text },
    inverse: Boolean(spec.horizontal), axisTick: { show: false }, axisLine: { lineStyle: { color: colours.line } },
    axisLabel: { color: colours.text, hideOverlap: !spec.horizontal, width: spec.horizontal ? 150 : undefined, overflow: spec.horizontal ? "truncate" : undefined } };
  const right = spec.series.some((one) => one.axis === "right");
  const value = [valueAxis(spec, colours, false), ...(right ? [valueAxis(spec, colours, true)] : [])];
  const many = spec.categories.length > 60 && !spec.horizontal;
  return {
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: colours.text },
    aria: { enabled: false },                              // the element has its own label and a table twin
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches, animationDuration: 400,
    color: colours.series,
    grid: { left: 16, right: 20, top: series.length > 1 || spec.y_label ? (spec.split ? 68 : 56) : 24, bottom: (spec.x_label ? 34 : 12) + (many ? 34 : 0), outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    legend: { show: series.length > 1, type: "scroll", top: 4, right: 8, left: "20%", textStyle: { color: colours.text }, pageTextStyle: { color: colours.text }, pageIconColor: colours.text },
    tooltip: { trigger: "axis", renderMode: "richText", confine: true, axisPointer: { type: spec.type === "line" ? "line" : "shadow" },
      backgroundColor: colours.ground, borderColor: colours.line, textStyle: { color: colours.text },
      ...(spec.type === "columns_by_class" ? { formatter: (points) => pointOf(points, spec) } : {}) },
    dataZoom: many ? [{ type: "slider", height: 18, bottom: 8 }, { type: "inside", zoomOnMouseWheel: "ctrl" }] : [],
    xAxis: spec.horizontal ? value : category,
    yAxis: spec.horizontal ? category : value,
    series,
    title: { show: false, text: title },
  };
}

function pointOf(points, spec) {
  const at = points[0].dataIndex;
  return `${spec.categories[at]}\n${texts.chartClass} ${spec.classes[at]}\n${spec.series[0].name}  ${withUnit(spec.series[0].data[at], spec.series[0])}`;
}

// --- table twin and downloads ------------------------------------------------------------------

function rowsOf(spec, cell) {
  const classes = spec.classes ? [texts.chartClass] : [];
  const head = [spec.x_label || texts.chartCategory, ...classes, ...spec.series.map(heading)];
  const body = spec.categories.map((name, i) => [name, ...(spec.classes ? [spec.classes[i]] : []), ...spec.series.map((one) => cell(one.data[i], one))]);
  return [head, ...body];
}

function fillTable(place, spec) {
  const [head, ...body] = rowsOf(spec, (value, one) => shown(value, one).replace(/%$/, ""));
  const from = head.length - spec.series.length;           // from here on numbers
  const table = document.createElement("table");
  table.className = "table table-sm table-vcenter mb-0";
  const row = (cells, tag) => {
    const line = document.createElement("tr");
    cells.forEach((content, i) => {
      const cell = document.createElement(tag);
      if (tag === "th") cell.scope = "col";
      if (i >= from) cell.className = "numeric";
      cell.textContent = content;
      line.append(cell);
    });
    return line;
  };
  table.createTHead().append(row(head, "th"));
  table.createTBody().append(...body.map((cells) => row(cells, "td")));
  place.replaceChildren(table);
}

// A text that begins like a formula must not become one in a spreadsheet.
const quoted = (value) => {
  const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

function csv(spec) {
  const plain = (value, one) => (value === null ? "" : one.format === "percent" ? Number((value * 100).toFixed(6)) : value);
  return "\ufeff" + rowsOf(spec, plain).map((cells) => cells.map(quoted).join(",")).join("\r\n") + "\r\n";
}

function save(name, url) {
  const link = document.createElement("a");
  link.href = url;
  link.download = name.replace(/[\\/:*?"<>|]+/g, "-");
  document.body.append(link);
  link.click();
  link.remove();
}

// --- drawing -----------------------------------------------------------------------------------

const tableOf = (el) => document.getElementById(`${el.id}-table`);

function message(el, text) {
  const note = document.createElement("p");
  note.className = "text-secondary text-center p-4 m-0";
  note.textContent = text;
  el.replaceChildren(note);
}

async function draw(el) {
  const title = el.dataset.title || "";
  try {
    const spec = prepared(JSON.parse(document.getElementById(el.dataset.chart).textContent));
    specs.set(el, spec);
    if (tableOf(el)) fillTable(tableOf(el), spec);
    if (!spec.categories.length || !spec.series.length) {
      message(el, texts.chartEmpty);
    } else {
      const echarts = await library();
      echarts.getInstanceByDom(el)?.dispose();
      const chart = echarts.init(el, null, { renderer: "canvas", locale: chinese ? "ZH" : "EN" });
      chart.setOption(option(spec, title));
      watch(el, chart);
    }
    el.dataset.done = "1";
  } catch (error) {
    message(el, texts.chartFailed);
    el.dataset.done = "error";
    console.error("chart", el.id, error);
  }
}

function watch(el, chart) {
  const observer = new ResizeObserver(() => {
    if (!el.isConnected || chart.isDisposed()) {
      observer.disconnect();
      if (!chart.isDisposed()) chart.dispose();
    } else if (el.clientWidth) chart.resize();
  });
  observer.observe(el);
}

/** Draw every chart inside a part of the page that is not drawn yet. */
export function drawAll(part) {
  const found = [...part.querySelectorAll("[data-chart]:not([data-done])")];
  if (part.matches?.("[data-chart]:not([data-done])")) found.push(part);
  return Promise.all(found.map(draw));
}

document.addEventListener("lz:preferences", (event) => {
  if (event.detail.name === "theme") document.querySelectorAll("[data-chart][data-done='1']").forEach(draw);
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-chart-toggle], [data-chart-png], [data-chart-csv]");
  if (!button) return;
  const { chartToggle, chartPng, chartCsv } = button.dataset;
  const el = document.getElementById(chartToggle || chartPng || chartCsv);
  const spec = specs.get(el);
  if (!spec) return;
  if (chartToggle) {
    const table = tableOf(el);
    table.hidden = !table.hidden;
    el.hidden = !table.hidden;
    button.setAttribute("aria-pressed", String(!table.hidden));
  } else if (chartCsv) {
    const url = URL.createObjectURL(new Blob([csv(spec)], { type: "text/csv;charset=utf-8" }));
    save(`${el.dataset.title || el.id}.csv`, url);
    setTimeout(() => URL.revokeObjectURL(url), 60000);
  } else {
    const chart = window.echarts?.getInstanceByDom(el);
    if (chart) save(`${el.dataset.title || el.id}.png`, chart.getDataURL({ type: "png", pixelRatio: 2, backgroundColor: palette().ground }));
  }
});
