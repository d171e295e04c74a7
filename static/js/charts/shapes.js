// Figures of two dimensions: radar (several figures of few things), heat map, Sankey (who went where).
import { base, categoryAxis, grid, legend, tooltip } from "./common.js";
import { brief, heading, number, resolved, scaled, texts, withUnit } from "./figures.js";
import { colourOf, readableOn, stepOf } from "./palette.js";

// --- radar ------------------------------------------------------------------------------------

const ROOM = 1.15;

const radar = {
  prepare(spec) {
    const axes = (spec.axes || []).map(resolved);
    return { ...spec, axes, series: (spec.series || []).map((one) => ({ ...one, data: axes.map((axis, i) => scaled(one.data[i], axis)) })) };
  },
  isEmpty: (spec) => !spec.axes.length || !spec.series.length,
  table: (spec) => ({
    head: [{ text: spec.axes_label || texts.chartMeasure }, ...spec.series.map((one) => ({ text: one.name, numeric: true }))],
    rows: spec.axes.map((axis, i) => [heading(axis), ...spec.series.map((one) => ({ value: one.data[i], of: axis }))]),
  }),
  option: (spec, colours) => ({
    ...base(colours),
    legend: legend(colours, { left: "center", right: undefined }),
    tooltip: tooltip(colours, { trigger: "item", formatter: ({ name, value }) => [name, ...spec.axes.map((axis, i) => `${axis.name}  ${withUnit(value[i], axis)}`)].join("\n") }),
    radar: { center: ["50%", "56%"], radius: "64%", axisName: { color: colours.text }, splitNumber: 4, splitArea: { show: false },
      splitLine: { lineStyle: { color: colours.soft } }, axisLine: { lineStyle: { color: colours.soft } }, indicator: spec.axes.map((axis, i) => extent(spec, axis, i)) },
    series: [{ type: "radar", symbolSize: 6, data: spec.series.map((one, i) => {
      const colour = colourOf(colours, one.class, i);
      return { name: one.name, value: one.data.map((value) => value ?? 0), itemStyle: { color: colour }, lineStyle: { color: colour, width: 2, type: one.dashed ? "dashed" : "solid" }, areaStyle: { color: colour, opacity: one.dashed ? 0 : 0.15 } };
    }) }],
  }),
};

function extent(spec, axis, i) {
  const values = spec.series.map((one) => one.data[i] ?? 0);
  const most = Math.max(...values, scaled(axis.max, axis) ?? 0);
  const least = Math.min(...values, 0);
  return { name: axis.name, max: most > 0 ? most * ROOM : 1, min: least < 0 ? least * ROOM : 0 };
}

// --- heat map ---------------------------------------------------------------------------------

const heatmap = {
  prepare(spec) {
    const figure = resolved(spec);
    const values = (spec.values || []).map((row) => row.map((value) => scaled(value, figure)));
    const given = number(spec.max) === null ? null : scaled(spec.max, figure);
    return { ...spec, figure, values, columns: spec.columns || [], rows: spec.rows || [], most: given ?? Math.max(0, ...values.flat().map((value) => Math.abs(value ?? 0))) };
  },
  isEmpty: (spec) => !spec.values.flat().some((value) => value !== null),
  table: (spec) => ({
    head: [{ text: `${spec.rows_label || texts.chartCategory} \\ ${spec.columns_label || ""}`.replace(/ \\ $/, "") },
      ...spec.columns.map((name) => ({ text: heading({ ...spec.figure, name: `${name}` }), numeric: true }))],
    rows: spec.rows.map((name, at) => [name, ...spec.columns.map((_, i) => ({ value: spec.values[at][i] ?? null, of: spec.figure }))]),
  }),
  option(spec, colours) {
    const words = spec.columns.length <= 16 && spec.rows.length <= 16;
    const data = spec.values.flatMap((row, at) => row.map((value, i) => (value === null ? null : { value: [i, at, value], itemStyle: { color: heat(spec, colours, value) }, label: { color: readableOn(heat(spec, colours, value)) } }))).filter(Boolean);
    return {
      ...base(colours),
      grid: grid({ top: 40, bottom: spec.columns_label ? 34 : 12 }),
      tooltip: tooltip(colours, { trigger: "item", formatter: ({ value }) => `${spec.rows[value[1]]} · ${spec.columns[value[0]]}\n${spec.name}  ${withUnit(value[2], spec.figure)}` }),
      xAxis: categoryAxis(spec.columns, colours, { name: spec.columns_label || "" }),
      yAxis: categoryAxis(spec.rows, colours, { inverse: true, name: [spec.rows_label, heading({ ...spec.figure, name: spec.name })].filter(Boolean).join(" · "), nameLocation: "start", nameGap: 14, nameTextStyle: { color: colours.text, align: "left" } }),
      visualMap: scaleOf(spec, colours),
      series: [{ name: spec.name, type: "heatmap", data, progressive: 0, labelLayout: { hideOverlap: true }, label: { show: words, fontSize: 11, formatter: ({ value }) => brief(value[2], spec.figure) },
        itemStyle: { borderColor: colours.ground, borderWidth: 1 }, emphasis: { itemStyle: { borderColor: colours.strong, borderWidth: 2 } } }],
    };
  },
};

