// How good a version is: every metric with its interval beside the baseline's and over the folds, and where the line
// between two classes is drawn.

import { html } from '../vendor/htm-preact-standalone.js';
import { beats, interval, metricName, number } from './format.js';

const VERDICT = new Map([[true, 'better than the baseline'], [false, 'not better'], [null, '']]);

const named = (list, key) => list?.find((entry) => entry.name === key);

const Line = ({ line }) => html`
  <p class="quiet">Positive from a probability of <strong>${line.threshold}</strong> on${line.rule
    ? html`, found by the rule <code>${line.rule}</code> on ${line.chosen_on}.`
    : ', as the recipe says.'}</p>`;

export function Quality({ version }) {
  const { performance_metrics: metrics, baseline_metrics: baselines, quality } = version;
  const folds = quality?.folds.length > 0;
  return html`
    <section class="panel" aria-labelledby="quality">
      <h2 id="quality">Quality${quality && html` <span class="quiet">on ${quality.rows} held-out rows</span>`}</h2>
      ${quality?.threshold && html`<${Line} line=${quality.threshold} />`}
      <div class="wide" tabindex="0" role="region" aria-labelledby="quality">
        <table>
          <thead><tr><th scope="col">Metric</th><th scope="col" class="num">Model</th>
            ${quality?.confidence && html`<th scope="col" class="num">${+(quality.confidence * 100).toFixed(2)}% interval</th>`}
            <th scope="col" class="num">Baseline</th><th scope="col">Verdict</th>
            ${folds && html`<th scope="col" class="num">${quality.folds[0].values.length} folds</th>`}</tr></thead>
          <tbody>${Object.entries(metrics).map(([key, value]) => {
            const verdict = beats(key, value, baselines?.[key]);
            const over = named(quality?.folds, key);
            return html`
              <tr key=${key}><th scope="row">${metricName(key)}</th><td class="num">${number(value)}</td>
                ${quality?.confidence && html`<td class="num quiet">${interval(named(quality.metrics, key)?.interval)}</td>`}
                <td class="num quiet">${number(baselines?.[key])}</td><td data-verdict=${String(verdict)}>${VERDICT.get(verdict)}</td>
                ${folds && html`<td class="num quiet" title=${over?.values.map(number).join(', ')}>${over ? `${number(over.mean)} ± ${number(over.sd)}` : '–'}</td>`}</tr>`;
          })}</tbody>
        </table>
      </div>
    </section>`;
}
