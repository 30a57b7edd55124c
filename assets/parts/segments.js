// For whom a version is better or worse: its quality by segment and by class.

import { html } from '../vendor/htm-preact-standalone.js';
import { interval, metricName, number } from './format.js';

/** The segments of one column after the other, each with its position among all. */
export function byColumn(segments) {
  const columns = new Map();
  segments.forEach((segment, at) => {
    if (!columns.has(segment.column)) columns.set(segment.column, []);
    columns.get(segment.column).push({ ...segment, at });
  });
  return [...columns];
}

const Row = ({ segment, names, worst }) => html`
  <tr>
    <th scope="row">${segment.level}${worst && html` <span class="mark" data-stage="generated">worst</span>`}</th>
    <td class="num">${segment.rows}</td>
    ${segment.note
      ? html`<td class="quiet" colspan=${names.length + 1}>${segment.note}</td>`
      : html`
        <td class="num">${number(segment.metrics[0].value)}</td><td class="num quiet">${interval(segment.metrics[0].interval)}</td>
        ${names.slice(1).map((name) => html`
          <td key=${name} class="num">${number(segment.metrics.find((metric) => metric.name === name)?.value)}</td>`)}`}
  </tr>`;

export function Segments({ version }) {
  const { segments = [], worst_segment: worst, confidence } = version.quality ?? {};
  if (segments.length === 0) return null;
  const measured = segments.find((segment) => segment.metrics.length > 0);
  const names = measured ? measured.metrics.map((metric) => metric.name) : ['quality'];
  return html`
    <section class="panel" aria-labelledby="segments">
      <h2 id="segments">By segment</h2>
      ${byColumn(segments).map(([column, rows]) => html`
        <div class="wide" key=${column} tabindex="0" role="region" aria-label=${`Quality by ${column}`}>
          <table>
            <thead><tr><th scope="col"><code>${column}</code></th><th scope="col" class="num">Rows</th>
              <th scope="col" class="num">${metricName(names[0])}</th><th scope="col" class="num">${confidence ? `${+(confidence * 100).toFixed(2)}% interval` : 'Interval'}</th>
              ${names.slice(1).map((name) => html`<th key=${name} scope="col" class="num">${metricName(name)}</th>`)}</tr></thead>
            <tbody>${rows.map((segment) => html`<${Row} key=${segment.at} segment=${segment} names=${names} worst=${segment.at === worst} />`)}</tbody>
          </table>
        </div>`)}
    </section>`;
}

export function Classes({ version }) {
  const { classes = [] } = version.quality ?? {};
  if (classes.length === 0) return null;
  return html`
    <section class="panel" aria-labelledby="classes">
      <h2 id="classes">By class</h2>
      <div class="wide" tabindex="0" role="region" aria-labelledby="classes">
        <table>
          <thead><tr><th scope="col">Class</th><th scope="col" class="num">Rows</th><th scope="col" class="num">Precision</th>
            <th scope="col" class="num">Recall</th><th scope="col" class="num">F1</th></tr></thead>
          <tbody>${classes.map((of) => html`
            <tr key=${of.class}><th scope="row">${of.class}</th><td class="num">${of.support}</td><td class="num">${number(of.precision)}</td>
              <td class="num">${number(of.recall)}</td><td class="num">${number(of.f1_score)}</td></tr>`)}</tbody>
        </table>
      </div>
    </section>`;
}
