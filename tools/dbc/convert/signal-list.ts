/** The signals of a database as a flat list: CSV for spreadsheets, Markdown for people. */
import type { Database, Message, Signal } from '../../../edge/dbc/index.ts';
import { idText } from '../identifiers.ts';
import { rangesText } from '../message-view.ts';
import { typeText } from '../signal-table.ts';

const columns = [
  'message',
  'id',
  'extended',
  'length',
  'cycle_ms',
  'sender',
  'signal',
  'start_bit',
  'bits',
  'byte_order',
  'type',
  'scale',
  'offset',
  'minimum',
  'maximum',
  'unit',
  'selector',
  'selected_by',
  'labels',
  'receivers',
  'comment',
];

/**
 * One row per signal, and one with the last fifteen columns empty for a message without signals; RFC 4180 with a
 * header, UTF-8. Numbers stand as the file writes them, labels as `0=Off; 1=On`.
 */
export function signalsToCsv(database: Database): string {
  const rows = database.messages.flatMap((message) => {
    const { name, id, extended, length, cycleTimeMs = '', sender, signals } = message;
    const head = [name, id, extended, length, cycleTimeMs, sender];
    if (signals.length === 0) return [[...head, ...columns.slice(head.length).map(() => '')]];
    return signals.map((signal) => [...head, ...signalCells(signal)]);
  });
  return [columns, ...rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');
}

function signalCells(signal: Signal): (string | number | boolean)[] {
  const { multiplexedBy, labels } = signal;
  return [
    signal.name,
    signal.startBit,
    signal.length,
    signal.byteOrder,
    typeText(signal),
    signal.scaleText,
    signal.offsetText,
    signal.minText,
    signal.maxText,
    signal.unit,
    signal.isSelector,
    multiplexedBy === undefined ? '' : `${multiplexedBy.selector} = ${rangesText(multiplexedBy.ranges)}`,
    labels.map(({ raw, text }) => `${raw}=${text}`).join('; '),
    signal.receivers.join(' '),
    signal.comment ?? '',
  ];
}

function csvCell(value: string | number | boolean): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A heading and a table per message. */
export function signalsToMarkdown(database: Database): string {
  return `${database.messages.map(messageSection).join('\n\n')}\n`;
}

function messageSection(message: Message): string {
  const { name, length, cycleTimeMs, sender, comment, signals } = message;
  const facts = [
    `${length} bytes`,
    ...(cycleTimeMs ? [`every ${cycleTimeMs} ms`] : []),
    ...(sender ? [`from ${sender}`] : []),
  ];
  const lines = [`## ${idText(message)} ${inline(name)}`, '', inline(facts.join(', '))];
  if (comment) lines.push('', inline(comment));
  if (signals.length > 0) {
    lines.push(
      '',
      '| signal | bits | type | value | range | labels, comment |',
      '| --- | --- | --- | --- | --- | --- |',
    );
    for (const signal of signals) lines.push(`| ${markdownCells(signal).map(inline).join(' | ')} |`);
  }
  return lines.join('\n');
}

function markdownCells(signal: Signal): string[] {
  const { name, startBit, length, byteOrder, scaleText, offsetText, multiplexedBy, minText, maxText } = signal;
  const hasRange = signal.minimum !== 0 || signal.maximum !== 0;
  const notes = [
    ...(signal.isSelector ? ['selector'] : []),
    ...(multiplexedBy ? [`when ${multiplexedBy.selector} = ${rangesText(multiplexedBy.ranges)}`] : []),
    ...(signal.labels.length > 0 ? [signal.labels.map(({ raw, text }) => `${raw} ${text}`).join(', ')] : []),
    ...(signal.comment ? [signal.comment] : []),
  ];
  return [
    name,
    `${startBit}\\|${length} ${byteOrder}`,
    typeText(signal),
    `raw × ${scaleText} + ${offsetText} ${signal.unit}`.trimEnd(),
    hasRange ? `${minText} to ${maxText}` : '',
    notes.join('; '),
  ];
}

/** One line, with what Markdown or HTML would act on escaped. */
function inline(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/(?<!\\)[|*_`<>[\]]/g, (char) => (char === '<' ? '&lt;' : `\\${char}`));
}
