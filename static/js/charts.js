// The only place that calls echarts.init (its HTML tooltip would break the Content-Security-Policy).
//
// <div class="lz-chart" id="x" data-chart="x-spec" data-title="..."> and a JSON script tag with the
// specification: templates/components/_chart.html writes both. Python hands over figures, never options.
// Every type has a table twin and a CSV with the same figures; they are made from the same description.
//
// A FIGURE (a series, an axis, the cells of a heat map, the boxes) says what its numbers are:
//   name, unit, shown_in, format, decimals
//     unit: "cartons" | "yuan" | "yuan_per_box"   the numbers are in that unit; people switch 条/件/箱 and 元/万元
//       shown_in: "cases" | "boxes" | "wan"       optional, the unit until somebody chose one
//     unit: any other word                        written behind the number
//     format: "number" | "percent"                percent: fractions 0-1 are shown as %
//     decimals                                    optional; ignored where a unit divides the number
//
// line, bar, stacked, pareto, columns_by_class (charts/columns.js)
//   { type, categories: ["2026-01", ...],
//     series: [{ ...figure,
//       data: [1, 2.5, null, ...],        one per category; null is a gap; a decimal may be a string
//       axis: "right",                    optional, a second scale
//       as: "line" | "bar",               optional, to mix both
//       dashed: true,                     optional, for plans and forecasts
//       class: "A" }],                    optional, the colour of that class
//     classes: ["A", "A", "B", ...],      columns_by_class only: the class of each category
//     classes_order: ["A", "B", "C"],     optional: which classes there are, and their order in the legend
//     x_label, y_label, y2_label,         optional; y labels are the unit where it is switched
//     y_min,                              optional: a number, or "auto" (the scale need not begin at 0)
//     horizontal: true,                   optional, bar and stacked: long names as rows
//     marks: [{value, label}],            optional, lines across (targets, limits), in the unit of the first series
//     split: [{after: "2026-11", label}]} optional, lines between (end of the actual figures)
//
// scatter (charts/points.js)
//   { type, x: {...figure, scale: "log", max}, y: {...figure, max}, label: "Retailer", classes_order,
//     points: [[x, y, label, class, id], ...], href: "/retailers/{id}/" }     beyond max: drawn at the edge
// boxplot (charts/points.js)
//   { type, ...figure, categories, x_label, boxes: [[least, lower quartile, median, upper quartile, most] | null, ...],
//     counts, counts_label, lines: [{name, data}] }                           lines: marks over the boxes
// radar (charts/shapes.js)
//   { type, axes: [{...figure, max}], series: [{name, class, dashed, data: [one per axis]}] }
// heatmap (charts/shapes.js)
//   { type, ...figure, rows, columns, rows_label, columns_label, values: [[one per column] per row],
//     diverging: true, max }                                                  diverging: from -max to +max; null is blank
// sankey (charts/shapes.js)
//   { type, ...figure, from, to, from_label, to_label, values: [[one per "to"] per "from"] }
import { texts } from "./charts/figures.js";
import { palette } from "./charts/palette.js";
import { csvOf, fillTable } from "./charts/table.js";
import { types as columns } from "./charts/columns.js";
import { types as points } from "./charts/points.js";
import { types as shapes } from "./charts/shapes.js";

const TYPES = { ...columns, ...points, ...shapes };
const chinese = document.documentElement.lang.startsWith("zh");
const specs = new WeakMap();

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

function read(el) {
  const spec = JSON.parse(document.getElementById(el.dataset.chart).textContent);
  const type = TYPES[spec.type];
  if (!type) throw new Error(`unknown type of chart: ${spec.type}`);
  return { type, spec: type.prepare(spec) };
}

// --- drawing -----------------------------------------------------------------------------------

const tableOf = (el) => document.getElementById(`${el.id}-table`);
const twinOf = ({ type, spec }) => type.table(spec);

function message(el, text) {
  const note = document.createElement("p");
  note.className = "text-secondary text-center p-4 m-0";
  note.textContent = text;
  el.replaceChildren(note);
}

async function draw(el) {
  try {
    const found = read(el);
    specs.set(el, found);
    const table = tableOf(el);
    if (table && !table.hidden) fillTable(table, twinOf(found));
    offerUnits(el, found);
    if (found.type.isEmpty(found.spec)) {
      message(el, texts.chartEmpty);
    } else {
      const echarts = await library();
      echarts.getInstanceByDom(el)?.dispose();
      const chart = echarts.init(el, null, { renderer: "canvas", locale: chinese ? "ZH" : "EN" });
      chart.setOption(found.type.option(found.spec, palette()));
      chart.on("click", ({ data }) => data?.href && location.assign(data.href));
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

// The menu of units stands at charts that have something to switch, and says what is shown now.
function offerUnits(el, { spec }) {
  const menu = document.querySelector(`[data-chart-units="${el.id}"]`);
  if (!menu) return;
  const figures = [spec, spec.figure, spec.x, spec.y, ...(spec.series || []), ...(spec.axes || [])].filter((figure) => figure?.kind);
  const kinds = new Set(figures.map((figure) => (figure.kind === "cartons" ? "quantity" : "money")));
  menu.hidden = !kinds.size;
  menu.querySelector("[data-units-now]").textContent = [...new Set(figures.map((figure) => figure.unit))].join(" · ");
  for (const group of menu.querySelectorAll("[data-unit-group]")) group.hidden = !kinds.has(group.dataset.unitGroup);
}

/** Draw every chart inside a part of the page that is not drawn yet. */
export function drawAll(part) {
  const found = [...part.querySelectorAll("[data-chart]:not([data-done])")];
  if (part.matches?.("[data-chart]:not([data-done])")) found.push(part);
  return Promise.all(found.map(draw));
}

document.addEventListener("lz:preferences", (event) => {
  if (["theme", "quantity", "money"].includes(event.detail.name)) document.querySelectorAll("[data-chart][data-done='1']").forEach(draw);
});

// --- table and downloads -------------------------------------------------------------------------

function save(name, url) {
  const link = document.createElement("a");
  link.href = url;
  link.download = name.replace(/[\\/:*?"<>|]+/g, "-");
  document.body.append(link);
  link.click();
  link.remove();
}

function toggle(el, button) {
  const table = tableOf(el);
  if (table.hidden) fillTable(table, twinOf(specs.get(el)));
  table.hidden = !table.hidden;
  el.hidden = !table.hidden;
  button.setAttribute("aria-pressed", String(!table.hidden));
}

function download(el) {
  const url = URL.createObjectURL(new Blob([csvOf(twinOf(specs.get(el)))], { type: "text/csv;charset=utf-8" }));
  save(`${el.dataset.title || el.id}.csv`, url);
  setTimeout(() => URL.revokeObjectURL(url), 60000);
}

function picture(el) {
  const chart = window.echarts?.getInstanceByDom(el);
  if (chart) save(`${el.dataset.title || el.id}.png`, chart.getDataURL({ type: "png", pixelRatio: 2, backgroundColor: palette().ground }));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-chart-toggle], [data-chart-png], [data-chart-csv]");
  if (!button) return;
  const { chartToggle, chartPng, chartCsv } = button.dataset;
  const el = document.getElementById(chartToggle || chartPng || chartCsv);
  if (!specs.has(el)) return;
  if (chartToggle) toggle(el, button);
  else if (chartCsv) download(el);
  else picture(el);
});
