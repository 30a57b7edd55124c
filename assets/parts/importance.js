// What the quality of a version hangs on: how much worse it gets when an input is dealt anew among held-out rows.

import { html } from '../vendor/htm-preact-standalone.js';
import { metricName, number } from './format.js';

const SHOWN = 12;

/** How much of its track a bar fills, in percent; what makes nothing worse fills none. */
export const fill = (worse, most) => (most > 0 ? (Math.max(worse, 0) / most) * 100 : 0);

export function Importance({ version }) {
  const importance = version.quality?.importance;
  if (!importance) return null;
  const { inputs, metric, rows, repeats } = importance;
  const most = inputs[0].worse;
  return html`
    <section class="panel" aria-labelledby="importance">
      <h2 id="importance">Importance <span class="quiet">on ${rows} held-out rows</span></h2>
      <p class="quiet">By how much ${metricName(metric)} gets worse when an input is dealt anew among the rows, ${repeats} times each. Inputs that say the same stand in for each other.</p>
      <div class="why-table hangs-on" role="list">
        ${inputs.slice(0, SHOWN).map(({ input, worse, sd }) => html`
          <div class="why-row" role="listitem" key=${input}>
            <span title=${input}>${input}</span>
            <span class="bar" aria-hidden="true"><i style=${{ width: `${fill(worse, most)}%` }}></i></span>
            <span class="num">${number(worse)}<span class="quiet"> ± ${number(sd)}</span></span>
          </div>`)}
      </div>
      ${inputs.length > SHOWN && html`<p class="quiet">${inputs.length - SHOWN} more inputs matter less.</p>`}
    </section>`;
}
