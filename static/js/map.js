// The map of the retailers on a canvas, without tiles: points, the company's own districts, blank cells.
// Points come as columns of numbers; names are asked for when somebody points at one.
import { colourOf, palette } from "./charts/palette.js";

const box = document.querySelector("[data-map]");
const words = JSON.parse(box.dataset.words);
const find = (name) => box.querySelector(`[data-${name}]`);
const CELLS = 24; // along the longer side
const state = { off: new Set(), names: new Map(), layers: [], data: null, map: null, asked: 0 };

const codeOf = (at) => state.data.classes[state.data.class[at]];
const labelOf = (code) => code || words.none;
const number = (value) => value.toLocaleString("en-US");

async function load(url) {
  const answer = await fetch(url, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}

async function namesOf(ids) {
  const unknown = ids.filter((id) => !state.names.has(id));
  if (unknown.length) {
    const found = await load(`${box.dataset.names}?ids=${unknown.join(",")}`);
    for (const one of found.retailers) state.names.set(one.id, one);
  }
  return ids.map((id) => state.names.get(id)).filter(Boolean);
}

function card(one, code, withLink) {
  const root = document.createElement("div");
  const line = (text, tag = "div") => { const node = document.createElement(tag); node.textContent = text; root.append(node); return node; };
  line(one.name, "strong");
  line(`${one.code} · ${words.class}: ${labelOf(code)}`);
  line(`${words.recent}: ${number(one.recent)}`);
  if (withLink) line(words.open, "a").href = one.url;
  return root;
}

// --- layers -------------------------------------------------------------------------------

function drawAreas() {
  const colours = palette();
  for (const area of state.data.areas) {
    for (const rings of area.polygons) {
      const shape = L.polygon(rings, { color: colours.line, weight: 1.5, fillColor: colours.soft, fillOpacity: 0.35, interactive: true });
      shape.bindTooltip(area.name, { sticky: true }).addTo(state.map).bringToBack();
    }
  }
}

function drawPoints() {
  const { data } = state;
  const colours = palette();
  const tints = data.classes.map((code, at) => (code ? colourOf(colours, code, at) : colours.line)); // without class: pale, unlike C
  state.layers = data.classes.map(() => L.layerGroup());
  for (let at = 0; at < data.id.length; at += 1) {
    const kind = data.class[at];
    const dot = L.circleMarker([data.lat[at], data.lon[at]], { radius: 4, weight: 1, color: colours.ground, fillColor: tints[kind], fillOpacity: 0.9 });
    dot.at = at;
    dot.on("mouseover", point).on("mouseout", leave).on("click", open);
    state.layers[kind].addLayer(dot);
  }
  for (const layer of state.layers) layer.addTo(state.map);
  return tints;
}

async function point(event) {
  const dot = event.target;
  state.hovered = dot;
  await new Promise((done) => { setTimeout(done, 120); }); // not for every point that is passed over
  if (state.hovered !== dot) return;
  const [one] = await namesOf([state.data.id[dot.at]]);
  if (one && state.hovered === dot) dot.bindTooltip(card(one, codeOf(dot.at), false)).openTooltip();
}

function leave(event) {
  state.hovered = null;
  event.target.unbindTooltip();
}

async function open(event) {
  const dot = event.target;
  const [one] = await namesOf([state.data.id[dot.at]]);
  if (one) L.popup().setLatLng(dot.getLatLng()).setContent(card(one, codeOf(dot.at), true)).openOn(state.map);
}

// --- legend -------------------------------------------------------------------------------

function drawLegend(tints) {
  const counts = state.data.classes.map(() => 0);
  for (const kind of state.data.class) counts[kind] += 1;
  state.data.classes.forEach((code, kind) => {
    if (!counts[kind]) return;
    const label = document.createElement("label");
    const input = Object.assign(document.createElement("input"), { type: "checkbox", className: "form-check-input m-0", checked: true });
    const dot = document.createElement("span");
    dot.className = "lz-map-dot";
    dot.style.background = tints[kind];
    label.append(input, dot, `${labelOf(code)} ${number(counts[kind])}`);
    input.addEventListener("change", () => {
      if (input.checked) { state.off.delete(kind); state.layers[kind].addTo(state.map); } else { state.off.add(kind); state.layers[kind].remove(); }
      show();
    });
    find("legend").append(label);
  });
}

// --- blank areas --------------------------------------------------------------------------

function isInside(lat, lon, ring) {
  let inside = false;
  for (let at = 0, before = ring.length - 1; at < ring.length; before = at, at += 1) {
    const [latA, lonA] = ring[at];
    const [latB, lonB] = ring[before];
    if (latA > lat !== latB > lat && lon < ((lonB - lonA) * (lat - latA)) / (latB - latA) + lonA) inside = !inside;
  }
  return inside;
}

function blankCells() {
  const { data } = state;
  const bounds = state.bounds;
  const wide = bounds.getEast() - bounds.getWest();
  const high = bounds.getNorth() - bounds.getSouth();
  const step = Math.max(wide, high) / CELLS || 0.01;
  const filled = new Set();
  const key = (lat, lon) => `${Math.floor((lat - bounds.getSouth()) / step)}:${Math.floor((lon - bounds.getWest()) / step)}`;
  for (let at = 0; at < data.id.length; at += 1) filled.add(key(data.lat[at], data.lon[at]));
  const rings = data.areas.flatMap((area) => area.polygons.map((polygon) => polygon[0]));
  const group = L.layerGroup();
  const colour = palette().series[2];
  for (let row = 0; row * step < high; row += 1) {
    for (let column = 0; column * step < wide; column += 1) {
      const south = bounds.getSouth() + row * step;
      const west = bounds.getWest() + column * step;
      const middle = [south + step / 2, west + step / 2];
      const ours = !rings.length || rings.some((ring) => isInside(middle[0], middle[1], ring));
      if (ours && !filled.has(`${row}:${column}`)) {
        group.addLayer(L.rectangle([[south, west], [south + step, west + step]], { stroke: true, weight: 0.5, color: colour, fillColor: colour, fillOpacity: 0.18, interactive: false }));
      }
    }
  }
  return group;
}

// --- table twin ---------------------------------------------------------------------------

async function show() {
  const { data } = state;
  const view = state.map.getBounds();
  const seen = [];
  let all = 0;
  for (let at = 0; at < data.id.length; at += 1) {
    if (!state.off.has(data.class[at]) && view.contains([data.lat[at], data.lon[at]])) {
      all += 1;
      if (seen.length < 200) seen.push(at);
    }
  }
  find("status").textContent = `${number(all)} / ${number(data.id.length)}`;
  const twin = find("twin");
  if (!twin.open) return;
  state.asked += 1;
  const turn = state.asked;
  await namesOf(seen.map((at) => data.id[at]));
  if (turn !== state.asked) return;
  twin.querySelector("tbody").replaceChildren(...seen.map((at) => line(state.names.get(data.id[at]), codeOf(at))).filter(Boolean));
}

function line(one, code) {
  if (!one) return null;
  const row = document.createElement("tr");
  const link = Object.assign(document.createElement("a"), { href: one.url, textContent: one.name });
  for (const value of [one.code, link, labelOf(code), number(one.recent)]) {
    const cell = document.createElement("td");
    cell.append(value);
    row.append(cell);
  }
  row.lastChild.className = "numeric";
  return row;
}

// --- start --------------------------------------------------------------------------------

function start() {
  const { data } = state;
  if (data.missing) { find("missing").hidden = false; find("number").textContent = number(data.missing); }
  find("cut").hidden = !data.cut;
  if (!data.id.length) {
    find("empty").hidden = false;
    find("canvas").hidden = true;
    find("twin").hidden = true;
    find("status").textContent = "0";
    return;
  }
  state.map = L.map(find("canvas"), { preferCanvas: true, attributionControl: false, zoomControl: false, zoomSnap: 0.5 });
  L.control.zoom({ zoomInTitle: words.in, zoomOutTitle: words.out }).addTo(state.map);
  L.control.scale({ imperial: false }).addTo(state.map);
  state.bounds = L.latLngBounds(data.id.map((_id, at) => [data.lat[at], data.lon[at]]));
  state.map.fitBounds(state.bounds.pad(0.05), { maxZoom: 15, animate: false });
  drawAreas();
  drawLegend(drawPoints());
  state.map.on("moveend", show);
  find("twin").addEventListener("toggle", show);
  find("blank").addEventListener("change", (event) => {
    state.blank ||= blankCells();
    if (event.target.checked) state.blank.addTo(state.map); else state.blank.remove();
  });
  show();
}

try {
  state.data = await load(box.dataset.map);
  start();
  box.dataset.done = "1";
} catch (error) {
  find("status").textContent = "–";
  throw error;
}
