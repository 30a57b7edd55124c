// What a model forecasts: a form to ask it, the answer as a picture, and how it did step by step.

import { post } from '../api.js';
import { html, useState } from '../vendor/htm-preact-standalone.js';
import { Chart, range } from './chart.js';
import { number } from './format.js';
import { useAction } from './live.js';
import { Failure } from './marks.js';
import { asCurl } from './values.js';

/** Periods of the history that are drawn for each that is forecast. */
const BEFORE = 3;
const NAMES = { persistence: 'persistence', seasonal_naive: 'seasonal naive', boosted_lags: 'boosted lags' };

const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' });
const hour = new Intl.DateTimeFormat('en-GB', { dateStyle: 'short', timeStyle: 'short', timeZone: 'UTC' });
const within = (frequency) => /(s|min|h)$/.test(frequency);

/** When a period begins, as people read it: the hour where it matters. In UTC, as the model counts. */
export const periodText = (frequency, time) => (within(frequency) ? hour : day).format(new Date(time));

/** Values as points of a chart: the first at `from`. */
const points = (values, from) => values.map((value, index) => [from + index, value]).filter(([, value]) => value != null);

/** Known values, what is forecast behind them, its band, and what came where that is known. */
export function Ahead({ title, before, answer, came = [], text, children }) {
  const { prediction, lower, upper } = answer;
  const known = before.slice(-Math.max(BEFORE * prediction.length, 12));
  const band = lower?.length ? lower.map((low, index) => [index + 1, low, upper[index]]) : [];
  const line = points(known, 1 - known.length);
  const all = [...line.map(([, value]) => value), ...prediction, ...came, ...band.flatMap(([, low, high]) => [low, high])];
  const last = line.at(-1);
  return html`
    <${Chart} title=${title} x=${{ label: text ?? 'Periods ahead', range: [1 - known.length, prediction.length] }}
      y=${{ label: 'Value', range: range(all) }} band=${band}
      lines=${[{ at: came.length > 0 ? [...line, ...points(came, 1)] : line, kind: 'reference' }, { at: [...(last ? [last] : []), ...points(prediction, 1)] }]}>
      ${children}<//>`;
}

/** What is usual of the columns that are known ahead: as they were a season before. */
function usual({ known, season, history, next }) {
  const of = (name, index) => {
    const values = history.values[name] ?? [];
    const value = values[values.length - season + (index % season)] ?? values.at(-1);
    return value == null ? '' : String(value);
  };
  return next.map((_, index) => Object.fromEntries(known.map((name) => [name, of(name, index)])));
}

const valued = (text) => (text.trim() === '' ? null : Number.isFinite(Number(text)) ? Number(text) : text);

function Future({ forecast, texts, horizon, onText }) {
  return html`
    <div class="wide" tabindex="0" role="region" aria-label="What is known of the periods to come">
      <table><thead><tr><th scope="col">${forecast.time}</th>${forecast.known.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
        <tbody>${forecast.next.slice(0, horizon).map((time, index) => html`
          <tr key=${time}><th scope="row">${periodText(forecast.frequency, time)}</th>
            ${forecast.known.map((name) => html`<td><input type="text" aria-label=${`${name}, ${time}`} value=${texts[index][name]}
              onInput=${(event) => onText(index, name, event.currentTarget.value)} /></td>`)}</tr>`)}</tbody></table>
    </div>`;
}

export function ForecastForm({ model, version }) {
  const { forecast } = version;
  const [horizon, setHorizon] = useState(String(forecast.horizon));
  const [texts, setTexts] = useState(() => usual(forecast));
  const [answer, setAnswer] = useState(null);
  const ask = useAction(async () => {
    const body = { model: model.id, model_version: version.version, horizon: valued(horizon) ?? forecast.horizon };
    if (forecast.known.length > 0) {
      const rows = forecast.next.slice(0, body.horizon);
      body.future = rows.map((time, index) => ({
        [forecast.time]: time,
        ...Object.fromEntries(forecast.known.map((name) => [name, valued(texts[index][name])])),
      }));
    }
    setAnswer({ body, reply: await post('predict', body) });
  });
  const change = (index, name, text) => setTexts((all) => all.with(index, { ...all[index], [name]: text }));
  const submit = (event) => {
    event.preventDefault();
    ask.run();
  };
  const before = forecast.history.values[model.target] ?? [];
  return html`
    <section class="try ahead" aria-labelledby="try">
      <form class="panel" onSubmit=${submit} novalidate>
        <h2 id="try">Look ahead</h2>
        <p class="quiet">From ${periodText(forecast.frequency, forecast.history.time.at(-1))}, the last period (${forecast.frequency}) that it knows.
          A request may send a history of its own.</p>
        <div class="field"><label for="horizon">Periods</label>
          <input id="horizon" type="text" inputmode="numeric" value=${horizon} onInput=${(event) => setHorizon(event.currentTarget.value)} />
          <small class="quiet">1 to ${forecast.horizon}</small></div>
        ${forecast.known.length > 0 && html`<${Future} forecast=${forecast} texts=${texts} horizon=${valued(horizon) || forecast.horizon} onText=${change} />`}
        <${Failure} error=${ask.error} />
        <div class="line buttons"><button type="submit" class="predict" aria-disabled=${ask.working}>Forecast</button></div>
      </form>
      <aside class="panel answer" aria-live="polite" aria-label="Answer" data-old=${answer && ask.error ? 'true' : 'false'}>
        <h2>Answer</h2>
        ${answer ? html`<${Answered} forecast=${forecast} answer=${answer} before=${before} />` : html`<p class="quiet">Ask, and the next periods are drawn here.</p>`}
      </aside>
    </section>`;
}

