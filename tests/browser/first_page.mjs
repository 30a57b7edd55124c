// Opens the page of a running usina as a user does, and says whether it holds what it promises.
//
//     node tests/browser/first_page.mjs http://127.0.0.1:8080/
//
// The server must have trained customer-churn, or be about to. Environment:
//   USINA_PLAYWRIGHT   the node_modules folder that holds playwright-core (else NODE_PATH)
//   USINA_CHROMIUM     the browser (else /usr/bin/chromium)
//   USINA_SCREENSHOTS  a folder for screenshots (else none are taken)
// Exit code: 0 all held, 1 something did not, 2 wrong usage.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkParts } from './parts.mjs';

const MODEL = 'customer-churn';
const TRAINING_MS = 180_000;
const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

/** What goes wrong in a page without anybody asking for it. */
function watch(page, origin) {
  const faults = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) faults.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`uncaught: ${error}`));
  page.on('requestfailed', (request) => faults.push(`failed: ${request.url()} ${request.failure()?.errorText}`));
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== origin) faults.push(`elsewhere: ${request.url()}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) faults.push(`answer ${response.status()}: ${response.url()}`);
  });
  return faults;
}

const reportViolations = () => {
  addEventListener('securitypolicyviolation', (event) => {
    console.error(`content security policy: ${event.violatedDirective} ${event.blockedURI}`);
  });
};

const probability = async (page) => Number(await page.getByRole('meter').first().getAttribute('aria-valuenow'));

/** Presses the button and waits for the answer to that press. */
async function predict(page, press) {
  const [response] = await Promise.all([page.waitForResponse((r) => r.url().endsWith('/api/v1/predict')), press()]);
  return response;
}

const press = (page) => () => page.getByRole('button', { name: 'Predict' }).click();

const steps = {
  async 'a model shows with its headline metric beside the baseline'(page) {
    const tile = page.locator('.tile', { hasText: MODEL });
    await tile.waitFor({ timeout: TRAINING_MS });
    assert.match(await tile.innerText(), /ROC AUC\s+0\.\d+\s+baseline 0\.\d+/);
    await page.getByText('connected', { exact: true }).waitFor();
  },

  async 'the form of the model predicts, and what is filled in matters'(page) {
    await page.locator('.tile', { hasText: MODEL }).click();
    await page.getByLabel('tenure', { exact: true }).fill('2');
    await page.getByLabel('contract', { exact: true }).selectOption({ label: 'Month-to-month' });
    const first = await (await predict(page, press(page))).json();
    await page.locator('.probability').first().waitFor();
    const staysShort = await probability(page);
    assert.equal(staysShort, first.probability[0]);
    assert.match(await page.locator('.prediction output').innerText(), /^(Yes|No)$/);

    await page.getByLabel('tenure', { exact: true }).fill('70');
    await page.getByLabel('contract', { exact: true }).selectOption({ label: 'Two year' });
    await predict(page, press(page));
    await page.waitForFunction((old) => Number(document.querySelector('[role=meter]').ariaValueNow) !== old, staysShort);
    assert.ok((await probability(page)) < staysShort, 'a customer of many years is less likely to leave');
  },

  async 'the keyboard alone reaches the predict button and presses it'(page) {
    await page.evaluate(() => document.activeElement?.blur());
    await page.locator('h1').click();
    let presses = 0;
    while (!(await page.evaluate(() => document.activeElement?.matches('button.predict')))) {
      presses += 1;
      assert.ok(presses < 100, 'the predict button is not reached by Tab');
      await page.keyboard.press('Tab');
    }
    const response = await predict(page, () => page.keyboard.press('Enter'));
    assert.equal(response.status(), 200);
  },

  async 'a wrong value shows what the server says, at the field, which gets the keyboard'(page, faults) {
    const before = faults.length;
    await page.getByLabel('tenure', { exact: true }).fill('soon');
    const response = await predict(page, press(page));
    assert.ok(response.status() >= 400 && response.status() < 500, `answered ${response.status()}`);
    const { error } = await response.json();
    const field = page.locator('.field', { has: page.getByLabel('tenure', { exact: true }) });
    await field.getByRole('alert').waitFor();
    assert.equal((await field.getByRole('alert').innerText()).trim(), error.message);
    assert.match(error.message, /tenure/);
    await page.waitForFunction(() => document.activeElement?.name === 'tenure');
    // The browser itself reports the refusal, once as an answer and once on the console: that is expected.
    const refusals = faults.splice(before);
    assert.equal(refusals.length, 2, refusals.join('\n'));

    await page.getByRole('button', { name: 'Back to the example' }).click();
    await predict(page, press(page));
    await field.getByRole('alert').waitFor({ state: 'detached' });
  },

  async 'a prediction with nothing filled in where nothing is needed is answered'(page) {
    await page.getByLabel('total_charges', { exact: true }).fill('');
    assert.equal((await predict(page, press(page))).status(), 200);
  },

  async 'a prediction says what each input adds, the largest first'(page) {
    const { explanations } = await (await predict(page, press(page))).json();
    const [{ contributions }] = explanations[0].outputs;
    await page.locator('.why-table:not(.hangs-on) .why-row').first().waitFor();
    const shown = await page.locator('.why-table:not(.hangs-on) .why-row').allInnerTexts();
    assert.equal(shown.length, contributions.length + 1, 'and one for all others');
    assert.ok(shown[0].startsWith(`${contributions[0].feature} = `), shown[0]);
    const widths = await page.locator('.why-table .push-bar i').evaluateAll((bars) => bars.map((bar) => bar.getBoundingClientRect().width));
    assert.ok(widths.slice(0, -1).every((width, index, all) => index === 0 || width <= all[index - 1] + 0.5), `${widths}`);
  },

  async 'a model says what its quality hangs on, the most first'(page) {
    const { id } = (await page.evaluate(async () => (await fetch('/api/v1/models')).json())).models.find((model) => page.url().endsWith(model.id));
    const version = await page.evaluate(async (id) => (await fetch(`/api/v1/models/${id}/versions/production`)).json(), id);
    const { inputs } = version.quality.importance;
    const rows = page.locator('.hangs-on .why-row');
    assert.ok((await rows.first().innerText()).startsWith(inputs[0].input));
    assert.equal(await rows.count(), Math.min(inputs.length, 12));
    const widths = await page.locator('.hangs-on .bar i').evaluateAll((bars) => bars.map((bar) => bar.getBoundingClientRect().width));
    assert.ok(widths[0] > 50 && widths.every((width, index) => index === 0 || width <= widths[index - 1] + 0.5), `${widths}`);
  },

  async 'a model shows how it has learnt'(page) {
    const points = await page.locator('section[aria-labelledby=learning] polyline.main').getAttribute('points');
    assert.ok(points.split(' ').length > 10, points);
  },

  async 'the API can be read and tried on a screen of its own'(page, faults) {
    const back = page.url();
    await page.goto(new URL('/docs', back).href);
    await page.locator('.operation').first().waitFor();
    const document = await page.evaluate(async () => (await fetch('/api/openapi.json')).json());
    const count = Object.values(document.paths).flatMap((item) => Object.keys(item)).length;
    assert.equal(await page.locator('.operation').count(), count, 'every operation once');

    await page.getByRole('searchbox').fill('show version card');
    assert.equal(await page.locator('.operation').count(), 1);
    await page.getByRole('searchbox').fill('models history');
    await page.getByRole('searchbox').press('Tab');
    await page.keyboard.press('Enter');
    await page.getByLabel('id', { exact: true }).fill('customer-churn');
    await page.getByLabel('id', { exact: true }).press('Enter');
    await page.locator('.reply .status').waitFor();
    assert.equal(await page.locator('.reply .status').innerText(), '200 OK');
    assert.match(await page.locator('.reply').innerText(), /"production"/);
    assert.match(await page.locator('.send > pre').first().innerText(), /^curl 'http:.*\/api\/v1\/models\/customer-churn\/history'$/);

    await page.getByRole('searchbox').fill('predict');
    await page.locator('.operation > summary', { hasText: '/api/v1/predict' }).click();
    await page.locator('.operation details > summary', { hasText: 'application/json' }).first().click();
    await page.getByText('PredictRequest', { exact: true }).last().waitFor();
    await page.getByRole('button', { name: 'Send' }).click();
    await page.locator('.reply').waitFor();
    assert.match(await page.locator('.reply').innerText(), /"dry_run": true/, 'the example is answered');
    const before = faults.length;
    await page.locator('textarea.body').fill('{"features": 3}');
    const [answer] = await Promise.all([page.waitForResponse((r) => r.url().endsWith('/api/v1/predict')), page.getByRole('button', { name: 'Send' }).click()]);
    assert.equal(answer.status(), 400);
    await page.locator('.status[data-ok=false]').waitFor();
    assert.equal(faults.splice(before).length, 2, 'the browser reports the refusal, twice');
    await page.setViewportSize({ width: 390, height: 844 });
    const excess = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(excess <= 0, `the screen of the API is ${excess} px too wide`);
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.goto(back);
    await page.locator('.card h2').waitFor();
  },

  async 'the model card and the versions are there'(page) {
    await page.locator('.card h2').waitFor();
    await page.getByRole('row', { name: /v1\.0\.0/ }).first().waitFor();
  },

  async 'quality has its intervals, and the curves are drawn with their axes named'(page) {
    const auc = page.locator('section[aria-labelledby=quality]').getByRole('row', { name: /^ROC AUC/ });
    assert.match(await auc.innerText(), /0\.\d+ to 0\.\d+/);
    const charts = page.locator('section[aria-labelledby=curves] .chart');
    await charts.first().waitFor();
    assert.deepEqual(await charts.locator('figcaption').allInnerTexts(), ['ROC', 'Precision and recall', 'Calibration', 'Gain']);
    for (const chart of await charts.all()) {
      assert.equal(await chart.locator('.axis').count(), 2);
      const points = await chart.locator('polyline.main').getAttribute('points');
      assert.ok(points.split(' ').length > 5 && !points.includes('NaN'), points);
    }
  },

  'the parts that compute do so rightly': checkParts,

  async 'nothing is wider than a phone'(page) {
    await page.setViewportSize({ width: 390, height: 844 });
    const excess = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok((await excess()) <= 0, `the model's page is ${await excess()} px too wide`);
    await page.getByRole('link', { name: 'Models' }).click();
    await page.locator('.tile').first().waitFor();
    assert.ok((await excess()) <= 0, `the first page is ${await excess()} px too wide`);
  },
};

