// Checks of the page's computing parts, run where they run for users: in the browser, as served.

import assert from 'node:assert/strict';

/** Calls `name` of the module `part` in the page. */
const call = (page, part, name, ...given) =>
  page.evaluate(async ([part, name, given]) => {
    const app = document.querySelector('script[type=module]').src;
    const module = await import(new URL(`parts/${part}.js`, app));
    return module[name](...given);
  }, [part, name, given]);

/** What the Markdown renderer makes of `text`, as the page then holds it. */
const drawn = (page, text) =>
  page.evaluate(async (text) => {
    const app = document.querySelector('script[type=module]').src;
    const { markdown } = await import(new URL('parts/markdown.js', app));
    const { h, render } = await import(new URL('vendor/htm-preact-standalone.js', app));
    const box = document.createElement('div');
    render(h('div', null, markdown(text)), box);
    return box.firstChild.innerHTML;
  }, text);

export async function checkParts(page) {
  const number = { name: 'x', type: 'number', nullable: true, levels: null };
  const level = { name: 'c', type: 'category', nullable: true, levels: ['', 'a "b"'] };
  const words = { name: 't', type: 'text', nullable: false, levels: null };
  const values = [
    [number, ' 1.5 ', 1.5], [number, '1e3', 1000], [number, '', null], [number, '1,5', '1,5'], [number, 'Infinity', 'Infinity'],
    [{ ...number, type: 'integer' }, '-3', -3], [{ ...number, type: 'integer' }, '1.5', 1.5], [{ ...number, type: 'integer' }, 'three', 'three'],
    [{ ...number, type: 'boolean' }, 'true', true], [{ ...number, type: 'boolean' }, 'false', false], [{ ...number, type: 'boolean' }, '', null],
    [{ ...number, type: 'timestamp' }, '2026-01-31', '2026-01-31'],
    [level, '', null], [level, '""', ''], [level, '"a \\"b\\""', 'a "b"'],
    [words, '', ''], [{ ...words, nullable: true }, '', null], [words, '12', '12'],
  ];
  for (const [input, text, value] of values) {
    assert.deepEqual(await call(page, 'values', 'toValue', input, text), value, `${input.type} ${JSON.stringify(text)}`);
    if (value !== null && typeof value !== 'string') {
      const back = await call(page, 'values', 'toText', input, value);
      assert.deepEqual(await call(page, 'values', 'toValue', input, back), value, 'a value shown and read is the same value');
    }
  }
  for (const [input, shown] of [[{ type: 'integer', min: 0 }, 'decimal'], [{ type: 'number', min: -1 }, 'text'], [{ type: 'number', min: null }, 'text'], [{ type: 'boolean', min: null }, 'text']]) {
    assert.equal(await call(page, 'field', 'keys', input), shown, JSON.stringify(input));
  }
  assert.match(await call(page, 'values', 'asCurl', 'http://h', { features: { a: "it's" } }), /'\{"features":\{"a":"it'\\''s"\}\}'$/);

  for (const [value, text] of [[0.83714, '0.837'], [0.99998, '0.99998'], [1, '1.000'], [16.7, '16.7'], [12345.678, '12,346'], [0, '0.000'], [0.0001, '1.0e-4'], [null, '–']]) {
    assert.equal(await call(page, 'format', 'number', value), text);
  }
  for (const [chance, text] of [[0, '0.0 %'], [0.0004, '< 0.1 %'], [0.8312, '83.1 %'], [0.9999, '> 99.9 %'], [1, '100.0 %']]) {
    assert.equal(await call(page, 'format', 'percent', chance), text);
  }
  for (const [given, verdict] of [[['roc_auc', 0.8, 0.5], true], [['rmse', 4, 16], true], [['pinball', 1, 2], true], [['log_loss', 0.9, 0.5], false], [['r2', 0, 0], null], [['made_up', 2, 1], null], [['specificity', 0.9, 1], null], [['recall', 0.4, 0], null], [['accuracy', 0.9, 1], false]]) {
    assert.equal(await call(page, 'format', 'beats', ...given), verdict, given.join(' '));
  }

  assert.equal(await call(page, 'format', 'interval', { low: 0.81234, high: 0.9 }), '0.812 to 0.900');
  const many = Array.from({ length: 1001 }, (_, at) => at);
  const few = await call(page, 'learning', 'thinned', many);
  assert.ok(few.length <= 200 && few.length > 100 && few.at(-1) === 1000, `${few.length}`);
  assert.deepEqual(await call(page, 'learning', 'thinned', [1, 2, 3]), [1, 2, 3]);
  assert.equal(await call(page, 'format', 'interval', null), '–');
  for (const [worse, most, filled] of [[0.2, 0.2, 100], [0.05, 0.2, 25], [-0.01, 0.2, 0], [0, 0, 0]]) {
    assert.equal(await call(page, 'importance', 'fill', worse, most), filled);
  }
  for (const [from, to, found] of [[0, 1, [0, 0.25, 0.5, 0.75, 1]], [3, 97, [25, 50, 75]], [-2, 2, [-2, -1, 0, 1, 2]], [5, 5, [5]]]) {
    assert.deepEqual(await call(page, 'chart', 'ticks', from, to), found, `${from} to ${to}`);
  }
  assert.deepEqual(await call(page, 'chart', 'range', [4, 4]), [3.5, 4.5]);
  const roc = [{ share: 0, tpr: 0 }, { share: 0.2, tpr: 0.6 }, { share: 1, tpr: 1 }];
  for (const [share, gain] of [[0.1, 0.3], [0.2, 0.6], [0.6, 0.8], [1, 1]]) {
    assert.ok(Math.abs((await call(page, 'curves', 'gainAt', roc, share)) - gain) < 1e-12, `the gain at ${share}`);
  }
  const line = { threshold: 0.25, true_negatives: 60, false_positives: 20, false_negatives: 5, true_positives: 15 };
  assert.deepEqual(await call(page, 'curves', 'operatingPoint', line), { fpr: 0.25, recall: 0.75, precision: 15 / 35, label: 'at 0.250' });
  assert.equal(await call(page, 'curves', 'operatingPoint', null), null);
  for (const [way, text, count, body] of [
    ['user', ' 17 ', '5', { user: '17', top_k: 5 }],
    ['items', '3, x,,4', '', { items: ['3', 'x', '4'] }],
    ['similar_to', '9', 'many', { similar_to: '9' }],
  ]) {
    assert.deepEqual(await call(page, 'recommend', 'asked', way, text, count), body);
  }
  assert.equal(await call(page, 'forecast', 'periodText', '1d', '2026-01-31T00:00:00Z'), '31 Jan 2026');
  assert.match(await call(page, 'forecast', 'periodText', '1h', '2026-01-31T18:00:00Z'), /18:00/);

  const pieces = [
    ['# A `b`', '<h2>A <code>b</code></h2>'],
    ['one\ntwo **bold** *x*', '<p>one two <strong>bold</strong> <em>x</em></p>'],
    ['- a\n  b\n- c', '<ul><li>a b</li><li>c</li></ul>'],
    ['1. a\n2. b', '<ol><li>a</li><li>b</li></ol>'],
    ['```\n<b> **x**\n```', '<pre><code>&lt;b&gt; **x**</code></pre>'],
    ['| a | b |\n|---|--:|\n| 1 \\| 2 | 3 |',
      '<div class="wide" tabindex="0"><table><thead><tr><th>a</th><th class="num">b</th></tr></thead><tbody><tr><td>1 | 2</td><td class="num">3</td></tr></tbody></table></div>'],
    ['<img src=x onerror=alert(1)>', '<p>&lt;img src=x onerror=alert(1)&gt;</p>'],
    ['[x](javascript:alert(1))', '<p>[x](javascript:alert(1))</p>'],
    ['[x](https://example.org)', '<p><a href="https://example.org" rel="noopener noreferrer">x</a></p>'],
    ['```\nnever closed', '<pre><code>never closed</code></pre>'],
  ];
  for (const [text, expected] of pieces) assert.equal(await drawn(page, text), expected, text);
}
