// A version's model card.

import { getText, path } from '../api.js';
import { html, useEffect, useState } from '../vendor/htm-preact-standalone.js';
import { Failure } from './marks.js';
import { markdown } from './markdown.js';

export function Card({ model, version }) {
  const [card, setCard] = useState({ text: null, error: null });
  useEffect(() => {
    let wanted = true;
    getText(path('models', model.id, 'versions', version.version, 'card')).then(
      (text) => wanted && setCard({ text, error: null }),
      (error) => wanted && setCard({ text: null, error }),
    );
    return () => {
      wanted = false;
    };
  }, [version.version]);
  return html`
    <section class="panel card" aria-label="Model card">
      <${Failure} error=${card.error} />
      ${card.text === null
        ? !card.error && html`<p aria-busy="true">Reading the model card…</p>`
        : markdown(card.text)}
    </section>`;
}