async function takeScreenshots(browser, url, folder) {
  mkdirSync(folder, { recursive: true });
  const looks = [['light', 1280, 'light'], ['dark', 1280, 'dark'], ['phone', 390, 'light']];
  for (const [name, width, colorScheme] of looks) {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    await page.goto(url);
    await page.locator('.tile').first().waitFor();
    await page.screenshot({ path: join(folder, `home-${name}.png`), fullPage: true });
    await page.goto(`${url}#/models/${MODEL}`);
    await page.locator('.card h2').waitFor();
    await predict(page, press(page));
    await page.locator('.probability').first().waitFor();
    await page.screenshot({ path: join(folder, `model-${name}.png`), fullPage: true });
    await page.close();
  }
}

async function run(url) {
  const require = createRequire(process.env.USINA_PLAYWRIGHT ? `${process.env.USINA_PLAYWRIGHT}/` : import.meta.url);
  const { chromium } = require('playwright-core');
  const profile = mkdtempSync(join(tmpdir(), 'usina-browser-'));
  const executablePath = process.env.USINA_CHROMIUM ?? '/usr/bin/chromium';
  const context = await chromium.launchPersistentContext(profile, { executablePath, args: FLAGS, viewport: { width: 1280, height: 900 } });
  try {
    const page = await context.newPage();
    await page.addInitScript(reportViolations);
    const faults = watch(page, new URL(url).origin);
    await page.goto(url);
    for (const [promise, hold] of Object.entries(steps)) {
      await hold(page, faults);
      console.log(`held: ${promise}`);
    }
    assert.deepEqual(faults, [], 'the page ran into faults');
    console.log('held: no console error, no failed request, nothing from elsewhere, no policy violation');
    if (process.env.USINA_SCREENSHOTS) {
      const browser = await chromium.launch({ executablePath, args: FLAGS });
      await takeScreenshots(browser, url, process.env.USINA_SCREENSHOTS).finally(() => browser.close());
    }
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

const [url, ...rest] = process.argv.slice(2);
if (!url || rest.length > 0) {
  console.error('usage: node tests/browser/first_page.mjs URL');
  process.exit(2);
}
try {
  await run(new URL('/', url).href);
} catch (error) {
  console.error(error);
  process.exit(1);
}
