// What people note of models and versions: aliases, tags, descriptions.

import { html } from '../vendor/htm-preact-standalone.js';
import { markdown } from './markdown.js';

/** The aliases that point at a version, as they are written behind the model's name. */
export const Aliases = ({ aliases }) => aliases?.map((alias) => html` <code key=${alias} title="an alias of this version">@${alias}</code>`);

/** Tags, each with its key and value. */
export function Tags({ tags }) {
  const pairs = Object.entries(tags ?? {});
  return pairs.length > 0 && html`
    <p class="line tags" aria-label="Tags">${pairs.map(([key, value]) => html`<code key=${key}>${value ? `${key}: ${value}` : key}</code>`)}</p>`;
}

/** A description in Markdown; headings in it stand below those of the page. */
export const Description = ({ text }) => text && html`<div class="description">${markdown(text, 3)}</div>`;
