// One input of a model as a control, with its hint and its error.

import { html } from '../vendor/htm-preact-standalone.js';

/** The choices of a control that has some: `[text, label]`; null for one that is typed in. */
function choices(input) {
  if (input.levels) return input.levels.map((level) => [JSON.stringify(level), String(level)]);
  return input.type === 'boolean' ? [['true', 'yes'], ['false', 'no']] : null;
}

function hint(input) {
  const { type, min, max } = input;
  const range = min != null && max != null ? `${Number(min.toPrecision(6))} to ${Number(max.toPrecision(6))} in training` : null;
  const what = { integer: 'whole number', timestamp: '2026-01-31T12:00:00Z' }[type];
  return [range ?? what, input.nullable && 'may be blank'].filter(Boolean).join(', ');
}

/** Phones show digits; but the digit keys of some have no minus sign, so only where none is needed. */
export const keys = ({ type, min }) => ((type === 'integer' || type === 'number') && min != null && min >= 0 ? 'decimal' : 'text');

export function Field({ input, id, text, error, onText }) {
  const options = choices(input);
  const told = error ? `${id}-error` : `${id}-hint`;
  const common = {
    id,
    name: input.name,
    value: text,
    'aria-invalid': error ? 'true' : undefined,
    'aria-describedby': told,
    onInput: (event) => onText(event.currentTarget.value),
  };
  const mayBeMissing = input.nullable || text === '';
  return html`
    <div class="field">
      <label for=${id}>${input.name}</label>
      ${options
        ? html`<select ...${common}>
            ${mayBeMissing && html`<option value="" selected=${text === ''}>(missing)</option>`}
            ${options.map(([value, label]) => html`<option key=${value} value=${value} selected=${value === text}>${label}</option>`)}
          </select>`
        : html`<input ...${common} type="text" inputmode=${keys(input)} autocomplete="off" spellcheck=${false} />`}
      <small id=${told} class=${error ? 'wrong' : 'quiet'} role=${error ? 'alert' : undefined}>${error ?? (hint(input) || '\u00a0')}</small>
    </div>`;
}
