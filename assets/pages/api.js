// The API: every operation of the OpenAPI document, with what it takes and answers, and a form to try it.

import { Operation } from '../parts/operation.js';
import { operations } from '../parts/openapi.js';
import { Failure, Prose } from '../parts/marks.js';
import { html, useEffect, useState } from '../vendor/htm-preact-standalone.js';

/** The document; it changes with the executable alone. */
async function load() {
  const response = await fetch('/api/openapi.json');
  if (!response.ok) throw new Error(`usina answered ${response.status} ${response.statusText}`.trim());
  return response.json();
}

function matches({ path, method, operation }, text) {
  const said = [method, path, operation.operationId, operation.summary, operation.description].join(' ').toLowerCase();
  return text.toLowerCase().split(/\s+/).every((word) => said.includes(word));
}

function Tag({ tag, all, document, wanted }) {
  if (all.length === 0) return null;
  return html`
    <section aria-labelledby=${`tag-${tag.name}`}>
      <h2 id=${`tag-${tag.name}`}>${tag.name} <small class="quiet">${tag.description}</small></h2>
      ${all.map((one) => html`<${Operation} key=${one.operation.operationId} ...${one} document=${document} wanted=${wanted === one.operation.operationId} />`)}
    </section>`;
}

export function Api({ wanted }) {
  const [state, setState] = useState({ document: null, error: null });
  const [text, setText] = useState('');
  useEffect(() => {
    document.title = 'API · usina';
    load().then((loaded) => setState({ document: loaded, error: null }), (error) => setState({ document: null, error }));
  }, []);
  if (state.error) return html`<${Failure} error=${state.error} />`;
  if (!state.document) return html`<p aria-busy="true">Reading the description of the API…</p>`;
  const { info, tags } = state.document;
  const all = operations(state.document).filter((one) => matches(one, text));
  return html`
    <header class="api-head">
      <h1>API</h1>
      <p><${Prose} text=${info.description} /></p>
      <p class="quiet">Version ${info.version}. The same for programs: <a href="/api/openapi.json">/api/openapi.json</a>, OpenAPI ${state.document.openapi}.</p>
      <input type="search" aria-label="Find an operation" placeholder="Find an operation" value=${text} onInput=${(event) => setText(event.currentTarget.value)} />
    </header>
    ${all.length === 0 && html`<p class="empty">No operation has all of these words.</p>`}
    ${tags.map((tag) => html`<${Tag} key=${tag.name} tag=${tag} document=${state.document} wanted=${wanted}
      all=${all.filter(({ operation }) => operation.tags?.includes(tag.name))} />`)}`;
}
