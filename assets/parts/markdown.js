// The part of Markdown that model cards use, drawn as elements: never as HTML text, so a card can do nothing.

import { h } from '../vendor/htm-preact-standalone.js';

const INLINE = /`([^`]+)`|\*\*(.+?)\*\*|\*([^*\s][^*]*)\*|\[([^\]]+)\]\((https?:\/\/[^)\s]+)\)/g;

/** Text with code, bold, emphasis and web links. */
function inline(text) {
  const out = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, bold, emphasis, label, href] = match;
    out.push(text.slice(from, match.index));
    if (code !== undefined) out.push(h('code', null, code));
    else if (bold !== undefined) out.push(h('strong', null, inline(bold)));
    else if (emphasis !== undefined) out.push(h('em', null, inline(emphasis)));
    else out.push(h('a', { href, rel: 'noopener noreferrer' }, inline(label)));
    from = match.index + whole.length;
  }
  out.push(text.slice(from));
  return out;
}

const FENCE = /^```/;
const HEADING = /^(#{1,6})\s+(.*?)\s*#*$/;
const ITEM = /^\s*(?:([-*+])|\d+[.)])\s+(.*)$/;
const TABLE_LINE = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

/** The cells of a table's row; `\|` is a bar inside of a cell. */
const cells = (line) =>
  line.trim().replace(/^\|/, '').replace(/(?<!\\)\|$/, '').split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|'));

const startsTable = (lines, at) => lines[at].includes('|') && TABLE_LINE.test(lines[at + 1] ?? '') && lines[at + 1].includes('-');

const startsBlock = (lines, at) =>
  FENCE.test(lines[at]) || HEADING.test(lines[at]) || ITEM.test(lines[at]) || startsTable(lines, at);

function table(lines, at) {
  const align = cells(lines[at + 1]).map((rule) => (rule.endsWith(':') ? 'num' : null));
  const row = (tag, line) => h('tr', null, cells(line).map((cell, column) => h(tag, { class: align[column] }, inline(cell))));
  let end = at + 2;
  while (end < lines.length && lines[end].includes('|')) end += 1;
  const body = lines.slice(at + 2, end).map((line) => row('td', line));
  const whole = h('table', null, h('thead', null, row('th', lines[at])), h('tbody', null, body));
  return [h('div', { class: 'wide', tabindex: 0 }, whole), end];
}

function list(lines, at) {
  const tag = ITEM.exec(lines[at])[1] ? 'ul' : 'ol';
  const items = [];
  let end = at;
  for (; end < lines.length && lines[end].trim() !== ''; end += 1) {
    const item = ITEM.exec(lines[end]);
    if (item) items.push(item[2]);
    else if (startsBlock(lines, end)) break;
    else items.push(`${items.pop()} ${lines[end].trim()}`);
  }
  return [h(tag, null, items.map((item) => h('li', null, inline(item)))), end];
}

function fence(lines, at) {
  let end = at + 1;
  while (end < lines.length && !FENCE.test(lines[end])) end += 1;
  return [h('pre', null, h('code', null, lines.slice(at + 1, end).join('\n'))), end + 1];
}

function paragraph(lines, at) {
  let end = at + 1;
  while (end < lines.length && lines[end].trim() !== '' && !startsBlock(lines, end)) end += 1;
  return [h('p', null, inline(lines.slice(at, end).join(' '))), end];
}

/** The elements of a Markdown text; headings start at `top` (the page has its own above them). */
export function markdown(text, top = 2) {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  const out = [];
  for (let at = 0; at < lines.length;) {
    let element;
    const heading = HEADING.exec(lines[at]);
    if (lines[at].trim() === '') {
      at += 1;
      continue;
    }
    if (heading) [element, at] = [h(`h${Math.min(6, heading[1].length + top - 1)}`, null, inline(heading[2])), at + 1];
    else if (FENCE.test(lines[at])) [element, at] = fence(lines, at);
    else if (startsTable(lines, at)) [element, at] = table(lines, at);
    else if (ITEM.test(lines[at])) [element, at] = list(lines, at);
    else [element, at] = paragraph(lines, at);
    out.push(element);
  }
  return out;
}
