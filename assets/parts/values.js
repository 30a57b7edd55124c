// Between what a form's controls hold (text) and what the API takes (JSON values).

/** The text with which the control of `input` shows `value`. */
export function toText(input, value) {
  if (value == null) return '';
  return input.levels ? JSON.stringify(value) : String(value);
}

/** The texts of all controls for the example in the model's schema, by name. */
export const exampleTexts = (inputs) => Object.fromEntries(inputs.map((input) => [input.name, toText(input, input.example)]));

/**
 * The value that a control's text stands for. Text that is no number is passed on as it is: the
 * server refuses it, names the field, and the form shows what every other client would be told.
 */
export function toValue(input, text) {
  if (input.levels) return text === '' ? null : JSON.parse(text);
  if (input.type === 'text' || input.type === 'category') return text === '' && input.nullable ? null : text;
  const trimmed = text.trim();
  if (trimmed === '') return null;
  if (input.type === 'boolean') return { true: true, false: false }[trimmed] ?? trimmed;
  if (input.type === 'timestamp') return trimmed;
  const number = Number(trimmed);
  return Number.isFinite(number) ? number : trimmed;
}

/** The `features` of a prediction, by name. */
export const toFeatures = (inputs, texts) =>
  Object.fromEntries(inputs.map((input) => [input.name, toValue(input, texts[input.name])]));

/** The same prediction for a terminal. */
export function asCurl(origin, body) {
  const quoted = JSON.stringify(body).replaceAll("'", String.raw`'\''`);
  return `curl ${origin}/api/v1/predict -H 'Content-Type: application/json' -d '${quoted}'`;
}
