// Where a version comes from, and what else came of the same data.

import { get, path } from '../api.js';
import { html, useEffect, useState } from '../vendor/htm-preact-standalone.js';
import { moment } from './format.js';
import { Generated } from './marks.js';

/** What is known of the version, and the other versions that were trained on the same rows. */
async function load(version) {
  const lineage = await get(path('models', version.model_id, 'versions', version.number, 'lineage'));
  if (!lineage.dataset) return { lineage, others: [] };
  const { versions } = await get(`lineage?limit=20&dataset_version=${lineage.dataset.version}`);
  const isOther = (other) => other.model_id !== version.model_id || other.number !== version.number;
  return { lineage, others: versions.filter(isOther) };
}

const Fact = ({ name, children }) => html`<tr><th scope="row">${name}</th><td>${children}</td></tr>`;

const Facts = ({ lineage, others }) => html`
  <table>
    <tbody>
      <${Fact} name="Origin">${lineage.origin}${lineage.origin_from && html` from <code>${lineage.origin_from}</code>`}<//>
      <${Fact} name="Registered">${moment(lineage.registered_at)}${lineage.by && ` by ${lineage.by}`}<//>
      ${lineage.made && html`<${Fact} name="Made">${moment(lineage.made.at)} by ${lineage.made.by} ${lineage.made.build}<//>`}
      ${lineage.dataset && html`<${Fact} name="Dataset">${lineage.dataset.name} <code>${lineage.dataset.version}</code>
        ${lineage.dataset.generated && html` <${Generated} />`}<//>`}
      ${others.length > 0 && html`<${Fact} name="On the same rows">${others.map((other) => html`
        <a key=${`${other.model_id} ${other.number}`} href=${`#/${path('models', other.model_id, other.version)}`}>${other.model_id} ${other.version}</a> `)}<//>`}
      ${lineage.made?.run_id && html`<${Fact} name="Run"><code>${lineage.made.run_id}</code><//>`}
      ${lineage.job_id && html`<${Fact} name="Job"><code>${lineage.job_id}</code><//>`}
      ${lineage.recipe_digest && html`<${Fact} name="Recipe digest"><code>${lineage.recipe_digest}</code><//>`}
      ${lineage.digest && html`<${Fact} name="Bundle"><code>${lineage.digest}</code><//>`}
      ${lineage.signer && html`<${Fact} name="Signed by"><code>${lineage.signer}</code><//>`}
    </tbody>
  </table>
  ${lineage.made && html`<details><summary>The recipe, every default spelled out</summary>
    <pre><code>${JSON.stringify(lineage.made.recipe, null, 2)}</code></pre></details>`}`;

export function Lineage({ version }) {
  const [found, setFound] = useState(null);
  const [error, setError] = useState(null);
  const [open, setOpen] = useState(false);
  useEffect(() => {
    if (!open) return undefined;
    let wanted = true;
    load(version).then((value) => wanted && setFound(value), (failure) => wanted && setError(failure));
    return () => {
      wanted = false;
    };
  }, [open, version.number]);
  return html`
    <section class="panel" aria-label="Lineage">
      <details onToggle=${(event) => event.target === event.currentTarget && setOpen(event.currentTarget.open)}>
        <summary><strong>Lineage</strong> <span class="quiet">where ${version.version} comes from</span></summary>
        ${error && html`<p role="alert">${error.message}</p>`}
        ${found && html`<div class="wide" tabindex="0" role="region" aria-label="Lineage"><${Facts} ...${found} /></div>`}
      </details>
    </section>`;
}
