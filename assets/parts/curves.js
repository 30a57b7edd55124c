// What is drawn of a version's quality on the hold-out.

import { get, path } from '../api.js';
import { html, useEffect, useState } from '../vendor/htm-preact-standalone.js';
import { Chart, range, shareText } from './chart.js';
import { number } from './format.js';
import { Failure } from './marks.js';

const whole = (label) => ({ label, range: [0, 1], text: shareText });
const DIAGONAL = { at: [[0, 0], [1, 1]], kind: 'reference' };

/** What the best `share` of the rows holds of the positives, between the two points next to it. */
export function gainAt(roc, share) {
  const after = roc.findIndex((point) => point.share >= share);
  if (after <= 0) return roc[0]?.tpr ?? 0;
  const [a, b] = [roc[after - 1], roc[after]];
  const part = b.share > a.share ? (share - a.share) / (b.share - a.share) : 1;
  return a.tpr + part * (b.tpr - a.tpr);
}

/** Where the version's own threshold lies on the curves; null where it has none. */
export function operatingPoint(line) {
  if (!line) return null;
  const found = line.true_positives;
  const [positives, negatives] = [found + line.false_negatives, line.false_positives + line.true_negatives];
  const said = found + line.false_positives;
  if (positives === 0 || negatives === 0) return null;
  return { fpr: line.false_positives / negatives, recall: found / positives, precision: said > 0 ? found / said : 1, label: `at ${number(line.threshold)}` };
}

function OfClass({ of, line }) {
  const { roc, precision_recall: recall } = of;
  const point = operatingPoint(line);
  const prevalence = of.positives / of.rows;
  // Of a rare class nearly all rows are near 0, and so would be all bins of equally many.
  const rare = prevalence < 0.1;
  const bins = rare ? of.calibration_uniform : of.calibration_quantile;
  const tenth = gainAt(roc, 0.1);
  return html`
    <div class="charts">
      <${Chart} title="ROC" x=${whole('False positive rate')} y=${whole('True positive rate')}
        lines=${[DIAGONAL, { at: roc.map((at) => [at.fpr, at.tpr]) }]}
        mark=${point && { at: [point.fpr, point.recall], label: point.label }}>Dashed: chance.<//>
      <${Chart} title="Precision and recall" x=${whole('Recall')} y=${whole('Precision')}
        lines=${[{ at: [[0, prevalence], [1, prevalence]], kind: 'reference' }, { at: recall.map((at) => [at.recall, at.precision]) }]}
        mark=${point && { at: [point.recall, point.precision], label: point.label }}>Dashed: the share of ${of.class}, ${shareText(prevalence)}.<//>
      <${Chart} title="Calibration" x=${whole('Predicted probability')} y=${whole('Came true')}
        lines=${[DIAGONAL, { at: bins.map((bin) => [bin.predicted, bin.observed]) }]}
        dots=${bins.map((bin) => [bin.predicted, bin.observed])}>${rare ? 'Each dot: a tenth of the scale, if rows are there.' : `Each dot: about ${bins[0]?.rows} rows.`} Dashed: what is said comes true.<//>
      <${Chart} title="Gain" x=${whole('Rows, the likeliest first')} y=${whole(`Found of ${of.class}`)}
        lines=${[DIAGONAL, { at: roc.map((at) => [at.share, at.tpr]) }]}>The likeliest tenth holds ${shareText(tenth)}: a lift of ${(tenth / 0.1).toFixed(1)}.<//>
    </div>`;
}

function OfNumber({ curves: { predicted, deciles } }) {
  const both = range(predicted.flatMap((bin) => [bin.predicted, ...bin.actual_range]));
  const across = range(deciles.map((bin) => bin.predicted));
  const residuals = range([0, ...deciles.flatMap((bin) => bin.residual_range)]);
  const dots = (bins, value) => bins.map((bin) => [bin.predicted, bin[value]]);
  const band = (bins, value) => bins.map((bin) => [bin.predicted, ...bin[value]]);
  return html`
    <div class="charts">
      <${Chart} title="Predicted and actual" x=${{ label: 'Predicted', range: both }} y=${{ label: 'Actual', range: both }}
        lines=${[{ at: [[both[0], both[0]], [both[1], both[1]]], kind: 'reference' }, { at: dots(predicted, 'actual') }]}
        band=${band(predicted, 'actual_range')} dots=${dots(predicted, 'actual')}>Each dot: the mean of about ${predicted[0].rows} rows; the band holds eight in ten.<//>
      <${Chart} title="Residuals by decile" x=${{ label: 'Predicted', range: across }} y=${{ label: 'Actual minus predicted', range: residuals }}
        lines=${[{ at: [[across[0], 0], [across[1], 0]], kind: 'reference' }, { at: dots(deciles, 'residual') }]}
        band=${band(deciles, 'residual_range')} dots=${dots(deciles, 'residual')}>Above the dashed line the predictions are too low.<//>
    </div>`;
}

function Drawn({ curves, version }) {
  const [chosen, setChosen] = useState(0);
  const { classes } = curves;
  if (curves.predicted.length > 0) return html`<${OfNumber} curves=${curves} />`;
  return html`
    ${classes.length > 1 && html`
      <label class="pick">Class, against the rest
        <select value=${chosen} onChange=${(event) => setChosen(Number(event.target.value))}>
          ${classes.map((of, at) => html`<option key=${of.class} value=${at}>${of.class}</option>`)}
        </select></label>`}
    <${OfClass} of=${classes[chosen]} line=${version.quality?.threshold} />`;
}

export function Curves({ model, version }) {
  const [state, setState] = useState({ curves: null, error: null });
  useEffect(() => {
    let wanted = true;
    get(path('models', model.id, 'versions', version.version, 'curves')).then(
      (curves) => wanted && setState({ curves, error: null }),
      (error) => wanted && setState({ curves: null, error }),
    );
    return () => {
      wanted = false;
    };
  }, [version.version]);
  const { curves, error } = state;
  if (curves && curves.classes.length + curves.predicted.length === 0) return null;
  return html`
    <section class="panel" aria-labelledby="curves">
      <h2 id="curves">Curves <span class="quiet">on the hold-out</span></h2>
      <${Failure} error=${error} />
      ${curves ? html`<${Drawn} curves=${curves} version=${version} />` : !error && html`<p aria-busy="true">Reading the curves…</p>`}
    </section>`;
}
