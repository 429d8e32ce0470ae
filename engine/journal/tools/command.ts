// `kisignal journal ls|cat|stats|export`: its words and options as they stand on the command line, and where the text goes.
import type { Writable } from 'node:stream';
import type { Input } from '../../input.ts';
import { journalLines } from './entry-text.ts';
import { EXPORT_FORMATS, exportJournal } from './export.ts';
import { journalListing, listingText } from './listing.ts';
import { JOURNAL_WORDS, type JournalOptionTexts } from './options.ts';
import { TABLE_NAMES } from './records.ts';
import { parsePosition, type Selection, SelectionError } from './selection.ts';
import { journalStatistics, statisticsText } from './statistics.ts';
import { countText } from './text.ts';
import { writeTexts } from './text-sink.ts';

/** The terminal: results go to one of them, progress and remarks to the other. */
export interface JournalTerminal {
  readonly out: Writable;
  readonly remarks: Writable & { readonly isTTY?: boolean };
}

const KINDS: readonly Input['kind'][] = ['frame', 'session', 'clock', 'control'];

/**
 * @param folder the journal's folder (`data/emulator/journal`)
 * @throws SelectionError where the words or options are wrong, or there is no journal
 * @throws JournalDamaged where it cannot be read
 */
export async function journalCommand(
  word: string | undefined,
  folder: string,
  options: JournalOptionTexts,
  { out, remarks }: JournalTerminal,
): Promise<void> {
  const selection = selectionOf(options);
  const onProgress = remarks.isTTY ? (done: number) => remarks.write(`\r${Math.round(100 * done)} %\r`) : undefined;
  switch (word) {
    case 'ls': {
      const listing = journalListing(folder);
      return writeTexts([asJson(options) ? jsonText(listing) : listingText(listing)], out);
    }
    case 'stats': {
      const statistics = journalStatistics(folder, selection, onProgress);
      return writeTexts([asJson(options) ? jsonText(statistics) : statisticsText(statistics)], out);
    }
    case 'cat': {
      const limit = wholeNumber('limit', options.limit);
      const kinds = options.kinds?.split(',').map((kind) => oneOf('kinds', KINDS, kind));
      return writeTexts(journalLines(folder, { ...selection, kinds, limit, json: asJson(options) }), out);
    }
    case 'export': {
      const what = oneOf('what', TABLE_NAMES, options.what ?? 'trades');
      const format = oneOf('format', EXPORT_FORMATS, options.format ?? 'jsonl');
      const codes = options.symbols === undefined ? undefined : new Set(options.symbols.split(','));
      const file = options.out;
      const progress = file === undefined ? undefined : onProgress;
      const { rows } = await exportJournal(folder, { ...selection, what, format, out: file ?? out, codes }, progress);
      if (file !== undefined) remarks.write(`${countText(rows)} rows in ${file}\n`);
      return;
    }
    default:
      throw new SelectionError(`journal needs a word: ${JOURNAL_WORDS.replaceAll('|', ', ')}`);
  }
}

function selectionOf({ from, to }: JournalOptionTexts): Selection {
  return {
    from: from === undefined ? undefined : parsePosition(from),
    to: to === undefined ? undefined : parsePosition(to),
  };
}

function asJson({ format = 'text' }: JournalOptionTexts): boolean {
  return oneOf('format', ['text', 'json'], format) === 'json';
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function oneOf<T extends string>(option: string, known: readonly T[], text: string): T {
  const found = known.find((name) => name === text);
  if (found === undefined) throw new SelectionError(`--${option} ${text}: it is one of ${known.join(', ')}`);
  return found;
}

function wholeNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw new SelectionError(`--${option} is a whole number, found ${text}`);
  return Number(text);
}
