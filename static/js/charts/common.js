// What all ECharts options share.
export const font = () => getComputedStyle(document.body).fontFamily;

export function base(colours) {
  return {
    textStyle: { fontFamily: font(), color: colours.text },
    aria: { enabled: false },                              // the element has its own label and a table twin
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches, animationDuration: 400,
    color: colours.series,
    title: { show: false },
  };
}

// richText: the HTML tooltip writes style attributes, which the Content-Security-Policy refuses.
export const tooltip = (colours, more) => ({ renderMode: "richText", confine: true, backgroundColor: colours.ground, borderColor: colours.line, textStyle: { color: colours.text }, ...more });

export const legend = (colours, more) => ({ type: "scroll", top: 4, right: 8, left: "20%", textStyle: { color: colours.text }, pageTextStyle: { color: colours.text }, pageIconColor: colours.text, ...more });

export const grid = (more) => ({ left: 16, right: 20, top: 56, bottom: 12, outerBoundsMode: "same", outerBoundsContain: "axisLabel", ...more });

export const categoryAxis = (names, colours, more) => ({ type: "category", data: names, nameLocation: "middle", nameGap: 34, nameTextStyle: { color: colours.text },
  axisTick: { show: false }, axisLine: { lineStyle: { color: colours.line } }, ...more, axisLabel: { color: colours.text, hideOverlap: true, ...more?.axisLabel } });
