// How a figure is written: number, unit, per cent. A "figure" is anything of a specification with
// {name, unit, shown_in, format, decimals}: a series, an axis, the cells of a heat map.
import { isSwitched, placesOf, shownUnit } from "../units.js";

export const texts = document.getElementById("lz-strings")?.dataset || {};
const language = document.documentElement.lang;

export const number = (value) => {
  const figure = value === null || value === undefined || value === "" ? null : Number(value);
  return Number.isNaN(figure) ? null : figure;
};

/** The figure with its unit in words and the factor its values are to be divided by. */
export function resolved(figure) {
  if (figure.format === "percent" || !isSwitched(figure.unit)) return { ...figure, kind: "", factor: 1 };
  const { name, factor } = shownUnit(figure.unit, figure.shown_in);
  return { ...figure, kind: figure.unit, unit: name, factor, decimals: placesOf(factor, figure.decimals) };
}

/** A value in the unit that is shown. */
export const scaled = (value, figure) => {
  const base = number(value);
  return base === null ? null : base / (figure.factor || 1);
};

export function shown(value, figure) {
  const base = number(value);
  if (base === null) return "–";
  const percent = figure.format === "percent";
  const most = figure.decimals ?? (percent ? 1 : Math.abs(base) < 100 ? 2 : 0);
  const text = (percent ? base * 100 : base).toLocaleString(language, { minimumFractionDigits: figure.decimals ?? 0, maximumFractionDigits: most });
  return percent ? `${text}%` : text;
}

export const withUnit = (value, figure) => {
  const text = shown(value, figure);
  return text === "–" || !figure.unit || figure.format === "percent" ? text : `${text} ${figure.unit}`;
};

/** Few digits, for cells and axes. */
export const brief = (value, figure) => {
  const base = number(value);
  if (base === null) return "";
  if (figure.format === "percent") return `${(base * 100).toFixed(Math.abs(base) < 0.1 ? 1 : 0)}%`;
  return base.toLocaleString(language, { maximumFractionDigits: Math.abs(base) < 10 ? 2 : Math.abs(base) < 100 ? 1 : 0 });
};

export const heading = (figure) => (figure.format === "percent" ? `${figure.name} (%)` : figure.unit ? `${figure.name} (${figure.unit})` : figure.name || "");

/** For CSV: the number itself, per cent as it is read. */
export const plain = (value, figure) => {
  const base = number(value);
  if (base === null) return "";
  return Number((figure.format === "percent" ? base * 100 : base).toFixed(6));
};
