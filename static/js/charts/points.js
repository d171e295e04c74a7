// Many retailers at once: scatter (two figures of each) and box plot (five figures of each category).
import { base, categoryAxis, grid, legend, tooltip } from "./common.js";
import { brief, heading, number, resolved, scaled, shown, texts, withUnit } from "./figures.js";
import { colourOf } from "./palette.js";

// --- scatter ----------------------------------------------------------------------------------

const scatter = {
  prepare(spec) {
    const [x, y] = [resolved(spec.x), resolved(spec.y)];
    const points = (spec.points || []).map(([left, up, label, group, id]) => ({ x: scaled(left, x), y: scaled(up, y), label, group, id }));
    return { ...spec, x, y, points, groups: spec.classes_order || [...new Set(points.map((point) => point.group))] };
  },
  isEmpty: (spec) => !spec.points.length,
  table: (spec) => ({
    head: [{ text: spec.label || texts.chartCategory }, { text: texts.chartClass }, { text: heading(spec.x), numeric: true }, { text: heading(spec.y), numeric: true }],
    rows: spec.points.map((point) => [linked(spec, point), point.group, { value: point.x, of: spec.x }, { value: point.y, of: spec.y }]),
  }),
  option(spec, colours) {
    const axes = [axisOf(spec.x, colours, spec.points.map((point) => point.x)), axisOf(spec.y, colours, spec.points.map((point) => point.y))];
    return {
      ...base(colours),
      grid: grid({ bottom: 34 }),
      legend: legend(colours, { data: spec.groups.map(String) }),
      tooltip: tooltip(colours, { trigger: "item", formatter: ({ data }) => data.words }),
      xAxis: { ...axes[0], name: heading(spec.x), nameLocation: "middle", nameGap: 34 },
      yAxis: { ...axes[1], name: heading(spec.y), nameTextStyle: { color: colours.text, align: "left" } },
      series: spec.groups.map((group, i) => ({
        name: String(group), type: "scatter", symbolSize: spec.points.length > 500 ? 6 : 9, cursor: spec.href ? "pointer" : "default",
        itemStyle: { color: colourOf(colours, group, i), opacity: 0.65 },
        data: spec.points.filter((point) => point.group === group).map((point) => ({
          value: [held(point.x, spec.x, axes[0]), held(point.y, spec.y, axes[1])], href: addressOf(spec, point),
          words: `${point.label}\n${texts.chartClass} ${point.group}\n${spec.x.name}  ${withUnit(point.x, spec.x)}\n${spec.y.name}  ${withUnit(point.y, spec.y)}` })),
      })),
    };
  },
};

const addressOf = (spec, point) => (spec.href && point.id !== undefined ? spec.href.replace("{id}", encodeURIComponent(point.id)) : "");
const linked = (spec, point) => (addressOf(spec, point) ? { text: point.label, href: addressOf(spec, point) } : point.label);

// A figure beyond the end of its axis is drawn at the edge; tooltip and table say what it is.
const held = (value, figure, axis) => {
  const most = number(figure.max) === null ? value : Math.min(value, scaled(figure.max, figure));
  return figure.scale === "log" ? Math.max(most, axis.min) : most;
};

function axisOf(figure, colours, values) {
  const log = figure.scale === "log";
  const least = Math.min(...values.filter((value) => value > 0));
  return { type: log ? "log" : "value", min: log ? 10 ** Math.floor(Math.log10(Number.isFinite(least) ? least : 1)) : undefined,
    max: number(figure.max) === null ? undefined : scaled(figure.max, figure),
    nameTextStyle: { color: colours.text }, axisLine: { show: true, onZero: false, lineStyle: { color: colours.line } },
    axisLabel: { color: colours.text, hideOverlap: true, formatter: (value) => brief(value, figure) }, splitLine: { lineStyle: { color: colours.soft } } };
}

// --- box plot ---------------------------------------------------------------------------------

const PARTS = ["chartLeast", "chartLower", "chartMiddle", "chartUpper", "chartMost"];

const boxplot = {
  prepare(spec) {
    const figure = resolved(spec);
    const boxes = (spec.boxes || []).map((five) => five && five.map((value) => scaled(value, figure)));
    const lines = (spec.lines || []).map((one) => ({ ...figure, name: one.name, data: one.data.map((value) => scaled(value, figure)) }));
    return { ...spec, ...figure, figure, boxes, lines, categories: spec.categories || [] };
  },
  isEmpty: (spec) => !spec.boxes.some(Boolean),
  table: (spec) => ({
    head: [{ text: spec.x_label || texts.chartCategory }, ...(spec.counts ? [{ text: spec.counts_label || texts.chartNumber, numeric: true }] : []),
      ...PARTS.map((part) => ({ text: heading({ ...spec.figure, name: texts[part] }), numeric: true })), ...spec.lines.map((one) => ({ text: heading(one), numeric: true }))],
    rows: spec.categories.map((name, i) => [name, ...(spec.counts ? [{ value: spec.counts[i], of: {} }] : []),
      ...PARTS.map((_, part) => ({ value: spec.boxes[i]?.[part] ?? null, of: spec.figure })), ...spec.lines.map((one) => ({ value: one.data[i], of: one }))]),
  }),
  option(spec, colours) {
    const colour = colours.series[0];
    return {
      ...base(colours),
      grid: grid({ bottom: spec.x_label ? 34 : 12 }),
      legend: legend(colours, { show: spec.lines.length > 0 }),
      tooltip: tooltip(colours, { trigger: "axis", axisPointer: { type: "shadow" }, formatter: (points) => fiveOf(spec, points[0].dataIndex) }),
      xAxis: categoryAxis(spec.categories, colours, { name: spec.x_label || "" }),
      yAxis: { type: "value", name: heading(spec.figure), nameTextStyle: { color: colours.text, align: "left" },
        axisLabel: { color: colours.text, formatter: (value) => shown(value, {}) }, splitLine: { lineStyle: { color: colours.soft } } },
      series: [
        { name: spec.name, type: "boxplot", boxWidth: [4, 26], itemStyle: { color: colours.ramp[1], borderColor: colour, borderWidth: 1.5 },
          data: spec.boxes.map((five) => five || []) },
        ...spec.lines.map((one, i) => ({ name: one.name, type: "scatter", symbol: "diamond", symbolSize: 9, itemStyle: { color: colours.series[(i + 2) % colours.series.length] },
          data: one.data })),
      ],
    };
  },
};

function fiveOf(spec, at) {
  const five = spec.boxes[at];
  const parts = five ? [...PARTS.keys()].reverse().map((part) => `${texts[PARTS[part]]}  ${withUnit(five[part], spec.figure)}`) : ["–"];
  const count = spec.counts ? [`${spec.counts_label || texts.chartNumber}  ${shown(spec.counts[at], {})}`] : [];
  return [spec.categories[at], ...count, ...parts, ...spec.lines.map((one) => `${one.name}  ${withUnit(one.data[at], one)}`)].join("\n");
}

export const types = { scatter, boxplot };
