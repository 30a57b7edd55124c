// What a model answered for one row.

import { html } from '../vendor/htm-preact-standalone.js';
import { Explanation } from './explanation.js';
import { number, percent } from './format.js';
import { Command } from './marks.js';
import { asCurl } from './values.js';

const MOST = 8;

const Bar = ({ label, probability }) => html`
  <div class="chance">
    <div class="figure"><span>${label}</span><strong class="probability">${percent(probability)}</strong></div>
    <div class="bar" role="meter" aria-label=${label} aria-valuemin="0" aria-valuemax="1" aria-valuenow=${probability}>
      <i style=${{ width: `${probability * 100}%` }}></i>
    </div>
  </div>`;

/** The bars of an answer: none for regression, one for two classes, one a class for more. */
function bars(probability, target) {
  if (probability == null) return [];
  if (typeof probability === 'number') return [[`probability of ${target}`, probability]];
  return Object.entries(probability).sort(([, a], [, b]) => b - a).slice(0, MOST);
}

export function Answer({ answer, target }) {
  if (!answer) {
    return html`<p class="quiet">The form holds an example. Change what you like, then press <kbd>Enter</kbd> or the button.</p>`;
  }
  const { body, reply, millis } = answer;
  const [prediction] = reply.prediction;
  return html`
    <p class="prediction"><span class="quiet">${target}</span>
      <output>${typeof prediction === 'number' ? number(prediction) : String(prediction)}</output></p>
    ${bars(reply.probability?.[0], target).map(([label, chance]) => html`<${Bar} key=${label} label=${label} probability=${chance} />`)}
    <${Explanation} explanation=${reply.explanations?.[0]} prediction=${prediction} />
    <p class="quiet">${reply.model} ${reply.version} · ${Math.max(1, Math.round(millis))} ms from here and back</p>
    <details>
      <summary>The same from a terminal</summary>
      <${Command}>${asCurl(location.origin, body)}<//>
    </details>`;
}
