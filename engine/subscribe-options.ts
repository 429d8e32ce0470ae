// Options of `kisignal subscribe`, apart from what they do, so that `--help` loads nothing.

export const SUBSCRIBE_OPTIONS = {
  venue: 'KRX, NXT, UN, KFE, NAS … (KRX)',
  streams: 'trades, books, expected, status, with commas. (trades,books)',
  priority: '0 is most important; the universe has 100. (100)',
} as const;

export type SubscribeOptionTexts = Readonly<Partial<Record<keyof typeof SUBSCRIBE_OPTIONS, string | undefined>>>;
