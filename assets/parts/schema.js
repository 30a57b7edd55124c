// A schema as a tree of fields; what has fields of its own unfolds when it is asked to.

import { html, useState } from '../vendor/htm-preact-standalone.js';
import { Prose } from './marks.js';
import { merged, resolve, typeName } from './openapi.js';

/** The schemas below `given` that have fields to show: of a list its entries, of alternatives each. */
function inner(document, given) {
  const { schema } = resolve(document, given);
  const several = schema.oneOf ?? schema.anyOf;
  if (several) return several.flatMap((one) => inner(document, one));
  if (schema.items) return inner(document, schema.items);
  if (schema.properties || schema.allOf) return [given];
  if (typeof schema.additionalProperties === 'object') return inner(document, schema.additionalProperties);
  return [];
}

function Field({ name, schema, required, document }) {
  const [open, setOpen] = useState(false);
  const below = inner(document, schema);
  const { schema: own } = resolve(document, schema);
  return html`
    <li>
      <code>${name}</code> <span class="quiet">${typeName(document, schema)}${required ? '' : ', optional'}</span>
      ${below.length > 0 && html` <button type="button" class="tiny outline secondary" aria-expanded=${String(open)}
        onClick=${() => setOpen(!open)}>${open ? 'less' : 'more'}</button>`}
      ${(schema.description ?? own.description) && html`<div class="quiet"><${Prose} text=${schema.description ?? own.description} /></div>`}
      ${open && below.map((one) => html`<${Fields} schema=${one} document=${document} />`)}
    </li>`;
}

function Fields({ schema, document }) {
  const { schema: whole, name } = merged(document, schema);
  return html`
    <div class="schema">
      ${name && html`<strong>${name}</strong>`}
      <ul>${Object.entries(whole.properties ?? {}).map(([field, inside]) => html`
        <${Field} key=${field} name=${field} schema=${inside} required=${whole.required?.includes(field)} document=${document} />`)}
      </ul>
    </div>`;
}

/** What a body of `schema` looks like. */
export function Schema({ schema, document }) {
  const below = inner(document, schema);
  return html`
    <div>
      <span class="quiet">${typeName(document, schema)}</span>
      ${below.map((one) => html`<${Fields} schema=${one} document=${document} />`)}
    </div>`;
}
