// The one error of KIS's REST side. It is operational: whoever asked logs its code and goes on without the answer. It
// never holds a key, a token or an account number.

export class KisRestError extends Error {
  /**
   * KIS's `msg_cd` (`EGW00201`), or `timeout`, `closed`, `too_large`, `http_503`, `malformed`, `queue_full`,
   * `pages_max`, `not_on_paper`, or the code of the socket error (`ECONNREFUSED`).
   */
  readonly code: string;
  readonly trId: string;

  constructor(code: string, trId: string, words = '') {
    super(`${trId}: ${code}${words === '' ? '' : ` ${spoken(words)}`}`);
    this.name = 'KisRestError';
    this.code = code;
    this.trId = trId;
  }

  /** KIS has nothing on what was asked for, an unknown code say: the next question may well be answered. */
  get concernsQuestion(): boolean {
    return NOTHING_THERE.test(this.code);
  }
}

const NOTHING_THERE = /^(KIOK0560|OPSQ200\d)$/;

const WORDS_MAX = 200;

/** KIS's own words, or ours: short, on one line, and without anything that may be an account number. */
function spoken(words: string): string {
  return words
    .replace(/\s+/g, ' ')
    .replace(/\d{8,}/g, '#')
    .slice(0, WORDS_MAX)
    .trim();
}
