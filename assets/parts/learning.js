// How a model learns: what is watched, round by round, while it grows and once it is done.

import { get, path } from '../api.js';
import { html, useEffect, useState } from '../vendor/htm-preact-standalone.js';
import { Chart, range } from './chart.js';
import { metricName } from './format.js';

const EVERY_MS = 2_000;
const PAGE = 1_000;
const SHOWN = 200;
const PART = /^(train|valid|holdout)_(.+)$/;
const NAMES = { logloss: 'log_loss', mlogloss: 'log_loss', quantile: 'pinball' };
const WATCHED = { valid: 'rows set apart', holdout: 'the hold-out' };

/** About `SHOWN` of `points`, the last one always among them. */
export function thinned(points) {
  const step = Math.ceil(points.length / SHOWN);
  return points.filter((_, index) => (points.length - 1 - index) % step === 0);
}

async function history(run, metric) {
  const points = [];
  for (;;) {
    const page = await get(`${path('runs', run, 'metrics', metric)}?limit=${PAGE}&skip=${points.length}`);
    points.push(...page.history);
    if (page.history.length < PAGE) return points.filter(({ value }) => value !== null).map(({ step, value }) => [step, value]);
  }
}

/** The curves of a run by their part: `{ metric, train, valid, holdout }`; null while there are none. */
async function curves(run) {
  const { metrics } = await get(path('runs', run));
  const found = { metric: null };
  for (const key of Object.keys(metrics)) {
    const [, part, metric] = PART.exec(key) ?? [];
    if (!part) continue;
    found.metric = metric;
    found[part] = thinned(await history(run, key));
  }
  return found.metric && found;
}

/** What is known of the run's curves, asked for again and again while `live`. */
function useCurves(run, live) {
  const [found, setFound] = useState(null);
  useEffect(() => {
    if (!run) return undefined;
    let timer;
    let wanted = true;
    const ask = async () => {
      // A run without curves, or one that cannot be read just now, shows none.
      const next = await curves(run).catch(() => null);
      if (!wanted) return;
      if (next) setFound(next);
      if (live) timer = setTimeout(ask, EVERY_MS);
    };
    ask();
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [run, live]);
  return found;
}

/** The curves as a chart; null while there is nothing to draw. */
function drawn(found) {
  const watched = found && Object.keys(WATCHED).find((part) => found[part]?.length > 1);
  const lines = found ? [found.train?.length > 1 && { at: found.train, kind: 'reference' }, watched && { at: found[watched] }].filter(Boolean) : [];
  if (lines.length === 0) return null;
  const all = lines.flatMap(({ at }) => at);
  return html`
    <${Chart} title="Learning curve" x=${{ label: 'Round', range: range(all.map(([round]) => round)) }}
      y=${{ label: metricName(NAMES[found.metric] ?? found.metric), range: range(all.map(([, value]) => value)) }} lines=${lines}>
      ${watched && `Of ${WATCHED[watched]}. `}Dashed: of the rows that it learns from.<//>`;
}

/** The curve of a job that runs, as it grows. */
export const Growing = ({ run }) => drawn(useCurves(run, true));

export function Learning({ version }) {
  const chart = drawn(useCurves(version.run_id, false));
  return chart && html`
    <section class="panel" aria-labelledby="learning">
      <h2 id="learning">Learning</h2>
      <div class="charts">${chart}</div>
    </section>`;
}
