// `journal export`: entries, trades or books of a journal as JSON lines or as a Parquet file, in one walk and with the
// memory of one row group, however long the journal is.
import type { Writable } from 'node:stream';
import type { JournalEntry } from '../reader.ts';
import { entryJson } from './entry-text.ts';
import { writeParquetFile } from './parquet-file.ts';
import { type Column, type Row, type TableName, tableOf } from './records.ts';
import { type OnProgress, type Selection, SelectionError, selectEntries } from './selection.ts';
import { kstIso } from './text.ts';
import { writeTextFile, writeTexts } from './text-sink.ts';

export const EXPORT_FORMATS = ['jsonl', 'parquet'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface ExportOptions extends Selection {
  readonly what: TableName;
  readonly format: ExportFormat;
  /** A file's path, or a stream for JSON lines. */
  readonly out: string | Writable;
  /** Only records of these symbols; of trades and books. */
  readonly codes?: ReadonlySet<string> | undefined;
}

export interface ExportReport {
  readonly rows: number;
}

/**
 * @throws SelectionError where the folder holds no journal, or what is asked for cannot be
 * @throws JournalDamaged where it cannot be read
 * @throws Error where it cannot be written; nothing is left of the file then
 */
export async function exportJournal(
  folder: string,
  options: ExportOptions,
  onProgress?: OnProgress,
): Promise<ExportReport> {
  const { what, format, out, codes } = options;
  if (what === 'entries' && codes !== undefined)
    throw new SelectionError('entries have no symbols: export trades or books');
  const table = tableOf(what, codes);
  const entries = selectEntries(folder, options, onProgress);
  if (format === 'parquet') {
    if (typeof out !== 'string') throw new SelectionError('a Parquet file needs a name: it cannot go to the terminal');
    return { rows: writeParquetFile({ path: out, columns: table.columns, rows: rowsOf(entries, table.rows) }) };
  }
  let rows = 0;
  function* lines(): Generator<string> {
    const objects = what === 'entries' ? entryObjects(entries) : rowObjects(rowsOf(entries, table.rows), table.columns);
    for (const object of objects) {
      rows += 1;
      yield `${JSON.stringify(object)}\n`;
    }
  }
  await (typeof out === 'string' ? writeTextFile(lines(), out) : writeTexts(lines(), out));
  return { rows };
}

function* rowsOf(entries: Iterable<JournalEntry>, rows: (entry: JournalEntry) => Row[]): Generator<Row> {
  for (const entry of entries) yield* rows(entry);
}

function* entryObjects(entries: Iterable<JournalEntry>): Generator<object> {
  for (const entry of entries) yield entryJson(entry);
}

/** The columns by name; times are text, Korea's. */
function* rowObjects(rows: Iterable<Row>, columns: readonly Column[]): Generator<object> {
  for (const row of rows) {
    yield Object.fromEntries(
      columns.map(({ name, type }, i) => [name, type === 'time' ? kstIso(row[i] as number) : row[i]]),
    );
  }
}
