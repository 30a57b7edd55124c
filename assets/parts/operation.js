// One operation of the API: what it takes, what it answers, and a form to try it.

import { html, useEffect, useRef, useState } from '../vendor/htm-preact-standalone.js';
import { Prose } from './marks.js';
import { typeName } from './openapi.js';
import { Schema } from './schema.js';
import { Send } from './send.js';

const Parameters = ({ parameters, document }) => parameters.length > 0 && html`
  <h4>Parameters</h4>
  <div class="wide"><table>
    <thead><tr><th>name</th><th>where</th><th>type</th><th>meaning</th></tr></thead>
    <tbody>${parameters.map((one) => html`
      <tr key=${one.name}><td><code>${one.name}</code></td><td>${one.in}${one.required ? ', required' : ''}</td>
        <td>${typeName(document, one.schema)}</td><td class="meaning"><${Prose} text=${one.description} /></td></tr>`)}
    </tbody>
  </table></div>`;

const Contents = ({ content, document }) => Object.entries(content ?? {}).map(([kind, { schema }]) => html`
  <details key=${kind}><summary><code>${kind}</code></summary><${Schema} schema=${schema} document=${document} /></details>`);

function Details({ path, method, operation, document }) {
  const parameters = operation.parameters ?? [];
  return html`
    ${operation.description && operation.description.split(/\n\n+/).map((text) => html`<p><${Prose} text=${text} /></p>`)}
    <${Parameters} parameters=${parameters} document=${document} />
    ${operation.requestBody && html`<h4>Body</h4><${Contents} content=${operation.requestBody.content} document=${document} />`}
    <h4>Answers</h4>
    <ul class="answers">${Object.entries(operation.responses).map(([status, response]) => html`
      <li key=${status}><strong>${status}</strong> <${Prose} text=${response.description} /><${Contents} content=${response.content} document=${document} /></li>`)}
    </ul>
    <${Send} path=${path} method=${method} parameters=${parameters} body=${operation.requestBody?.content} document=${document} />`;
}

export function Operation({ path, method, operation, document, wanted }) {
  const [open, setOpen] = useState(wanted);
  const box = useRef(null);
  useEffect(() => {
    if (wanted) box.current.scrollIntoView({ block: 'start' });
  }, []);
  return html`
    <details class="panel operation" ref=${box} open=${open} onToggle=${(event) => {
      if (event.target === event.currentTarget) setOpen(event.currentTarget.open);
    }}>
      <summary><span class="method" data-method=${method}>${method.toUpperCase()}</span> <code>${path}</code>
        <span class="quiet"><${Prose} text=${operation.summary} /></span></summary>
      ${open && html`<${Details} path=${path} method=${method} operation=${operation} document=${document} />`}
    </details>`;
}
