// One model: what it is, a form to try it, how good it is, its versions, its card.

import { get, path } from '../api.js';
import { Card } from '../parts/card.js';
import { Compare } from '../parts/compare.js';
import { Curves } from '../parts/curves.js';
import { ForecastForm, Steps } from '../parts/forecast.js';
import { ago, moment } from '../parts/format.js';
import { Gates } from '../parts/gates.js';
import { Importance } from '../parts/importance.js';
import { Learning } from '../parts/learning.js';
import { Lineage } from '../parts/lineage.js';
import { useLive } from '../parts/live.js';
import { Failure, Generated, Headline, Stage } from '../parts/marks.js';
import { Aliases, Description, Tags } from '../parts/notes.js';
import { Quality } from '../parts/quality.js';
import { RecommendForm } from '../parts/recommend.js';
import { Classes, Segments } from '../parts/segments.js';
import { TryForm } from '../parts/try_form.js';
import { Versions } from '../parts/versions.js';
import { html, useEffect } from '../vendor/htm-preact-standalone.js';

/** The model, its versions, and the one to show: the wanted one, else the one that the model is known by. */
async function loadModel(id, wanted) {
  const model = await get(path('models', id));
  const [version, list] = await Promise.all([
    get(path('models', id, 'versions', wanted ?? model.version)),
    get(path('models', id, 'versions')),
  ]);
  const versions = list.versions.toSorted((a, b) => b.number - a.number);
  return { model, version, versions };
}

const TASKS = { binary: 'two classes', multiclass: 'several classes', regression: 'a number', quantile: 'a quantile', forecast: 'a forecast', recommendation: 'recommendations' };

/** The form that asks a version. */
function form({ task }) {
  if (task === 'forecast') return ForecastForm;
  return task === 'recommendation' ? RecommendForm : TryForm;
}

function Head({ model, version }) {
  const metric = model.headline?.metric;
  return html`
    <header class="head">
      <div>
        <p class="crumb"><a href="#/">Models</a> / ${model.id}</p>
        <h1>${model.title || model.id}</h1>
        <p class="line"><strong>${version.version}</strong><${Aliases} aliases=${version.aliases} /> <${Stage} stage=${version.stage} />
          ${version.dataset?.generated && html`<${Generated} />`}
          <span class="quiet" title=${moment(version.created_at)}>predicts <code>${model.target}</code> (${TASKS[model.task] ?? model.task}), made ${ago(version.created_at)}</span></p>
        <${Description} text=${model.description} />
        <${Tags} tags=${model.tags} />
        <${Description} text=${version.description} />
        <${Tags} tags=${version.tags} />
      </div>
      ${metric && html`<${Headline} metric=${metric} value=${version.performance_metrics[metric]} baseline=${version.baseline_metrics?.[metric]} />`}
    </header>`;
}

export function Model({ id, wanted }) {
  const { value, error, refresh } = useLive(() => loadModel(id, wanted), () => false);
  useEffect(() => {
    document.title = `${id} · usina`;
    scrollTo(0, 0);
  }, [id]);
  if (!value) {
    return error
      ? html`<${Failure} error=${error} /><p><a href="#/">All models and jobs</a></p>`
      : html`<p aria-busy="true">Asking usina…</p>`;
  }
  const { model, version, versions } = value;
  return html`
    <${Failure} error=${error} />
    <${Head} model=${model} version=${version} />
    <${form(version)} key=${version.number} model=${model} version=${version} />
    <${Quality} version=${version} />
    <${Steps} version=${version} />
    <${Gates} version=${version} />
    <${Importance} version=${version} />
    <${Learning} key=${`learning ${version.number}`} version=${version} />
    <${Curves} key=${`curves ${version.number}`} model=${model} version=${version} />
    <${Classes} version=${version} />
    <${Segments} version=${version} />
    <${Versions} model=${model} versions=${versions} shown=${version} refresh=${refresh} />
    <${Compare} key=${`compare ${version.number}`} model=${model} versions=${versions} shown=${version} />
    <${Lineage} key=${`lineage ${version.number}`} version=${version} />
    <${Card} key=${`card ${version.number}`} model=${model} version=${version} />`;
}
