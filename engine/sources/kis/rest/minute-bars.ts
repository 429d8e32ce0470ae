// Minute bars of one stock and day, read backwards page by page. KIS has two transactions for it: today's (30 bars a
// page) and a past day's (120, live only). Their traps are taken out here:
//   - the newest bar still forms, and shows the volume of the bar before until its own first trade: it is left out;
//   - a page does not stop at the day's begin but goes on with the day before: those rows are cut off;
//   - turnover is the day's so far: a bar's own is the difference to the bar before it;
//   - minutes without a trade may be listed, with volume 0: they are no bars.
import { clockDigits, kstDate, kstSecond, kstToUtcUs } from '../../../../config/calendar.ts';
import type { SessionVenue } from '../../../../config/sessions.ts';
import type { ReferenceBar } from '../../../reference/reference.ts';
import { type AnswerRow, type KisAnswer, rowsOf } from './answer.ts';
import type { KisRestClient } from './client.ts';
import { KisRestError } from './kis-rest-error.ts';
import { MARKET_CODES, MINUTE_BARS_PAST, MINUTE_BARS_TODAY } from './transactions.ts';

export interface MinuteBarsRequest {
  readonly code: string;
  readonly venue: SessionVenue;
  /** Bars that begin in [fromUs, toUs), UTC; both on one day in Korea. */
  readonly fromUs: number;
  readonly toUs: number;
  /** The feed's time: today's bars are asked of another transaction, and a bar that has not ended is no bar yet. */
  readonly nowUs: number;
}

interface Row {
  readonly startUs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly turnoverSoFar: number;
}

const MINUTE_US = 60_000_000;
/** Clocks differ, and KIS takes a moment: a bar counts once so much of the next minute is over. */
export const MINUTE_BAR_SETTLE_US = 3_000_000;
/** From the pre-market to the after-market there are 720 minutes, 24 pages of 30. */
const PAGES_MAX = 30;

/** Oldest first. @throws KisRestError, `not_on_paper` for a day that is over */
export async function minuteBars(client: KisRestClient, request: MinuteBarsRequest): Promise<ReferenceBar[]> {
  const { fromUs, nowUs } = request;
  const date = kstDate(fromUs);
  const midnightUs = kstToUtcUs(date, 0);
  const toUs = Math.min(request.toUs, nowUs, midnightUs + 86_400_000_000);
  const rows = new Map<number, Row>();
  let latestUs = toUs - 1;
  for (let page = 0; page < PAGES_MAX && latestUs >= midnightUs; page++) {
    const known = rows.size;
    for (const row of await askPage(client, request, date, latestUs))
      if (row.startUs <= latestUs) rows.set(row.startUs, row);
    const oldestUs = Math.min(latestUs, ...rows.keys());
    // A bar in front of the first wanted one is fetched as well: turnover is told by difference.
    if (rows.size === known || oldestUs < fromUs) break;
    latestUs = oldestUs - 1;
  }
  const endedUs = nowUs - MINUTE_US - MINUTE_BAR_SETTLE_US;
  const sorted = [...rows.values()].sort((one, other) => one.startUs - other.startUs);
  return barsOf(sorted).filter(({ startUs }) => startUs >= fromUs && startUs < toUs && startUs <= endedUs);
}

async function askPage(
  client: KisRestClient,
  { code, venue, nowUs }: MinuteBarsRequest,
  date: number,
  latestUs: number,
): Promise<Row[]> {
  const today = date === kstDate(nowUs);
  const params = {
    FID_COND_MRKT_DIV_CODE: MARKET_CODES[venue],
    FID_INPUT_ISCD: code,
    FID_INPUT_HOUR_1: String(clockDigits(kstSecond(latestUs))).padStart(6, '0'),
    FID_PW_DATA_INCU_YN: 'N',
  };
  const answer = await (today
    ? client.ask(MINUTE_BARS_TODAY, { ...params, FID_ETC_CLS_CODE: '' })
    : client.ask(MINUTE_BARS_PAST, { ...params, FID_INPUT_DATE_1: String(date), FID_FAKE_TICK_INCU_YN: 'N' }));
  return rowsOf(answer, 'output2')
    .filter((row) => row.date('stck_bsop_date') === date)
    .map((row) => rowAt(answer, row, date));
}

function rowAt({ trId }: KisAnswer, row: AnswerRow, date: number): Row {
  const minute = {
    startUs: Math.floor(kstToUtcUs(date, row.second('stck_cntg_hour')) / MINUTE_US) * MINUTE_US,
    open: row.number('stck_oprc'),
    high: row.number('stck_hgpr'),
    low: row.number('stck_lwpr'),
    close: row.number('stck_prpr'),
    volume: row.number('cntg_vol'),
    turnoverSoFar: row.number('acml_tr_pbmn'),
  };
  const { open, high, low, close, volume } = minute;
  if (low > Math.min(open, close) || high < Math.max(open, close) || volume < 0)
    throw new KisRestError('malformed', trId, 'a minute bar whose prices or volume cannot be');
  return minute;
}

function barsOf(rows: readonly Row[]): ReferenceBar[] {
  const bars: ReferenceBar[] = [];
  let turnoverBefore = 0;
  for (const { turnoverSoFar, ...bar } of rows) {
    if (bar.volume > 0) bars.push({ ...bar, turnover: Math.max(0, turnoverSoFar - turnoverBefore) });
    turnoverBefore = turnoverSoFar;
  }
  return bars;
}
