// A form that sends a request to the API, and shows what came back and how to send it from a terminal.

import { html, useState } from '../vendor/htm-preact-standalone.js';
import { useAction } from './live.js';
import { Command, Failure } from './marks.js';
import { example } from './openapi.js';

/** So much of an answer is shown. */
const SHOWN = 100_000;

/** The path with what is filled in for its holes and its query. */
export function target(path, parameters, values) {
  const filled = path.replaceAll(/\{([^}]+)\}/g, (hole, name) => (values[name] ? encodeURIComponent(values[name]) : hole));
  const query = new URLSearchParams(parameters
    .filter((one) => one.in === 'query' && values[one.name])
    .map((one) => [one.name, values[one.name]]));
  return query.size > 0 ? `${filled}?${query}` : filled;
}

const quoted = (text) => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** The same request for a terminal. */
export function asCurl(origin, method, where, kind, body) {
  const parts = ['curl', method === 'get' ? null : `-X ${method.toUpperCase()}`, quoted(origin + where)];
  if (kind) parts.push(`-H 'Content-Type: ${kind}'`, `--data-binary ${quoted(body)}`);
  return parts.filter(Boolean).join(' ');
}

/** What a body of the type `kind` begins with in the form. */
function start(kind, content, document) {
  if (!kind) return '';
  if (kind !== 'application/json') return '';
  return JSON.stringify(content[kind].example ?? example(document, content[kind].schema), null, 2);
}

async function send(method, where, kind, body) {
  const from = performance.now();
  const headers = kind ? { 'Content-Type': kind } : {};
  const response = await fetch(where, { method: method.toUpperCase(), headers, body: kind ? body : undefined });
  const text = await response.text();
  return {
    status: `${response.status} ${response.statusText}`.trim(),
    ok: response.ok,
    headers: [...response.headers].map(([name, value]) => `${name}: ${value}`).join('\n'),
    text: indented(response.headers.get('content-type'), text),
    millis: performance.now() - from,
  };
}

function indented(kind, text) {
  if (!/^application\/(problem\+)?json/.test(kind ?? '')) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

const Reply = ({ reply }) => html`
  <div class="reply" aria-live="polite">
    <p><strong class="status" data-ok=${String(reply.ok)}>${reply.status}</strong> <span class="quiet">${Math.max(1, Math.round(reply.millis))} ms</span></p>
    <details><summary>Headers</summary><${Command}>${reply.headers}<//></details>
    <${Command}>${reply.text.slice(0, SHOWN) || '(no body)'}${reply.text.length > SHOWN ? '…' : ''}<//>
  </div>`;

export function Send({ path, method, parameters, body: content, document }) {
  const kinds = Object.keys(content ?? {});
  const [values, setValues] = useState({});
  const [kind, setKind] = useState(kinds[0]);
  const [body, setBody] = useState(() => start(kinds[0], content, document));
  const [reply, setReply] = useState(null);
  const where = target(path, parameters, values);
  const action = useAction(async () => setReply(await send(method, where, kind, body)));
  const submit = (event) => {
    event.preventDefault();
    action.run();
  };
  const choose = (chosen) => {
    setKind(chosen);
    setBody(start(chosen, content, document));
  };
  const id = (name) => `${method}-${path}-${name}`.replaceAll(/[^a-z0-9_-]/gi, '-');
  return html`
    <form class="send" onSubmit=${submit}>
      <h4>Try it</h4>
      <div class="fields">${parameters.map((one) => html`
        <div class="field" key=${one.name}>
          <label for=${id(one.name)}>${one.name}</label>
          <input id=${id(one.name)} name=${one.name} required=${one.required} autocomplete="off" spellcheck=${false}
            value=${values[one.name] ?? ''} onInput=${(event) => setValues({ ...values, [one.name]: event.currentTarget.value })} />
        </div>`)}
      </div>
      ${kinds.length > 1 && html`
        <label>Content type <select value=${kind} onChange=${(event) => choose(event.currentTarget.value)}>
          ${kinds.map((one) => html`<option key=${one} value=${one} selected=${one === kind}>${one}</option>`)}
        </select></label>`}
      ${kind && html`
        <label>Body, ${kind}
          <textarea class="body" rows=${Math.min(16, body.split('\n').length + 1)} spellcheck=${false} value=${body}
            onInput=${(event) => setBody(event.currentTarget.value)}></textarea></label>`}
      <div class="line buttons"><button type="submit" class="send-button" aria-disabled=${action.working}>Send</button></div>
      <${Command}>${asCurl(location.origin, method, where, kind, body)}<//>
      <${Failure} error=${action.error} />
      ${reply && html`<${Reply} reply=${reply} />`}
    </form>`;
}
