// A form that asks a recommender, and what it recommends.

import { post } from '../api.js';
import { html, useState } from '../vendor/htm-preact-standalone.js';
import { number } from './format.js';
import { useAction } from './live.js';
import { Failure } from './marks.js';
import { asCurl } from './values.js';

const WAYS = [
  ['user', 'For a user', 'An id. Whoever is not known gets what is popular.'],
  ['items', 'For somebody new', 'Items that somebody has had, with commas between.'],
  ['similar_to', 'Like an item', 'An id.'],
];
const BY = {
  factors: 'by what this user has had',
  items: 'by these items',
  similarity: 'by likeness to the item',
  popularity: 'by popularity: nothing is known of this user',
};

/** The request that a form's texts stand for. */
export function asked(way, text, count) {
  const ids = text.split(',').map((id) => id.trim()).filter(Boolean);
  const wanted = way === 'items' ? { items: ids } : { [way]: text.trim() };
  const top = Number(count);
  return count.trim() === '' || !Number.isFinite(top) ? wanted : { ...wanted, top_k: top };
}

export function RecommendForm({ model, version }) {
  const [way, setWay] = useState('user');
  const [text, setText] = useState(String(version.inputs[0]?.example ?? ''));
  const [count, setCount] = useState(String(version.outputs[0]?.shape[0] ?? 10));
  const [answer, setAnswer] = useState(null);
  const ask = useAction(async () => {
    const body = { model: model.id, model_version: version.version, ...asked(way, text, count) };
    setAnswer({ body, reply: await post('predict', body) });
  });
  const submit = (event) => {
    event.preventDefault();
    ask.run();
  };
  const [, , hint] = WAYS.find(([key]) => key === way);
  return html`
    <section class="try ahead" aria-labelledby="try">
      <form class="panel" onSubmit=${submit} novalidate>
        <h2 id="try">Recommend</h2>
        <div class="fields">
          <div class="field"><label for="way">What to go by</label>
            <select id="way" onInput=${(event) => setWay(event.currentTarget.value)}>
              ${WAYS.map(([key, label]) => html`<option key=${key} value=${key} selected=${key === way}>${label}</option>`)}</select>
            <small class="quiet">\u00a0</small></div>
          <div class="field"><label for="who">${way === 'user' ? 'User' : way === 'items' ? 'Items' : 'Item'}</label>
            <input id="who" type="text" autocomplete="off" spellcheck=${false} value=${text} onInput=${(event) => setText(event.currentTarget.value)} />
            <small class="quiet">${hint}</small></div>
          <div class="field"><label for="count">How many</label>
            <input id="count" type="text" inputmode="numeric" value=${count} onInput=${(event) => setCount(event.currentTarget.value)} />
            <small class="quiet">\u00a0</small></div>
        </div>
        <${Failure} error=${ask.error} />
        <div class="line buttons"><button type="submit" class="predict" aria-disabled=${ask.working}>Recommend</button></div>
      </form>
      <aside class="panel answer" aria-live="polite" aria-label="Answer" data-old=${answer && ask.error ? 'true' : 'false'}>
        <h2>Answer</h2>
        ${answer ? html`<${Items} answer=${answer} />` : html`<p class="quiet">Ask, and items are listed here, the best first.</p>`}
      </aside>
    </section>`;
}

function Items({ answer: { body, reply } }) {
  const most = Math.max(...reply.score.map(Math.abs), 0);
  return html`
    <p class="quiet">${BY[reply.by] ?? reply.by}</p>
    <div class="why-table hangs-on" role="list">
      ${reply.prediction.map((item, index) => html`
        <div class="why-row" role="listitem" key=${item}>
          <span title=${item}>${item}</span>
          <span class="bar" aria-hidden="true"><i style=${{ width: `${most > 0 ? (Math.max(reply.score[index], 0) / most) * 100 : 0}%` }}></i></span>
          <span class="num">${number(reply.score[index])}</span>
        </div>`)}
    </div>
    <details><summary>As curl</summary><pre><code>${asCurl(location.origin, body)}</code></pre></details>`;
}
