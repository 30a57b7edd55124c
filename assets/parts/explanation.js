// What each input adds to a prediction: a bar to the right speaks for it, one to the left against.

import { html } from '../vendor/htm-preact-standalone.js';
import { number } from './format.js';

const UNITS = { log_odds: 'log-odds of', logits: 'the score of' };

/** Of several outputs the one that speaks for `prediction`; else the only one. */
export const outputOf = ({ outputs }, prediction) =>
  outputs.find((output) => outputs.length > 1 && output.class === prediction) ?? outputs[0];

/** Where a bar stands, in percent of its track, whose middle is nothing: `{ left, width }`. */
export function span(contribution, largest) {
  const half = largest > 0 ? (Math.abs(contribution) / largest) * 50 : 0;
  return { left: contribution < 0 ? 50 - half : 50, width: half };
}

/** What the base value is of, by how the explanation was found. */
const BASE = { sampled: 'which is said of a typical row (Shapley values by sampling)' };
const EXPECTED = 'which is expected of a row of which nothing is known';

const signed = (value) => (value > 0 ? '+' : '') + number(value);

function Row({ label, value, contribution, largest }) {
  const { left, width } = span(contribution, largest);
  const said = value === undefined ? label : `${label} = ${value ?? '(missing)'}`;
  return html`
    <div class="why-row" role="listitem">
      <span title=${said}>${said}</span>
      <span class="push-bar" data-against=${String(contribution < 0)} aria-hidden="true">
        <i style=${{ left: `${left}%`, width: `${width}%` }}></i></span>
      <span class="num">${signed(contribution)}</span>
    </div>`;
}

export function Explanation({ explanation, prediction }) {
  if (!explanation) return null;
  const output = outputOf(explanation, prediction);
  const { contributions, rest } = output;
  const largest = Math.max(...contributions.map((part) => Math.abs(part.contribution)), Math.abs(rest));
  const unit = UNITS[explanation.space] ? `${UNITS[explanation.space]} ${output.class}` : 'the prediction';
  return html`
    <section class="why-table" aria-label="What each input adds">
      <h3>Why</h3>
      <p class="quiet">What each input adds to ${unit}, from ${number(output.base_value)} on, ${BASE[explanation.method] ?? EXPECTED}.</p>
      <div role="list">
        ${contributions.map((part) => html`<${Row} key=${part.feature} label=${part.feature} value=${part.value} contribution=${part.contribution} largest=${largest} />`)}
        ${rest !== 0 && html`<${Row} label="all others" contribution=${rest} largest=${largest} />`}
      </div>
      <p class="quiet">Together: ${number(output.sum)}</p>
    </section>`;
}