function heat(spec, colours, value) {
  const part = spec.most ? Math.min(1, Math.abs(value) / spec.most) : 0;
  if (!spec.diverging) return stepOf(colours.ramp, Math.max(0, value) / (spec.most || 1));
  if (part < 0.03) return colours.soft;
  return value > 0 ? stepOf(colours.ramp.slice(1, 5), part) : stepOf([...colours.fall].reverse(), part);
}

// The scale above the cells: the cells carry their own colours, so it only explains them.
function scaleOf(spec, colours) {
  const range = spec.diverging ? [...colours.fall, colours.soft, ...colours.ramp.slice(1, 5)] : colours.ramp;
  const ends = spec.diverging ? [`+${brief(spec.most, spec.figure)}`, `−${brief(spec.most, spec.figure)}`] : [brief(spec.most, spec.figure), "0"];
  return { type: "continuous", show: true, min: spec.diverging ? -spec.most : 0, max: spec.most || 1, seriesIndex: [], calculable: false, orient: "horizontal", right: 8, top: 4,
    itemWidth: 12, itemHeight: 120, text: ends, textStyle: { color: colours.text }, inRange: { color: range } };
}

// --- Sankey -----------------------------------------------------------------------------------

const sankey = {
  prepare(spec) {
    const figure = resolved(spec);
    return { ...spec, figure, from: spec.from || [], to: spec.to || [], values: (spec.values || []).map((row) => row.map((value) => scaled(value, figure))) };
  },
  isEmpty: (spec) => !spec.values.flat().some((value) => value > 0),
  table: (spec) => ({
    head: [{ text: `${spec.from_label} → ${spec.to_label}` }, ...spec.to.map((name) => ({ text: `${name}`, numeric: true }))],
    rows: spec.from.map((name, at) => [name, ...spec.to.map((_, i) => ({ value: spec.values[at][i] ?? 0, of: spec.figure }))]),
  }),
  option(spec, colours) {
    const [left, right] = [sums(spec.values), sums(spec.to.map((_, i) => spec.values.map((row) => row[i])))];
    const node = (side, name, i, sum) => ({ name: `${side}${i}`, value: sum, depth: side === "f" ? 0 : 1, itemStyle: { color: colourOf(colours, name, i) },
      label: { position: side === "f" ? "left" : "right", formatter: `${name}  ${withUnit(sum, spec.figure)}` } });
    const links = spec.values.flatMap((row, at) => row.map((value, i) => ({ source: `f${at}`, target: `t${i}`, value, at, i })).filter((link) => link.value > 0));
    return {
      ...base(colours),
      title: [{ text: spec.from_label, left: 8, top: 4, textStyle: { color: colours.text, fontSize: 12, fontWeight: "normal" } }, { text: spec.to_label, right: 8, top: 4, textStyle: { color: colours.text, fontSize: 12, fontWeight: "normal" } }],
      tooltip: tooltip(colours, { trigger: "item", formatter: ({ dataType, data }) => (dataType === "edge" ? `${spec.from[data.at]} → ${spec.to[data.i]}\n${withUnit(data.value, spec.figure)}` : data.label.formatter) }),
      series: [{ type: "sankey", left: 130, right: 130, top: 34, bottom: 12, layoutIterations: 0, draggable: false, nodeGap: 12, nodeWidth: 16, emphasis: { focus: "adjacency" },
        label: { color: colours.text }, lineStyle: { color: "source", opacity: 0.35, curveness: 0.5 }, links,
        data: [...spec.from.map((name, i) => node("f", name, i, left[i])).filter((one) => one.value > 0), ...spec.to.map((name, i) => node("t", name, i, right[i])).filter((one) => one.value > 0)] }],
    };
  },
};

const sums = (rows) => rows.map((row) => row.reduce((sum, value) => sum + (value || 0), 0));

export const types = { radar, heatmap, sankey };
