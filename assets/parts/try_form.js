// The form made from a model's input schema, and the answer to it.

import { post } from '../api.js';
import { html, useEffect, useRef, useState } from '../vendor/htm-preact-standalone.js';
import { Answer } from './answer.js';
import { Field } from './field.js';
import { useAction } from './live.js';
import { Failure } from './marks.js';
import { exampleTexts, toFeatures } from './values.js';

/** So many inputs are named in an explanation. */
const EXPLAINED = 10;

/** Brings what is new on the page into view. */
function reveal(element) {
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  element?.scrollIntoView({ block: 'nearest', behavior: calm ? 'auto' : 'smooth' });
}

export function TryForm({ model, version }) {
  const { inputs } = version;
  const [texts, setTexts] = useState(() => exampleTexts(inputs));
  const [answer, setAnswer] = useState(null);
  const form = useRef(null);
  const answerBox = useRef(null);
  const predict = useAction(async () => {
    const body = { features: toFeatures(inputs, texts), model: model.id, model_version: version.version, explain: EXPLAINED };
    const start = performance.now();
    const reply = await post('predict', body);
    setAnswer({ body, reply, millis: performance.now() - start });
  });

  const blamed = inputs.find((input) => input.name === predict.error?.field);
  useEffect(() => {
    const control = blamed && form.current.elements.namedItem(blamed.name);
    control?.focus({ preventScroll: true });
    reveal(control?.closest('.field'));
  }, [predict.error]);
  useEffect(() => {
    if (answer) reveal(answerBox.current);
  }, [answer]);

  const submit = (event) => {
    event.preventDefault();
    predict.run();
  };
  return html`
    <section class="try" aria-labelledby="try">
      <form class="panel" ref=${form} onSubmit=${submit} novalidate>
        <h2 id="try">Try it</h2>
        <div class="fields">${inputs.map((input, index) => html`
          <${Field} key=${input.name} input=${input} id=${`in-${index}`} text=${texts[input.name]}
            error=${input === blamed ? predict.error.message : null}
            onText=${(text) => setTexts((all) => ({ ...all, [input.name]: text }))} />`)}
        </div>
        ${!blamed && html`<${Failure} error=${predict.error} />`}
        <div class="line buttons">
          <button type="submit" class="predict" aria-disabled=${predict.working}>Predict</button>
          <button type="button" class="outline secondary" onClick=${() => setTexts(exampleTexts(inputs))}>Back to the example</button>
        </div>
      </form>
      <aside class="panel answer" ref=${answerBox} aria-live="polite" aria-label="Answer" data-old=${answer && predict.error ? 'true' : 'false'}>
        <h2>Answer</h2>
        <${Answer} answer=${answer} target=${model.target} />
      </aside>
    </section>`;
}
