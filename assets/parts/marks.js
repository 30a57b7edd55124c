// Small marks: stages, notices, commands, and a number beside its baseline.

import { html } from '../vendor/htm-preact-standalone.js';
import { beats, metricName, number } from './format.js';

export const Stage = ({ stage }) => html`<span class="mark" data-stage=${stage}>${stage === 'none' ? 'no stage' : stage}</span>`;

export const Generated = () => html`<span class="mark" data-stage="generated" title="The training data was made by usina from a seed; it is not about real events.">generated data</span>`;

/** An error as the server worded it. */
export const Failure = ({ error }) => error && html`<p class="notice bad" role="alert">${error.message}</p>`;

/** Text in which what stands in backquotes is code. */
export const Prose = ({ text }) => (text ?? '').split('`').map((part, index) => (index % 2 ? html`<code>${part}</code>` : part));

export const Command = ({ children }) => html`<pre class="command"><code>${children}</code></pre>`;

/** What to do where there is nothing yet. */
export const Empty = ({ title, children, command }) => html`
  <div class="empty">
    <p><strong>${title}</strong></p>
    ${children && html`<p>${children}</p>`}
    ${command && html`<${Command}>${command}<//>`}
  </div>`;

const share = (part, whole) => `${Math.min(100, Math.max(0, (part / whole) * 100))}%`;

/** A metric, large, above a bar in which a tick marks the baseline. */
export function Headline({ metric, value, baseline }) {
  const whole = Math.max(1, value ?? 0, baseline ?? 0);
  const verdict = beats(metric, value, baseline);
  return html`
    <div class="headline">
      <div class="figure"><span>${metricName(metric)}</span><strong>${number(value)}</strong></div>
      <div class="bar" role="presentation">
        <i style=${{ width: share(value ?? 0, whole) }}></i>
        ${baseline != null && html`<b style=${{ left: share(baseline, whole) }}></b>`}
      </div>
      <small>${baseline == null
        ? 'no baseline'
        : html`baseline ${number(baseline)}${verdict === false ? ': not better than guessing' : ''}`}</small>
    </div>`;
}
