// The REST transactions (TRs) that kisignal asks KIS for, and which of them paper trading answers. Source: the samples in
// koreainvestment/open-trading-api, examples_llm/domestic_stock; those with a switch of environment serve paper as well.
import type { SessionVenue } from '../../../../config/sessions.ts';

export interface KisTransaction {
  readonly trId: string;
  readonly path: string;
  /** Paper's own id where it differs, null where paper does not answer it. */
  readonly paperTrId: string | null;
}

const QUOTATIONS = '/uapi/domestic-stock/v1/quotations';

function everywhere(trId: string, name: string): KisTransaction {
  return { trId, path: `${QUOTATIONS}/${name}`, paperTrId: trId };
}

function liveOnly(trId: string, name: string): KisTransaction {
  return { trId, path: `${QUOTATIONS}/${name}`, paperTrId: null };
}

export const PRICE = everywhere('FHKST01010100', 'inquire-price');
export const MULTI_QUOTE = liveOnly('FHKST11300006', 'intstock-multprice');
export const STOCK_INFO = liveOnly('CTPF1002R', 'search-stock-info');
export const MINUTE_BARS_TODAY = everywhere('FHKST03010200', 'inquire-time-itemchartprice');
export const MINUTE_BARS_PAST = liveOnly('FHKST03010230', 'inquire-time-dailychartprice');
export const DAILY_BARS = everywhere('FHKST03010100', 'inquire-daily-itemchartprice');
export const HOLIDAYS = liveOnly('CTCA0903R', 'chk-holiday');
export const BALANCE: KisTransaction = {
  trId: 'TTTC8434R',
  path: '/uapi/domestic-stock/v1/trading/inquire-balance',
  paperTrId: 'VTTC8434R',
};

/** FID_COND_MRKT_DIV_CODE of a venue. */
export const MARKET_CODES: Readonly<Record<SessionVenue, string>> = { KRX: 'J', NXT: 'NX', UN: 'UN' };
