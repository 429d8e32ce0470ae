// Where stocks stand: prices with the day's limits, one or thirty a call, and whether NXT trades them. Prices in won,
// volume in shares, turnover in won.
import type { SessionVenue } from '../../../../config/sessions.ts';
import { type AnswerRow, rowOf, rowsOf } from './answer.ts';
import type { KisRestClient } from './client.ts';
import { KisRestError } from './kis-rest-error.ts';
import { MARKET_CODES, MULTI_QUOTE, PRICE, STOCK_INFO } from './transactions.ts';

export interface KisQuote {
  readonly code: string;
  readonly priceWon: number;
  /** The day's base price; limits are ±30 % of it. 0 where there is none, like the limits. */
  readonly basePriceWon: number;
  readonly upperLimitWon: number;
  readonly lowerLimitWon: number;
  /** Of the day so far. */
  readonly volume: number;
  readonly turnoverWon: number;
}

export interface KisStockInfo {
  /** Tradable on NXT, and not suspended there. */
  readonly nxt: boolean;
}

export const MULTI_QUOTE_CODES_MAX = 30;

/** @throws KisRestError */
export async function quote(client: KisRestClient, code: string, venue: SessionVenue): Promise<KisQuote> {
  const answer = await client.ask(PRICE, { FID_COND_MRKT_DIV_CODE: MARKET_CODES[venue], FID_INPUT_ISCD: code });
  const row = rowOf(answer, 'output');
  return {
    code,
    priceWon: row.number('stck_prpr'),
    basePriceWon: row.numberOrZero('stck_sdpr'),
    upperLimitWon: row.numberOrZero('stck_mxpr'),
    lowerLimitWon: row.numberOrZero('stck_llam'),
    volume: row.number('acml_vol'),
    turnoverWon: row.number('acml_tr_pbmn'),
  };
}

/**
 * Up to 30 codes a call. One that KIS does not know comes back as an empty row in its place, and is left out.
 * @throws KisRestError
 */
export async function multiQuote(
  client: KisRestClient,
  codes: readonly string[],
  venue: SessionVenue,
): Promise<KisQuote[]> {
  if (codes.length === 0 || codes.length > MULTI_QUOTE_CODES_MAX)
    throw new RangeError(`1 to ${MULTI_QUOTE_CODES_MAX} codes, not ${codes.length}`);
  const params: Record<string, string> = {};
  for (const [index, code] of codes.entries()) {
    params[`FID_COND_MRKT_DIV_CODE_${index + 1}`] = MARKET_CODES[venue];
    params[`FID_INPUT_ISCD_${index + 1}`] = code;
  }
  const rows = rowsOf(await client.ask(MULTI_QUOTE, params), 'output');
  return rows.filter((row) => row.text('inter_shrn_iscd') !== '').map(multiQuoteRow);
}

function multiQuoteRow(row: AnswerRow): KisQuote {
  return {
    code: row.text('inter_shrn_iscd'),
    priceWon: row.number('inter2_prpr'),
    basePriceWon: row.numberOrZero('inter2_sdpr'),
    upperLimitWon: row.numberOrZero('inter2_mxpr'),
    lowerLimitWon: row.numberOrZero('inter2_llam'),
    volume: row.number('acml_vol'),
    turnoverWon: row.number('acml_tr_pbmn'),
  };
}

/**
 * Quotes of any number of codes, without those that KIS does not know: thirty a call where the environment has that,
 * one a call on paper.
 * @throws KisRestError
 */
export async function quotes(
  client: KisRestClient,
  codes: readonly string[],
  venue: SessionVenue,
): Promise<KisQuote[]> {
  const found: KisQuote[] = [];
  if (client.offers(MULTI_QUOTE)) {
    for (let start = 0; start < codes.length; start += MULTI_QUOTE_CODES_MAX)
      found.push(...(await multiQuote(client, codes.slice(start, start + MULTI_QUOTE_CODES_MAX), venue)));
  } else {
    for (const code of codes) {
      const one = await ifKnown(() => quote(client, code, venue));
      if (one !== undefined) found.push(one);
    }
  }
  return found;
}

/** Undefined where KIS has nothing on what was asked for. @throws KisRestError for anything else */
export async function ifKnown<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof KisRestError && error.concernsQuestion) return undefined;
    throw error;
  }
}

/** @throws KisRestError, `not_on_paper` where it is not offered */
export async function stockInfo(client: KisRestClient, code: string): Promise<KisStockInfo> {
  // 300: stocks, ETFs, ETNs, ELWs.
  const row = rowOf(await client.ask(STOCK_INFO, { PRDT_TYPE_CD: '300', PDNO: code }), 'output');
  return { nxt: row.flag('cptt_trad_tr_psbl_yn') && row.text('nxt_tr_stop_yn') !== 'Y' };
}
