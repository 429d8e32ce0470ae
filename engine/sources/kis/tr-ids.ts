// Which TRs carry personal data, and which ones the paper-trading (모의투자) server offers at all.

/** Execution notices: domestic stocks (and the old servers' alias), futures, options and overseas. */
export const NOTICE_TR_IDS: ReadonlySet<string> = new Set([
  'H0STCNI0',
  'H0STCNI9',
  'K0STCNI0',
  'K0STCNI9',
  'H0GSCNI0',
  'H0GSCNI9',
  'H0IFCNI0',
  'H0IFCNI9',
  'H0MFCNI0',
  'H0EUCNI0',
  'HDFFF1C0',
  'HDFFF2C0',
]);

export const PAPER_TR_IDS: ReadonlySet<string> = new Set(['H0STCNT0', 'H0STASP0', 'H0STCNI9', 'H0GSCNI9', 'H0IFCNI9']);
