// Colours of all charts and of the map: a class has the same colour everywhere, in light and in dark.
const root = document.documentElement;

const LIGHT = {
  text: "#454c58", strong: "#1d2430", line: "#b9c0cb", ground: "#ffffff", soft: "#e6e9ee",
  series: ["#0b6b5f", "#2f66c4", "#b26a00", "#7c47b5", "#bd3a3a", "#66758c", "#4d7f22", "#0a7ca3"],
  classes: { A: "#0b6b5f", B: "#b26a00", C: "#66758c", D: "#7c47b5", E: "#2f66c4" },
  ramp: ["#e7f2f0", "#b5d9d3", "#7bbab1", "#3d938a", "#0b6b5f", "#064a42"],
  fall: ["#8a4b00", "#c98a3c", "#ecd3ae"],
};
const DARK = {
  text: "#c9d0da", strong: "#f2f5f9", line: "#465060", ground: "#262626", soft: "#363d47",
  series: ["#3fb8a5", "#7aa7f5", "#e9a83c", "#bd93f0", "#ee8a86", "#9aa8bd", "#8fc66b", "#5fc3e6"],
  classes: { A: "#3fb8a5", B: "#e9a83c", C: "#9aa8bd", D: "#bd93f0", E: "#7aa7f5" },
  ramp: ["#28373a", "#23504d", "#226b63", "#2a8c80", "#3fb8a5", "#93e2d5"],
  fall: ["#f5bd5c", "#b98432", "#5f4a2a"],
};

export const palette = () => (root.dataset.bsTheme === "dark" ? DARK : LIGHT);

/** The colour of a class, or of the n-th of other things. */
export const colourOf = (colours, name, at) => colours.classes[name] || colours.series[at % colours.series.length];

/** Black or white: what can be read on this ground. */
export function readableOn(hex) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.22 ? "#10151c" : "#ffffff";
}

/** The step of a ramp for a part 0 to 1. */
export const stepOf = (ramp, part) => ramp[Math.min(ramp.length - 1, Math.max(0, Math.floor(part * ramp.length)))];
