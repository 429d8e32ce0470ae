// `journal cat`: an entry as a line for a person, or as JSON for a program. Frames are shown as they came off the wire.
import type { Input } from '../../input.ts';
import type { JournalEntry } from '../reader.ts';
import { type OnProgress, type Selection, selectEntries } from './selection.ts';
import { kstIso, kstText } from './text.ts';

export interface CatOptions extends Selection {
  readonly kinds?: readonly Input['kind'][] | undefined;
  /** Entries shown at most. */
  readonly limit?: number | undefined;
  readonly json?: boolean;
}

/** One line an entry. */
export function* journalLines(folder: string, options: CatOptions, onProgress?: OnProgress): Generator<string> {
  const { kinds, limit = Infinity, json = false } = options;
  let shown = 0;
  for (const entry of selectEntries(folder, options, onProgress)) {
    if (shown >= limit) return;
    if (kinds !== undefined && !kinds.includes(entry.entry.input.kind)) continue;
    shown += 1;
    yield json ? `${JSON.stringify(entryJson(entry))}\n` : `${entryLine(entry)}\n`;
  }
}

export function entryLine({ offset, entry: { input } }: JournalEntry): string {
  const line = `${offset}  ${kstText(input.engineTimeUs)}  ${input.kind.padEnd(7)}  ${contentText(input)}`.trimEnd();
  // Control characters would break the line, or worse, speak to the terminal.
  return line.replace(/\p{Cc}/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** All of an entry; `batch` is the number that the entries of one turn of the event loop share. */
export function entryJson({ offset, entry: { batchId, input } }: JournalEntry): Record<string, unknown> {
  const { kind, engineTimeUs, ...content } = input;
  const of = { offset, batch: batchId, engineTimeUs, time: kstIso(engineTimeUs), kind };
  return input.kind === 'frame' ? { ...of, frame: textOf(input.bytes) } : { ...of, ...content };
}

/** What an entry says, besides its time: the frame, or the fields in words. */
export function contentText(input: Input): string {
  switch (input.kind) {
    case 'frame':
      return textOf(input.bytes);
    case 'clock':
      return '';
    case 'session': {
      const { session, event, trId = '', trKey = '', code = '' } = input;
      return [session, event, trId, trKey, code].filter((word) => word !== '').join(' ');
    }
    case 'control': {
      const { type, ...fields } = input.command;
      const words = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
      return [type, ...words].join(' ');
    }
  }
}

function textOf({ buffer, byteOffset, length }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, length).toString('utf8');
}
