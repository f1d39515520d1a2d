// Draws the charts and the table over swept values. Drag over a chart to zoom, click twice to see all again; a click on
// a name hides its line.
"use strict";
window.addEventListener("error", e => { document.body.dataset.error = e.message; });
const colours = ["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf", "#0b3d91", "#a05195"];
const dataOf = id => JSON.parse(document.getElementById(id).textContent);
const short = v => v === null || v === undefined ? "-" : Math.abs(v) >= 1e6 || (v !== 0 && Math.abs(v) < 1e-3) ? v.toExponential(2) : String(+v.toPrecision(5));

function element(parent, tag, text, name) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (name) made.className = name;
  parent.appendChild(made);
  return made;
}

function ticks(low, high, count) {
  const raw = (high - low) / count || 1, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map(m => m * power).find(s => s >= raw);
  const found = [];
  for (let v = Math.ceil(low / step) * step; v <= high + step * 1e-9; v += step) found.push(Math.abs(v) < step * 1e-9 ? 0 : v);
  return found;
}

class Chart {
  constructor(parent, data) {
    this.lines = data.lines.map((line, i) => ({...line, colour: colours[i % colours.length], on: true}));
    const box = element(parent, "div", undefined, "chart");
    element(box, "h3", data.title);
    const legend = element(box, "div", undefined, "legend");
    if (this.lines.length > 1 || this.lines[0].label) this.lines.forEach(line => {
      const button = element(legend, "button");
      element(button, "s").style.background = line.colour;
      button.append(line.label || "all");
      button.onclick = () => { line.on = !line.on; button.classList.toggle("off", !line.on); this.draw(); };
    });
    this.canvas = element(box, "canvas");
    this.tip = element(box, "div", undefined, "tip");
    const xs = this.lines.flatMap(l => [l.x[0], l.x[l.x.length - 1]]);
    this.all = [Math.min(...xs), Math.max(...xs)];
    this.range = this.all;
    this.listen();
    this.draw();
  }
  listen() {
    const at = e => e.clientX - this.canvas.getBoundingClientRect().left;
    this.canvas.onmousedown = e => { this.from = at(e); };
    this.canvas.onmousemove = e => { this.hover(at(e)); if (this.from !== undefined) this.draw(at(e)); };
    this.canvas.onmouseleave = () => { this.tip.style.display = "none"; this.from = undefined; this.draw(); };
    this.canvas.onmouseup = e => {
      const [a, b] = [this.from, at(e)].sort((p, q) => p - q);
      this.from = undefined;
      if (b - a > 4) this.range = [this.value(a), this.value(b)];
      this.draw();
    };
    this.canvas.ondblclick = () => { this.range = this.all; this.draw(); };
  }
  value(pixel) { return this.range[0] + (pixel - 62) / (this.width - 72) * (this.range[1] - this.range[0]); }
  bounds() {
    let low = Infinity, high = -Infinity;
    for (const l of this.lines) if (l.on) l.x.forEach((x, i) => {
      if (x < this.range[0] || x > this.range[1] || l.mean[i] === null) return;
      low = Math.min(low, l.low[i]); high = Math.max(high, l.high[i]);
    });
    if (low > high) return [0, 1];
    const room = (high - low) * 0.06 || Math.abs(high) * 0.1 || 1;
    return [low - room, high + room];
  }
  draw(to) {
    const scale = window.devicePixelRatio || 1, c = this.canvas.getContext("2d");
    this.width = this.canvas.clientWidth; const height = 230;
    this.canvas.width = this.width * scale; this.canvas.height = height * scale;
    c.scale(scale, scale); c.font = "12px system-ui, 'DejaVu Sans', sans-serif";
    const [low, high] = this.bounds(), [first, last] = this.range;
    const X = v => 62 + (last > first ? (v - first) / (last - first) : 0.5) * (this.width - 72), Y = v => 205 - (v - low) / (high - low) * 195;
    c.fillStyle = "#777"; c.strokeStyle = "#e8e8e8";
    c.textAlign = "right"; for (const v of ticks(low, high, 5)) { c.beginPath(); c.moveTo(62, Y(v)); c.lineTo(this.width - 10, Y(v)); c.stroke(); c.fillText(short(v), 56, Y(v) + 4); }
    c.textAlign = "center"; for (const v of ticks(first, last, 8)) c.fillText(String(+v.toPrecision(8)), X(v), 222);
    c.save(); c.beginPath(); c.rect(62, 0, this.width - 72, 207); c.clip();
    for (const l of this.lines) if (l.on) this.drawLine(c, l, X, Y);
    c.restore();
    if (to !== undefined) { c.fillStyle = "rgba(31,119,180,0.12)"; c.fillRect(this.from, 8, to - this.from, 197); }
  }
  drawLine(c, l, X, Y) {
    const usual = l.x.length > 2 ? l.x.slice(1).map((x, i) => x - l.x[i]).sort((a, b) => a - b)[l.x.length >> 1] : Infinity;
    const gap = i => i === 0 || l.mean[i] === null || l.mean[i - 1] === null || l.x[i] - l.x[i - 1] > 2 * usual;
    c.fillStyle = c.strokeStyle = l.colour;
    c.globalAlpha = 0.16;
    for (let i = 1; i < l.x.length; ++i) if (!gap(i) && (l.high[i] > l.low[i] || l.high[i - 1] > l.low[i - 1])) {
      c.beginPath(); c.moveTo(X(l.x[i - 1]), Y(l.low[i - 1])); c.lineTo(X(l.x[i]), Y(l.low[i]));
      c.lineTo(X(l.x[i]), Y(l.high[i])); c.lineTo(X(l.x[i - 1]), Y(l.high[i - 1])); c.fill();
    }
    c.globalAlpha = 1; c.lineWidth = 1.4; c.beginPath();
    l.x.forEach((x, i) => { if (l.mean[i] !== null) gap(i) ? c.moveTo(X(x), Y(l.mean[i])) : c.lineTo(X(x), Y(l.mean[i])); });
    c.stroke();
  }
  hover(pixel) {
    const x = this.value(pixel);
    if (x < this.range[0] || x > this.range[1]) { this.tip.style.display = "none"; return; }
    const rows = this.lines.filter(l => l.on).map(l => {
      let i = l.x.findIndex(v => v >= x); if (i < 0) i = l.x.length - 1;
      return `${l.x[i]}  ${l.label ? l.label + ": " : ""}${short(l.mean[i])}` + (l.networks > 1 ? ` (${short(l.low[i])} to ${short(l.high[i])})` : "");
    });
    this.tip.innerText = rows.join("\n");
    this.tip.style.display = "block";
    const right = pixel > this.width * 0.6;
    this.tip.style.left = right ? "" : `${pixel + 14}px`; this.tip.style.right = right ? `${this.width - pixel + 14}px` : "";
    this.tip.style.top = "60px";
  }
}

