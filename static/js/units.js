// Units a person chose for quantities (条, 件, 箱) and money (元, 万元), for charts, tables, CSV and figures on pages.
//
// Figures stay in their base unit everywhere (cartons, yuan); only here are they divided. Preferences "quantity"
// and "money" (preferences.js): a unit, or "auto": each figure in the unit its page suggests.
//
// In templates (tags of config/common/templatetags/lz.py write these attributes):
//   data-quantity="cartons|yuan|yuan_per_box" data-value="12345" [data-shown-in="boxes"] [data-places="0"]
//       with [data-figure] and [data-unit] inside, or with the number as its only text
//   data-unit-of="cartons" [data-shown-in="boxes"]      the name of the unit alone, for heads of columns
const texts = document.getElementById("lz-strings")?.dataset || {};
const language = document.documentElement.lang;

const KINDS = {
  cartons: { preference: "quantity", base: "cartons", units: { cartons: [1, "unitCartons"], cases: [50, "unitCases"], boxes: [250, "unitBoxes"] } },
  yuan: { preference: "money", base: "yuan", units: { yuan: [1, "unitYuan"], wan: [10000, "unitWan"] } },
  yuan_per_box: { preference: "money", base: "yuan", units: { yuan: [1, "unitYuanPerBox"], wan: [10000, "unitWanPerBox"] } },
};

/** Is this the name of a figure that can be switched, and not just a word? */
export const isSwitched = (kind) => kind in KINDS;

/** What a figure is shown in now: {name, factor}; value / factor is the number to show. */
export function shownUnit(kind, suggested) {
  const { preference, base, units } = KINDS[kind];
  const chosen = window.lzPreferences?.get(preference);
  const [factor, name] = units[chosen] || units[suggested] || units[base];
  return { name: texts[name] || "", factor };
}

/** Places of a figure divided by a factor: what is counted in whole cartons has parts when shown in boxes. */
export const placesOf = (factor, given) => (factor === 1 ? given : 2);

function write(figure) {
  const { quantity, value, shownIn, places } = figure.dataset;
  if (!isSwitched(quantity) || value === "") return;
  const { name, factor } = shownUnit(quantity, shownIn);
  const exact = placesOf(factor, Number(places ?? (quantity === "cartons" ? 0 : 2)));
  const text = (Number(value) / factor).toLocaleString(language, { minimumFractionDigits: exact, maximumFractionDigits: exact });
  (figure.querySelector("[data-figure]") || figure).textContent = text;
  const unit = figure.querySelector("[data-unit]");
  if (unit) unit.textContent = name;
}

/** Write every marked figure inside a part of the page in the chosen units. */
export function applyUnits(part) {
  const inside = (selector) => [...part.querySelectorAll(selector), ...(part.matches?.(selector) ? [part] : [])];
  inside("[data-quantity]").forEach(write);
  for (const head of inside("[data-unit-of]")) head.textContent = shownUnit(head.dataset.unitOf, head.dataset.shownIn).name;
}

document.addEventListener("lz:preferences", (event) => {
  if (["quantity", "money"].includes(event.detail.name)) applyUnits(document);
});
