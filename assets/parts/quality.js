// How good a version is: every metric beside the baseline's.

import { html } from '../vendor/htm-preact-standalone.js';
import { beats, metricName, number } from './format.js';

const VERDICT = new Map([[true, 'better than the baseline'], [false, 'not better'], [null, '']]);

export function Quality({ version }) {
  const { performance_metrics: metrics, baseline_metrics: baselines } = version;
  return html`
    <section class="panel" aria-labelledby="quality">
      <h2 id="quality">Quality</h2>
      <div class="wide" tabindex="0" role="region" aria-labelledby="quality">
        <table>
          <thead><tr><th scope="col">Metric</th><th scope="col" class="num">Model</th><th scope="col" class="num">Baseline</th><th scope="col">Verdict</th></tr></thead>
          <tbody>${Object.entries(metrics).map(([key, value]) => {
            const verdict = beats(key, value, baselines?.[key]);
            return html`
              <tr key=${key}><th scope="row">${metricName(key)}</th><td class="num">${number(value)}</td>
                <td class="num quiet">${number(baselines?.[key])}</td><td data-verdict=${String(verdict)}>${VERDICT.get(verdict)}</td></tr>`;
          })}</tbody>
        </table>
      </div>
    </section>`;
}
