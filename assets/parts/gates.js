// What the recipe wanted of a version, and what was found when it was made.

import { html } from '../vendor/htm-preact-standalone.js';

const SIGNS = new Map([['passed', '✓'], ['failed', '✗'], ['skipped', '–']]);
const DECIDES = { registration: 'to be registered', promotion: 'to go into production' };

/** The gates that keep a version out of production. */
export const failedGates = (version) => (version.gates ?? []).filter((gate) => gate.outcome === 'failed');

export function Gates({ version }) {
  if (!version.gates?.length) return null;
  return html`
    <section class="panel" aria-labelledby="gates">
      <h2 id="gates">Gates</h2>
      <div class="wide" tabindex="0" role="region" aria-labelledby="gates">
        <table>
          <thead><tr><th scope="col">Gate</th><th scope="col">Wanted</th><th scope="col">Outcome</th><th scope="col">Found</th></tr></thead>
          <tbody>${version.gates.map((gate) => html`
            <tr key=${`${gate.decides} ${gate.gate}`}><th scope="row">${gate.gate}</th>
              <td><code>${gate.wanted}</code> <span class="quiet">${DECIDES[gate.decides] ?? gate.decides}</span></td>
              <td data-verdict=${gate.outcome === 'skipped' ? 'null' : String(gate.outcome === 'passed')}>${SIGNS.get(gate.outcome)} ${gate.outcome}</td>
              <td class="words">${gate.found}</td></tr>`)}</tbody>
        </table>
      </div>
    </section>`;
}
