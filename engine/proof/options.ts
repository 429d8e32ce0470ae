// Options of `kisignal verify`, apart from what they do, so that `--help` loads nothing.

export const VERIFY_OPTIONS = {
  signal: 'Explain this signal instead: its id, such as 005930.KRX:123.',
  anchors: 'File with heads of the chain that was kept elsewhere: proof.anchorFile.',
  format: 'text or json. (text)',
} as const;

export type VerifyOptionTexts = Readonly<Partial<Record<keyof typeof VERIFY_OPTIONS, string | undefined>>>;