function Answered({ forecast, answer: { body, reply }, before }) {
  const share = reply.interval && `${+(reply.interval * 100).toFixed(1)}%`;
  return html`
    <${Ahead} title=${`After ${periodText(forecast.frequency, reply.origin)}`} before=${before} answer=${reply}>
      Dashed: what is known.${share && ` Band: where ${share} of values are to be.`}<//>
    <div class="wide" tabindex="0" role="region" aria-label="The forecast as a table">
      <table><thead><tr><th scope="col">${forecast.time}</th><th scope="col" class="num">Forecast</th>${share && html`<th scope="col" class="num">${share} interval</th>`}</tr></thead>
        <tbody>${reply.time.map((time, index) => html`
          <tr key=${time}><th scope="row">${periodText(forecast.frequency, time)}</th><td class="num">${number(reply.prediction[index])}</td>
            ${share && html`<td class="num quiet">${number(reply.lower[index])} to ${number(reply.upper[index])}</td>`}</tr>`)}</tbody></table>
    </div>
    <details><summary>As curl</summary><pre><code>${asCurl(location.origin, body)}</code></pre></details>`;
}

/** How far forecasts are off at each step, beside others; and the latest one beside what came. */
export function Steps({ version }) {
  const quality = version.quality?.forecast;
  if (!quality) return null;
  const { steps, beside, example } = quality;
  const all = steps.flatMap((step) => [step.rmse, ...step.beside]);
  const lines = beside.map((_, index) => ({ at: steps.map((step) => [step.step, step.beside[index]]), kind: 'reference' }));
  const known = example.values.length - example.forecast.length;
  const covered = steps.filter((step) => step.coverage != null);
  const rmse = version.performance_metrics.rmse;
  const share = (theirs) => `${Math.abs(100 * (1 - rmse / theirs)).toFixed(0)}% ${rmse <= theirs ? 'lower' : 'higher'}`;
  return html`
    <section class="panel" aria-labelledby="steps">
      <h2 id="steps">Looking ahead <span class="quiet">from ${quality.origins} origins that were held out</span></h2>
      <p class="quiet">Its RMSE is ${beside.map(({ name, metrics }, index) => html`${index > 0 && ', '}<strong>${share(metrics.rmse)}</strong> than that of ${NAMES[name] ?? name}`)}.</p>
      <div class="charts">
        <${Ahead} title="The latest that can be checked" before=${example.values.slice(0, known)} came=${example.values.slice(known)}
          answer=${{ prediction: example.forecast, lower: example.lower, upper: example.upper }}>
          After ${example.time[known - 1]}. Dashed: what was and came.<//>
        <${Chart} title="Error by step" x=${{ label: 'Periods ahead', range: range(steps.map(({ step }) => step)) }} y=${{ label: 'RMSE', range: range([0, ...all]) }}
          lines=${[...lines, { at: steps.map(({ step, rmse: off }) => [step, off]) }]}>
          Dashed: ${beside.map(({ name }) => NAMES[name] ?? name).join(', ')}.<//>
        ${covered.length > 1 && version.forecast?.interval && html`
          <${Chart} title="Coverage by step" x=${{ label: 'Periods ahead', range: range(steps.map(({ step }) => step)) }}
            y=${{ label: 'Inside the interval', range: [Math.min(0.5, ...covered.map(({ coverage }) => coverage)), 1], text: (value) => `${Math.round(value * 100)}%` }}
            lines=${[{ at: [[steps[0].step, version.forecast.interval], [steps.at(-1).step, version.forecast.interval]], kind: 'reference' }, { at: covered.map(({ step, coverage }) => [step, coverage]) }]}>
            Dashed: what is meant.<//>`}
      </div>
    </section>`;
}
