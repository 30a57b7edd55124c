// The versions of a model: their stages, and what moves them.

import { path, post } from '../api.js';
import { html, useState } from '../vendor/htm-preact-standalone.js';
import { Question } from './dialog.js';
import { metricName, moment, number } from './format.js';
import { failedGates } from './gates.js';
import { Generated, Stage } from './marks.js';
import { Aliases } from './notes.js';

const STAGES = [
  ['production', 'answers when no version is asked for'],
  ['staging', 'waits for its turn'],
  ['archived', 'kept, out of the way'],
  ['none', 'takes no part'],
];

const Reason = ({ reason, onReason }) => html`
  <label>Why <span class="quiet">for the history</span>
    <input name="reason" maxlength="1000" autocomplete="off" value=${reason} onInput=${(event) => onReason(event.target.value)} /></label>`;

function Move({ version, inProduction, refresh, close }) {
  const [stage, setStage] = useState(version.stage === 'production' ? 'archived' : 'production');
  const [reason, setReason] = useState('');
  const [force, setForce] = useState(false);
  const failed = stage === 'production' ? failedGates(version) : [];
  const move = async () => {
    const decision = { stage, reason: reason.trim() || null, force: force && failed.length > 0 };
    await post(path('models', version.model_id, 'versions', version.version, 'promote'), decision);
    await refresh();
  };
  return html`
    <${Question} title=${`Move ${version.version} to…`} yes=${`Move to ${stage}`} act=${move} close=${close}>
      <fieldset>${STAGES.filter(([name]) => name !== version.stage).map(([name, means]) => html`
        <label key=${name}><input type="radio" name="stage" value=${name} checked=${name === stage} onChange=${() => setStage(name)} />
          <strong>${name}</strong> <span class="quiet">${means}</span></label>`)}
      </fieldset>
      ${stage === 'production' && inProduction && html`<p>${inProduction.version} is in production now; ${version.version} takes its place at once.</p>`}
      ${version.stage === 'production' && html`<p>No version of this model is in production then.</p>`}
      ${failed.map((gate) => html`<p key=${gate.gate}><strong>${gate.gate} = "${gate.wanted}":</strong> ${gate.found}.</p>`)}
      ${failed.length > 0 && html`
        <label><input type="checkbox" name="force" checked=${force} onChange=${(event) => setForce(event.target.checked)} />
          Move it all the same; the history says so</label>`}
      <${Reason} reason=${reason} onReason=${setReason} />
    <//>`;
}

function Rollback({ model, inProduction, refresh, close }) {
  const [reason, setReason] = useState('');
  const back = async () => {
    await post(path('models', model.id, 'rollback'), { reason: reason.trim() || null });
    await refresh();
  };
  return html`
    <${Question} title="Roll back?" yes="Roll back" act=${back} close=${close}>
      <p>What was in production before ${inProduction.version} answers again at once.</p>
      <${Reason} reason=${reason} onReason=${setReason} />
    <//>`;
}

const Row = ({ model, version, shown, onMove }) => html`
  <tr aria-current=${version.number === shown.number ? 'true' : undefined}>
    <th scope="row"><a href=${`#/${path('models', model.id, version.version)}`}>${version.version}</a><${Aliases} aliases=${version.aliases} /></th>
    <td><${Stage} stage=${version.stage} /></td>
    <td class="num">${number(version.performance_metrics[model.headline?.metric])}</td>
    <td title=${version.dataset?.version}>${version.dataset?.name} <code>${version.dataset?.version.slice(0, 8)}</code>
      ${version.dataset?.generated && html` <${Generated} />`}</td>
    <td>${moment(version.created_at)}</td>
    <td>${moment(version.deployment_date)}</td>
    <td><button class="outline tiny" onClick=${() => onMove(version)} aria-label=${`Move ${version.version} to another stage`}>Move…</button></td>
  </tr>`;

export function Versions({ model, versions, shown, refresh }) {
  const [question, setQuestion] = useState(null);
  const close = () => setQuestion(null);
  const inProduction = versions.find((version) => version.stage === 'production');
  const common = { model, inProduction, refresh, close };
  return html`
    <section class="panel" aria-labelledby="versions">
      <div class="line"><h2 id="versions">Versions</h2>
        ${inProduction && versions.length > 1 && html`
          <button class="outline secondary tiny push" onClick=${() => setQuestion({ kind: 'rollback' })}>Roll back…</button>`}
      </div>
      <div class="wide" tabindex="0" role="region" aria-labelledby="versions">
        <table>
          <thead><tr><th scope="col">Version</th><th scope="col">Stage</th><th scope="col" class="num">${model.headline ? metricName(model.headline.metric) : 'Metric'}</th>
            <th scope="col">Dataset</th><th scope="col">Made</th><th scope="col">Deployed</th><th scope="col"><span class="unseen">Actions</span></th></tr></thead>
          <tbody>${versions.map((version) => html`
            <${Row} key=${version.number} model=${model} version=${version} shown=${shown}
              onMove=${(moved) => setQuestion({ kind: 'move', version: moved })} />`)}</tbody>
        </table>
      </div>
      ${question?.kind === 'rollback' && html`<${Rollback} ...${common} />`}
      ${question?.kind === 'move' && html`<${Move} ...${common} version=${question.version} />`}
    </section>`;
}
