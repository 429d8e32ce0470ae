// Words and options of `kisignal journal`, apart from what they do, so that `--help` loads nothing.

export const JOURNAL_WORDS = 'ls|cat|stats|export';

export const JOURNAL_OPTIONS = {
  format: 'ls, cat, stats: text or json. (text) export: jsonl or parquet. (jsonl)',
  from: 'First entry: its number, or a time of Korea such as 2026-11-23T09:00. (the first)',
  to: 'Entry or time before which it ends. (the end)',
  kinds: 'cat: kinds of entries, with commas: frame,session,clock,control. (all)',
  limit: 'cat: entries at most.',
  what: 'export: entries, trades or books. (trades)',
  symbols: 'export: codes with commas: 005930,000660. (all)',
  out: 'export: the file. (the terminal; Parquet needs a file)',
} as const;

export type JournalOptionTexts = Readonly<Partial<Record<keyof typeof JOURNAL_OPTIONS, string | undefined>>>;
