// Jobs: those under way with their progress, those that ended in one line each.

import { path, post } from '../api.js';
import { html, useState } from '../vendor/htm-preact-standalone.js';
import { ago, elapsed, moment } from './format.js';
import { Growing } from './learning.js';
import { useAction, useTick } from './live.js';
import { Failure, Generated } from './marks.js';

const FEW = 6;

export const isActive = (job) => job.state === 'queued' || job.state === 'running';

function Active({ job, refresh }) {
  const cancel = useAction(async () => {
    await post(path('jobs', job.id, 'cancel'), {});
    await refresh();
  });
  useTick(job.state === 'running');
  const queued = job.state === 'queued';
  const done = Math.round(job.progress * 100);
  const name = `${job.kind} ${job.model}`;
  return html`
    <li class="job" data-state=${job.state}>
      <div class="line">
        <strong>${job.model}</strong>
        ${job.generated && html`<${Generated} />`}
        <span class="quiet">${queued ? 'waiting for its turn' : (job.phase ?? 'starting')}</span>
        <span class="push quiet">${queued ? '' : `${done} % · ${elapsed(job)}`}</span>
        <button class="outline secondary tiny" disabled=${cancel.working} onClick=${cancel.run} aria-label=${`Cancel: ${name}`}>Cancel</button>
      </div>
      ${!queued && html`
        <progress aria-label=${name} value=${job.progress} max="1"></progress>
        <div class="quiet message">${job.message || '\u00a0'}</div>
        <${Growing} run=${job.run_id} />`}
      <${Failure} error=${cancel.error} />
    </li>`;
}

const ENDED = { done: 'done', failed: 'failed', cancelled: 'cancelled' };

const Ended = ({ job }) => html`
  <li class="job ended" data-state=${job.state}>
    <div class="line">
      <span class="state">${ENDED[job.state] ?? job.state}</span>
      <span>${job.kind} ${job.version
        ? html`<a href=${`#/${path('models', job.model, job.version)}`}>${job.model} ${job.version}</a>`
        : job.model}</span>
      ${job.generated && html`<${Generated} />`}
      <span class="push quiet" title=${moment(job.ended_at)}>${[elapsed(job), job.ended_at && ago(job.ended_at)].filter(Boolean).join(' · ')}</span>
    </div>
    ${job.error && html`<div class="why">${job.error}</div>`}
  </li>`;

export function ActiveJobs({ jobs, refresh }) {
  // The server lists the newest first; work is done in the order it was asked for.
  const active = jobs.filter(isActive).reverse();
  if (active.length === 0) return null;
  return html`
    <section aria-labelledby="running">
      <h2 id="running">Running</h2>
      <ul class="jobs">${active.map((job) => html`<${Active} key=${job.id} job=${job} refresh=${refresh} />`)}</ul>
    </section>`;
}

export function EndedJobs({ jobs }) {
  const [all, setAll] = useState(false);
  const ended = jobs.filter((job) => !isActive(job));
  if (ended.length === 0) return null;
  return html`
    <section aria-labelledby="ended">
      <h2 id="ended">Ended jobs</h2>
      <ul class="jobs">${(all ? ended : ended.slice(0, FEW)).map((job) => html`<${Ended} key=${job.id} job=${job} />`)}</ul>
      ${!all && ended.length > FEW && html`
        <button class="outline secondary tiny" onClick=${() => setAll(true)}>Show ${ended.length - FEW} more</button>`}
    </section>`;
}
