// Two versions of a model side by side.

import { get, path } from '../api.js';
import { html, useEffect, useState } from '../vendor/htm-preact-standalone.js';
import { metricName, number } from './format.js';

const signed = (value) => (value == null ? '–' : `${value > 0 ? '+' : ''}${number(value)}`);
const plain = (value) => (value == null ? '–' : typeof value === 'string' ? value : JSON.stringify(value));

const Metrics = ({ compared }) => html`
  <table>
    <thead><tr><th scope="col">Metric</th><th scope="col" class="num">${compared.from.version}</th>
      <th scope="col" class="num">${compared.to.version}</th><th scope="col" class="num">Difference</th><th scope="col">Better</th></tr></thead>
    <tbody>${compared.metrics.map((metric) => html`
      <tr key=${metric.metric}><th scope="row">${metricName(metric.metric)}</th><td class="num">${number(metric.from)}</td>
        <td class="num">${number(metric.to)}</td><td class="num">${signed(metric.difference)}</td>
        <td>${metric.better === null ? '' : metric.better ? compared.to.version : compared.from.version}</td></tr>`)}</tbody>
  </table>`;

const Parameters = ({ compared }) => compared.parameters.length > 0 && html`
  <table>
    <thead><tr><th scope="col">Parameter</th><th scope="col">${compared.from.version}</th><th scope="col">${compared.to.version}</th></tr></thead>
    <tbody>${compared.parameters.map((one) => html`
      <tr key=${one.parameter}><th scope="row"><code>${one.parameter}</code></th><td>${plain(one.from)}</td><td>${plain(one.to)}</td></tr>`)}</tbody>
  </table>`;

/** How an input is taken in another way. */
function change(input) {
  const words = [];
  if (input.type) words.push(`${input.type[0]} is ${input.type[1]}`);
  if (input.nullable) words.push(input.nullable[1] ? 'may be missing' : 'may not be missing');
  if (input.levels_added.length > 0) words.push(`new levels: ${input.levels_added.join(', ')}`);
  if (input.levels_removed.length > 0) words.push(`levels gone: ${input.levels_removed.join(', ')}`);
  return words.join('; ');
}

function Inputs({ inputs: { added, removed, changed } }) {
  if (added.length + removed.length + changed.length === 0) return html`<p>They take in the same.</p>`;
  return html`<ul>
    ${added.map((name) => html`<li key=${`+${name}`}><code>${name}</code> is new</li>`)}
    ${removed.map((name) => html`<li key=${`-${name}`}><code>${name}</code> is gone</li>`)}
    ${changed.map((input) => html`<li key=${input.name}><code>${input.name}</code>: ${change(input)}</li>`)}
  </ul>`;
}

const Compared = ({ compared }) => html`
  ${!compared.same_holdout && html`<p><strong>Measured on different rows:</strong> a difference of metrics may be one of the rows.</p>`}
  <div class="wide" tabindex="0" role="region" aria-label="Metrics of both versions"><${Metrics} compared=${compared} /></div>
  <div class="wide" tabindex="0" role="region" aria-label="Parameters that differ"><${Parameters} compared=${compared} /></div>
  <${Inputs} inputs=${compared.inputs} />
  <p class="quiet">Bundles: ${compared.size_bytes.from ?? '–'} and ${compared.size_bytes.to ?? '–'} bytes.</p>`;

export function Compare({ model, versions, shown }) {
  const [other, setOther] = useState('');
  const [compared, setCompared] = useState(null);
  const [error, setError] = useState(null);
  useEffect(() => {
    setCompared(null);
    setError(null);
    if (!other) return undefined;
    let wanted = true;
    get(`${path('models', model.id, 'compare')}?from=${other}&to=${shown.number}`).then(
      (value) => wanted && setCompared(value),
      (failure) => wanted && setError(failure),
    );
    return () => {
      wanted = false;
    };
  }, [other, shown.number]);
  const others = versions.filter((version) => version.number !== shown.number);
  return others.length > 0 && html`
    <section class="panel" aria-labelledby="compare">
      <h2 id="compare">Compare</h2>
      <label>${shown.version} with
        <select value=${other} onChange=${(event) => setOther(event.target.value)}>
          <option value="">choose a version…</option>
          ${others.map((version) => html`<option key=${version.number} value=${version.number}>${version.version} (${version.stage})</option>`)}
        </select>
      </label>
      ${error && html`<p role="alert">${error.message}</p>`}
      ${compared && html`<${Compared} compared=${compared} />`}
    </section>`;
}
