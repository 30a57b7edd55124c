// Numbers and times as people read them.

import { serverNow } from '../api.js';

const METRICS = {
  accuracy: 'Accuracy',
  balanced_accuracy: 'Balanced accuracy',
  brier: 'Brier score',
  catalogue_coverage: 'Catalogue coverage',
  cohen_kappa: 'Cohen’s kappa',
  coverage: 'Coverage',
  ece: 'Calibration error',
  expected_cost: 'Expected cost a row',
  f1_score: 'F1',
  f1_weighted: 'F1, weighted',
  hit_rate: 'Hit rate',
  interval_width: 'Width of intervals',
  log_loss: 'Log loss',
  mae: 'MAE',
  map: 'MAP',
  mase: 'MASE',
  mape: 'MAPE, as a share',
  max_error: 'Largest error',
  mcc: 'Matthews correlation',
  median_absolute_error: 'Median absolute error',
  ndcg: 'NDCG',
  pinball: 'Pinball loss',
  pr_auc: 'PR AUC',
  precision: 'Precision',
  precision_at_k: 'Precision at k',
  precision_weighted: 'Precision, weighted',
  r2: 'R²',
  recall: 'Recall',
  recall_at_k: 'Recall at k',
  recall_weighted: 'Recall, weighted',
  rmse: 'RMSE',
  roc_auc: 'ROC AUC',
  smape: 'sMAPE, as a share',
  specificity: 'Specificity',
};

/** The name of a metric for people; an unknown one keeps its own, with spaces. */
export const metricName = (key) => METRICS[key] ?? key.replaceAll('_', ' ');

const LOWER_IS_BETTER = new Set([
  'brier', 'expected_cost', 'interval_width', 'log_loss', 'mae', 'mape', 'mase', 'max_error', 'median_absolute_error', 'pinball', 'rmse', 'smape',
]);
// A baseline is calibrated by being made of shares: to be better than that is no merit, to be worse no fault.
const HAS_A_DIRECTION = new Set(Object.keys(METRICS).filter((key) => key !== 'ece'));

// Of a baseline that always answers the same, these are 0 or 1, which says nothing of either.
const ONE_SIDED = new Set(['precision', 'recall', 'specificity']);

/** Whether `value` is better than `baseline`; null where that is not known, or says nothing. */
export function beats(key, value, baseline) {
  if (!HAS_A_DIRECTION.has(key) || value == null || baseline == null || value === baseline) return null;
  if (ONE_SIDED.has(key) && (baseline === 0 || baseline === 1)) return null;
  return LOWER_IS_BETTER.has(key) ? value < baseline : value > baseline;
}

const small = new Intl.NumberFormat('en', { minimumFractionDigits: 3, maximumFractionDigits: 3 });
const large = new Intl.NumberFormat('en', { maximumSignificantDigits: 5 });

/** A metric or a predicted number: three decimals up to ten, five digits beyond; no score is rounded up to 1. */
export function number(value) {
  if (typeof value !== 'number' || !Number.isFinite(value)) return '–';
  if (value !== 0 && Math.abs(value) < 0.0005) return value.toExponential(1);
  if (value < 1 && value >= 0.9995) return (Math.floor(value * 1e5) / 1e5).toFixed(5);
  return (Math.abs(value) < 10 ? small : large).format(value);
}

/** From where to where; nothing where there is no interval. */
export const interval = (ends) => (ends ? `${number(ends.low)} to ${number(ends.high)}` : '–');

/** A probability as a percentage; never 0 % or 100 % unless it is exactly that. */
export function percent(probability) {
  const shown = Math.round(probability * 1000) / 10;
  if (shown === 0 && probability > 0) return '< 0.1 %';
  if (shown === 100 && probability < 1) return '> 99.9 %';
  return `${shown.toFixed(1)} %`;
}

/** A span of milliseconds: `4 s`, `2 min 05 s`, `1 h 10 min`. */
export function span(millis) {
  const seconds = Math.max(0, Math.round(millis / 1000));
  const minutes = Math.floor(seconds / 60);
  if (minutes === 0) return `${seconds} s`;
  if (minutes < 60) return `${minutes} min ${String(seconds % 60).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** How long a job has run, or ran. */
export function elapsed({ started_at: started, ended_at: ended }) {
  if (!started) return '';
  return span((ended ? Date.parse(ended) : serverNow()) - Date.parse(started));
}

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const UNITS = [['day', 86_400_000], ['hour', 3_600_000], ['minute', 60_000]];

/** How long ago a moment was: `3 minutes ago`. */
export function ago(time) {
  const past = serverNow() - Date.parse(time);
  const unit = UNITS.find(([, length]) => past >= length);
  return unit ? relative.format(-Math.floor(past / unit[1]), unit[0]) : 'just now';
}

const full = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

/** A moment in the reader's time zone. */
export const moment = (time) => (time ? full.format(new Date(time)) : '–');
