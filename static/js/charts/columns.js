// Figures by category: line, bar, stacked, pareto, columns_by_class.
import { base, categoryAxis, grid, legend, tooltip } from "./common.js";
import { heading, number, resolved, scaled, shown, texts, withUnit } from "./figures.js";
import { colourOf } from "./palette.js";

function prepare(spec) {
  const series = (spec.series || []).map(resolved).map((one) => ({ ...one, data: one.data.map((value) => scaled(value, one)) }));
  const first = series.find((one) => one.axis !== "right") || {};
  const right = series.find((one) => one.axis === "right") || {};
  const found = { ...spec, categories: spec.categories || [], series,
    y_label: spec.y_label ?? (first.kind ? first.unit : ""), y2_label: spec.y2_label ?? (right.kind ? right.unit : ""),
    marks: (spec.marks || []).map((mark) => ({ ...mark, value: scaled(mark.value, first) })) };
  return spec.type === "pareto" && series.length ? cumulated(found) : found;
}

function cumulated(spec) {
  const first = spec.series[0];
  const order = first.data.map((_, i) => i).sort((a, b) => first.data[b] - first.data[a]);
  const total = first.data.reduce((sum, value) => sum + value, 0);
  let sum = 0;
  const data = order.map((i) => first.data[i]);
  const share = data.map((value) => (total ? (sum += value) / total : null));
  return { ...spec, categories: order.map((i) => spec.categories[i]), classes: spec.classes && order.map((i) => spec.classes[i]),
    series: [{ ...first, data, as: "bar" }, { name: texts.chartCumulative, data: share, format: "percent", as: "line", axis: "right", max: 1 }, ...spec.series.slice(1)] };
}

const isEmpty = (spec) => !spec.categories.length || !spec.series.length;

function table(spec) {
  const classes = spec.classes ? [{ text: texts.chartClass }] : [];
  return {
    head: [{ text: spec.x_label || texts.chartCategory }, ...classes, ...spec.series.map((one) => ({ text: heading(one), numeric: true }))],
    rows: spec.categories.map((name, i) => [name, ...(spec.classes ? [spec.classes[i]] : []), ...spec.series.map((one) => ({ value: one.data[i], of: one }))]),
  };
}

function drawn(spec, colours) {
  const bars = spec.type !== "line";
  const stack = spec.type === "stacked" ? "all" : undefined;
  return spec.series.map((one, i) => {
    const line = (one.as || (bars ? "bar" : "line")) === "line";
    const colour = colourOf(colours, one.class, i);
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
    itemStyle: { color: colourOf(colours, name, i + 3), borderRadius: 2 },
    tooltip: { valueFormatter: (value) => withUnit(value, one) } }));
}

function valueAxis(spec, colours, right) {
  const mine = spec.series.filter((one) => (one.axis === "right") === right);
  const first = mine[0] || {};
  return { type: "value", name: (right ? spec.y2_label : spec.y_label) || "", nameGap: spec.split ? 28 : 15, nameTextStyle: { color: colours.text, align: right ? "right" : "left" },
    min: right || spec.y_min === "auto" ? undefined : number(spec.y_min) ?? undefined, scale: !right && spec.y_min === "auto", max: first.max,
    axisLabel: { color: colours.text, hideOverlap: true, formatter: (value) => shown(value, { format: first.format }) },
    splitLine: { show: !right, lineStyle: { color: colours.soft } } };
}

function marks(spec, colours) {
  const lines = spec.marks.map((mark) => ({ [spec.horizontal ? "xAxis" : "yAxis"]: mark.value, label: { formatter: mark.label, position: spec.horizontal ? "end" : "insideEndTop", color: colours.text } }));
  for (const cut of spec.split || []) {
    lines.push({ [spec.horizontal ? "yAxis" : "xAxis"]: cut.after, label: { formatter: cut.label || "", position: "end", rotate: 0, color: colours.text } });
  }
  return lines.length ? { symbol: "none", silent: true, lineStyle: { color: colours.text, type: "dashed" }, data: lines } : undefined;
}

function pointOf(points, spec) {
  const at = points[0].dataIndex;
  return `${spec.categories[at]}\n${texts.chartClass} ${spec.classes[at]}\n${spec.series[0].name}  ${withUnit(spec.series[0].data[at], spec.series[0])}`;
}

function option(spec, colours) {
  const series = spec.type === "columns_by_class" ? byClass(spec, colours) : drawn(spec, colours);
  if (spec.type === "pareto" && spec.classes) {
    series[0].data = spec.series[0].data.map((value, i) => ({ value, itemStyle: { color: colourOf(colours, spec.classes[i], i) } }));
  }
  series[0].markLine = marks(spec, colours);
  const right = spec.series.some((one) => one.axis === "right");
  const category = categoryAxis(spec.categories, colours, { name: spec.x_label || "", inverse: Boolean(spec.horizontal),
    axisLabel: { hideOverlap: !spec.horizontal, width: spec.horizontal ? 150 : undefined, overflow: spec.horizontal ? "truncate" : undefined } });
  const value = [valueAxis(spec, colours, false), ...(right ? [valueAxis(spec, colours, true)] : [])];
  const many = spec.categories.length > 60 && !spec.horizontal;
  return {
    ...base(colours),
    grid: grid({ top: series.length > 1 || spec.y_label ? (spec.split ? 68 : 56) : 24, bottom: (spec.x_label ? 34 : 12) + (many ? 34 : 0) }),
    legend: legend(colours, { show: series.length > 1 }),
    tooltip: tooltip(colours, { trigger: "axis", axisPointer: { type: spec.type === "line" ? "line" : "shadow" },
      ...(spec.type === "columns_by_class" ? { formatter: (points) => pointOf(points, spec) } : {}) }),
    dataZoom: many ? [{ type: "slider", height: 18, bottom: 8 }, { type: "inside", zoomOnMouseWheel: "ctrl" }] : [],
    xAxis: spec.horizontal ? value : category,
    yAxis: spec.horizontal ? category : value,
    series,
  };
}

const columns = { prepare, isEmpty, table, option };
export const types = { line: columns, bar: columns, stacked: columns, pareto: columns, columns_by_class: columns };
