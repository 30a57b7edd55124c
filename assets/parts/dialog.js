// A question before something that changes what answers.

import { html, useEffect, useRef } from '../vendor/htm-preact-standalone.js';
import { useAction } from './live.js';
import { Failure } from './marks.js';

/** Asks `title`; `act()` runs when the answer is yes, and `close()` when the dialog is done with. */
export function Question({ title, yes, act, close, children }) {
  const dialog = useRef(null);
  const action = useAction(act);
  useEffect(() => dialog.current.showModal(), []);
  const agree = async (event) => {
    event.preventDefault();
    if (await action.run()) close();
  };
  return html`
    <dialog ref=${dialog} onClose=${close} aria-labelledby="question">
      <article>
        <form onSubmit=${agree}>
          <h3 id="question">${title}</h3>
          ${children}
          <${Failure} error=${action.error} />
          <footer class="line">
            <button type="button" class="outline secondary" onClick=${close}>Leave it</button>
            <button type="submit" aria-disabled=${action.working}>${yes}</button>
          </footer>
        </form>
      </article>
    </dialog>`;
}
