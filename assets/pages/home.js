// The first screen: what runs now, which models there are, what can be trained.

import { get, path } from '../api.js';
import { ago, moment } from '../parts/format.js';
import { ActiveJobs, EndedJobs, isActive } from '../parts/jobs.js';
import { useLive } from '../parts/live.js';
import { Empty, Failure, Generated, Headline, Stage } from '../parts/marks.js';
import { Recipes } from '../parts/recipes.js';
import { html, useEffect } from '../vendor/htm-preact-standalone.js';

async function loadHome() {
  const [jobs, models] = await Promise.all([get('jobs?limit=50'), get('models')]);
  return { jobs: jobs.jobs, models: models.models };
}

const ModelTile = ({ model }) => html`
  <li><a class="tile" href=${`#/${path('models', model.id)}`}>
    <span class="line"><strong class="name">${model.id}</strong>
      <${Stage} stage=${model.status} />${model.generated && html`<${Generated} />`}</span>
    <${Headline} ...${model.headline} />
    <span class="quiet">predicts <code>${model.target}</code> · ${model.version}${model.versions > 1 ? ` of ${model.versions} versions` : ''}</span>
    <span class="quiet line"><span title=${moment(model.created_at)}>${ago(model.created_at)}</span>
      <span class="push serving" data-on=${String(model.serving)}>${model.serving ? 'answering' : 'not answering'}</span></span>
  </a></li>`;

function Models({ models, training }) {
  if (models.length > 0) {
    return html`<ul class="tiles">${models.map((model) => html`<${ModelTile} key=${model.id} model=${model} />`)}</ul>`;
  }
  return training
    ? html`<${Empty} title="The first model appears here when its training ends." />`
    : html`
      <${Empty} title="There is no model yet." command="usina train models/customer-churn/recipe.toml">
        Train one with a button below, or from a terminal:
      <//>`;
}

export function Home() {
  const { value, error, refresh } = useLive(loadHome, ({ jobs }) => jobs.some(isActive));
  useEffect(() => {
    document.title = 'usina';
  }, []);
  if (!value) return error ? html`<${Failure} error=${error} />` : html`<p aria-busy="true">Asking usina…</p>`;
  const { jobs, models } = value;
  return html`
    <h1 class="unseen">Models and jobs</h1>
    <${Failure} error=${error} />
    <${ActiveJobs} jobs=${jobs} refresh=${refresh} />
    <section aria-labelledby="models">
      <h2 id="models">Models</h2>
      <${Models} models=${models} training=${jobs.some(isActive)} />
    </section>
    <${Recipes} jobs=${jobs} models=${models} refresh=${refresh} />
    <${EndedJobs} jobs=${jobs} />`;
}
