// Where the page starts: the frame around every screen, and which screen the address asks for.

import { get, onConnection } from './api.js';
import { Api } from './pages/api.js';
import { Home } from './pages/home.js';
import { Model } from './pages/model.js';
import { html, render, useEffect, useState } from './vendor/htm-preact-standalone.js';

/** The parts of the address behind `#/`: `['models', 'customer-churn']`. */
function readRoute() {
  try {
    return location.hash.replace(/^#\/?/, '').split('/').filter(Boolean).map(decodeURIComponent);
  } catch {
    return ['unreadable'];
  }
}

function useRoute() {
  const [route, setRoute] = useState(readRoute);
  useEffect(() => {
    const follow = () => setRoute(readRoute());
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return route;
}

function useConnection() {
  const [up, setUp] = useState(true);
  useEffect(() => onConnection(setUp), []);
  return up;
}

function useInfo(up) {
  const [info, setInfo] = useState(null);
  // After a lost connection another version may answer.
  useEffect(() => {
    if (up) get('info').then(setInfo, () => {});
  }, [up]);
  return info;
}

function Screen({ route }) {
  const [room, ...rest] = route;
  if (room === undefined) return html`<${Home} />`;
  if (room === 'api' && rest.length <= 1) return html`<${Api} wanted=${rest[0]} />`;
  if (room === 'models' && rest.length >= 1 && rest.length <= 2) {
    return html`<${Model} key=${rest.join('/')} id=${rest[0]} wanted=${rest[1]} />`;
  }
  return html`
    <section class="empty">
      <h1>There is nothing here</h1>
      <p><a href="#/">All models and jobs</a></p>
    </section>`;
}

function App() {
  const route = useRoute();
  const up = useConnection();
  const info = useInfo(up);
  return html`
    <header class="frame top">
      <a class="brand" href="#/"><img src=${new URL('favicon.svg', import.meta.url)} alt="" width="28" height="28" />usina</a>
      <nav aria-label="Links">
        <a href="#/api">API</a>
        <span class="link" data-up=${String(up)}>${up ? 'connected' : 'no connection'}</span>
      </nav>
    </header>
    ${!up && html`
      <div class="frame"><p class="notice bad" role="alert">
        <strong>The connection to usina is lost.</strong> What you see is what was last known; the page goes on by itself when usina answers.
      </p></div>`}
    <main class="frame"><${Screen} route=${route} /></main>
    <footer class="frame foot">
      ${info && html`<span>usina ${info.version}</span>`}
      ${info?.open && html`<span>open to whoever uses this computer: no account exists</span>`}
    </footer>`;
}

render(html`<${App} />`, document.getElementById('app'));