// One result at all points, in colour: rows are the first swept values, columns the last one.
function colourOf(share) {
  const stops = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];
  const at = Math.min(3.999, share * 4), i = Math.floor(at), f = at - i;
  const rgb = stops[i].map((v, k) => Math.round(v + f * (stops[i + 1][k] - v)));
  return [`rgb(${rgb})`, share > 0.55 ? "#000" : "#fff"];
}

function sweep(data, parent) {
  const choose = element(parent, "select");
  data.results.forEach((r, i) => { const o = element(choose, "option", r.name); o.value = i; });
  element(parent, "span", `  over ${data.swept.join(" and ")}`);
  const box = element(parent, "div", undefined, "scroll");
  const show = () => {
    const r = data.results[choose.value], key = p => p.slice(0, -1).join(", ");
    box.replaceChildren();
    const table = element(box, "table", undefined, "heat"), last = data.swept.length - 1;
    const rows = [...new Set(data.points.map(key))], columns = [...new Set(data.points.map(p => p[last]))];
    const known = r.mean.filter(v => v !== null), low = Math.min(...known), high = Math.max(...known);
    const head = element(table, "tr");
    element(head, "th", `${data.swept.slice(0, -1).join(", ")}${last ? " \\ " : ""}${data.swept[last]}`);
    columns.forEach(c => element(head, "th", String(c)));
    rows.forEach(row => {
      const line = element(table, "tr");
      element(line, "th", row);
      columns.forEach(column => {
        const i = data.points.findIndex(p => key(p) === row && p[last] === column), v = i < 0 ? null : r.mean[i];
        const cell = element(line, "td", short(v) + (r.sd[i] !== null && r.sd[i] !== undefined ? ` \u00b1 ${+r.sd[i].toPrecision(2)}` : ""));
        if (v === null) return;
        [cell.style.background, cell.style.color] = colourOf(high > low ? (v - low) / (high - low) : 0.5);
      });
    });
  };
  choose.onchange = show;
  show();
}

const charts = dataOf("chart-data"), place = document.getElementById("charts");
const drawn = place ? charts.map(c => new Chart(place, c)) : [];
window.addEventListener("resize", () => drawn.forEach(c => c.draw()));
const results = dataOf("result-data"), table = document.getElementById("sweep");
if (table) sweep(results, table);
document.body.dataset.charts = drawn.length;
