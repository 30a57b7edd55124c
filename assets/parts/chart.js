// A chart of two axes, drawn as SVG: lines, bands and dots, in the colours of the page.

import { html } from '../vendor/htm-preact-standalone.js';

const WIDTH = 340;
const HEIGHT = 260;
const EDGE = { left: 46, right: 18, top: 10, bottom: 38 };
const TICKS = 5;

/** Round numbers (none of them a negative zero) from `from` to `to`, about `TICKS` of them. */
export function ticks(from, to) {
  const rough = (to - from) / (TICKS - 1);
  if (!(rough > 0) || !Number.isFinite(rough)) return [from];
  const size = 10 ** Math.floor(Math.log10(rough));
  const off = (step) => Math.abs(Math.log(step / rough));
  const step = [1, 2, 2.5, 5, 10].map((times) => times * size).reduce((a, b) => (off(b) < off(a) ? b : a));
  const out = [];
  for (let at = Math.ceil(from / step - 1e-9); at * step <= to + step * 1e-9; at += 1) out.push(at * step + 0);
  return out;
}

/** A range that holds all of `values`, never empty. */
export function range(values) {
  const from = Math.min(...values);
  const to = Math.max(...values);
  return from < to ? [from, to] : [from - 0.5, to + 0.5];
}

const short = new Intl.NumberFormat('en', { maximumSignificantDigits: 3, notation: 'compact' });
export const shareText = (value) => `${Math.round(value * 100)}%`;

const scale = ([from, to], start, end) => (value) => start + ((value - from) / (to - from)) * (end - start);

const joined = (at, x, y) => at.map(([a, b]) => `${x(a).toFixed(1)},${y(b).toFixed(1)}`).join(' ');

/**
 * `x`, `y`: `{ label, range: [from, to], text(value) }`; `lines`: `[{ name, at: [[x, y], …], kind }]`, kind being
 * `main` or `reference`; `band`: `[[x, low, high], …]`; `dots`: `[[x, y], …]`; `mark`: `{ at: [x, y], label }`.
 */
export function Chart({ title, x, y, lines = [], band = [], dots = [], mark, children }) {
  const across = scale(x.range, EDGE.left, WIDTH - EDGE.right);
  const up = scale(y.range, HEIGHT - EDGE.bottom, EDGE.top);
  const [xText, yText] = [x.text ?? short.format, y.text ?? short.format];
  const outline = [...band.map(([a, low]) => [a, low]), ...band.toReversed().map(([a, , high]) => [a, high])];
  const bottom = HEIGHT - EDGE.bottom;
  const late = mark && across(mark.at[0]) > WIDTH / 2;
  return html`
    <figure class="chart">
      <figcaption>${title}</figcaption>
      <svg viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label=${`${title}: ${y.label} over ${x.label}`}>
        ${ticks(...y.range).map((value) => html`
          <line class="grid" x1=${EDGE.left} x2=${WIDTH - EDGE.right} y1=${up(value)} y2=${up(value)} />
          <text class="tick" x=${EDGE.left - 6} y=${up(value) + 4} text-anchor="end">${yText(value)}</text>`)}
        ${ticks(...x.range).map((value) => html`
          <line class="grid" x1=${across(value)} x2=${across(value)} y1=${EDGE.top} y2=${bottom} />
          <text class="tick" x=${across(value)} y=${bottom + 15} text-anchor="middle">${xText(value)}</text>`)}
        <text class="axis" x=${(EDGE.left + WIDTH - EDGE.right) / 2} y=${HEIGHT - 5} text-anchor="middle">${x.label}</text>
        <text class="axis" transform=${`translate(11 ${(EDGE.top + bottom) / 2}) rotate(-90)`} text-anchor="middle">${y.label}</text>
        ${outline.length > 0 && html`<polygon class="band" points=${joined(outline, across, up)} />`}
        ${lines.map(({ at, kind = 'main' }) => html`<polyline class=${kind} points=${joined(at, across, up)} />`)}
        ${dots.map(([a, b]) => html`<circle class="dot" cx=${across(a)} cy=${up(b)} r="3.5" />`)}
        ${mark && html`
          <circle class="mark-dot" cx=${across(mark.at[0])} cy=${up(mark.at[1])} r="5" />
          <text class="tick" x=${across(mark.at[0]) + (late ? -9 : 9)} y=${Math.min(bottom - 6, up(mark.at[1]) + 16)}
            text-anchor=${late ? 'end' : 'start'}>${mark.label}</text>`}
      </svg>
      ${children && html`<small class="quiet">${children}</small>`}
    </figure>`;
}
