// Options of `kisignal quality report`, apart from what they do, so that `--help` loads nothing.

export const QUALITY_OPTIONS = {
  format: 'text, json or html. (text)',
  language: 'en or ko. (en)',
  date: 'Trading day, YYYYMMDD. (the newest)',
  out: 'File for the report. (the terminal)',
} as const;

export type QualityOptionTexts = Readonly<Partial<Record<keyof typeof QUALITY_OPTIONS, string | undefined>>>;
