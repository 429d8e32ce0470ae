// Indices by REST: now, by second and minute, and as charts. Volume in thousand shares, turnover in million won.
import { kstDate, kstSecond } from '../../../config/calendar.ts';
import { type HistoryBar, INDEX_CODES, type IndexCode } from '../market/simulated-market.ts';
import { Refusal } from './answer.ts';
import { dateLater } from './dates.ts';
import { type Fields, fields, fill, hourText, percent, signOf } from './fields.ts';
import { indexPath, levelAt, pathBars } from './index-path.ts';
import { DAYS_A_PERIOD, gathered, gatheredMinutes, type Period } from './periods.ts';
import { HISTORY_DAYS_MAX } from './stock-chart.ts';
import { parameter, type TransactionAnswer, type TransactionRequest, type World } from './transaction.ts';

export const INDEX_NAMES: Readonly<Record<IndexCode, string>> = {
  '0001': '종합',
  '1001': 'KOSDAQ',
  '2001': 'KOSPI200',
};
const TICK_SECONDS = 10;
const TIMED_ROWS_MAX = 30;
const MINUTE_ROWS_MAX = 102;
const DAILY_ROWS_MAX = 50;

function indexOf(request: TransactionRequest): IndexCode {
  const code = INDEX_CODES.find((known) => known === parameter(request, 'FID_INPUT_ISCD'));
  if (parameter(request, 'FID_COND_MRKT_DIV_CODE') !== 'U') {
    throw new Refusal('OPSQ2001', 'ERROR INVALID FID_COND_MRKT_DIV_CODE');
  }
  if (code === undefined) throw new Refusal('OPSQ2001', 'ERROR INVALID FID_INPUT_ISCD');
  return code;
}

function levelFields(level: number, previousClose: number): Fields {
  return fields({
    bstp_nmix_prpr: level.toFixed(2),
    bstp_nmix_prdy_vrss: (level - previousClose).toFixed(2),
    prdy_vrss_sign: signOf(level - previousClose),
    bstp_nmix_prdy_ctrt: percent(level - previousClose, previousClose),
  });
}

export function indexPrice(request: TransactionRequest, { market }: World): TransactionAnswer {
  const code = indexOf(request);
  const index = market.indexQuote(code);
  const days = market.indexDailyBars(code, dateLater(market.businessDate, -364), dateLater(market.businessDate, -1));
  const high = days.reduce((best, day) => (day.highWon > best.highWon ? day : best), days[0] ?? today(index, market));
  const low = days.reduce((best, day) => (day.lowWon < best.lowWon ? day : best), days[0] ?? today(index, market));
  const previous = days.at(-1);
  const output = {
    ...levelFields(index.level, index.previousClose),
    ...volumeFields(index),
    prdy_vol: thousands(previous?.volume ?? 0),
    prdy_tr_pbmn: millions(previous?.turnoverWon ?? 0),
    ...extremeFields(index.open, index, 'bstp_nmix_oprc', 'prdy_nmix_vrss_nmix_oprc', 'oprc_vrss_prpr_sign'),
    bstp_nmix_oprc_prdy_ctrt: percent(index.open - index.previousClose, index.previousClose),
    ...extremeFields(index.high, index, 'bstp_nmix_hgpr', 'prdy_nmix_vrss_nmix_hgpr', 'hgpr_vrss_prpr_sign'),
    bstp_nmix_hgpr_prdy_ctrt: percent(index.high - index.previousClose, index.previousClose),
    ...extremeFields(index.low, index, 'bstp_nmix_lwpr', 'prdy_clpr_vrss_lwpr', 'lwpr_vrss_prpr_sign'),
    prdy_clpr_vrss_lwpr_rate: percent(index.low - index.previousClose, index.previousClose),
    ...breadth(code, market),
    dryy_bstp_nmix_hgpr: high.highWon.toFixed(2),
    dryy_hgpr_vrss_prpr_rate: percent(index.level - high.highWon, high.highWon),
    dryy_bstp_nmix_hgpr_date: String(kstDate(high.startUs)),
    dryy_bstp_nmix_lwpr: low.lowWon.toFixed(2),
    dryy_lwpr_vrss_prpr_rate: percent(index.level - low.lowWon, low.lowWon),
    dryy_bstp_nmix_lwpr_date: String(kstDate(low.startUs)),
    ...fill('total_askp_rsqn total_bidp_rsqn ntby_rsqn', '0'),
    ...fill('seln_rsqn_rate shnu_rsqn_rate', '0.00'),
  };
  return { body: { output } };
}

/** By ten seconds, newest first. */
export function indexTicks(request: TransactionRequest, world: World): TransactionAnswer {
  return { body: { output: timedRows(indexOf(request), world, TICK_SECONDS, 'stck_cntg_hour') } };
}

/** By as many seconds as FID_INPUT_HOUR_1 says (60, 300, 600 …), newest first; the last price of each. */
export function indexTimes(request: TransactionRequest, world: World): TransactionAnswer {
  const step = Number(parameter(request, 'FID_INPUT_HOUR_1'));
  return { body: { output: timedRows(indexOf(request), world, step, 'bsop_hour') } };
}

function timedRows(code: IndexCode, { market }: World, stepSeconds: number, timeField: string): Fields[] {
  const path = indexPath(market, code);
  const { previousClose } = market.indexQuote(code);
  const first = path[0]?.second ?? 0;
  const now = Math.min(kstSecond(market.timeUs), path.at(-1)?.second ?? 0);
  const volumeUntil = (second: number) => path.filter((point) => point.second <= second);
  const rows: Fields[] = [];
  for (let second = now; path.length > 0 && second >= first && rows.length < TIMED_ROWS_MAX; second -= stepSeconds) {
    const until = volumeUntil(second);
    const volume = until.reduce((sum, point) => sum + point.volume, 0);
    const before = volumeUntil(second - stepSeconds).reduce((sum, point) => sum + point.volume, 0);
    rows.push({
      [timeField]: hourText(second),
      ...levelFields(levelAt(path, second), previousClose),
      acml_tr_pbmn: millions(until.reduce((sum, point) => sum + point.turnoverWon, 0)),
      acml_vol: thousands(volume),
      cntg_vol: thousands(volume - before),
    });
  }
  return rows;
}

/** FID_INPUT_HOUR_1 is the bar's length in seconds. */
export function indexMinutes(request: TransactionRequest, { market }: World): TransactionAnswer {
  const code = indexOf(request);
  const step = Number(parameter(request, 'FID_INPUT_HOUR_1'));
  const minutes = Math.max(1, Math.round(step / 60));
  let turnoverWon = 0;
  const rows: Fields[] = [];
  for (const bar of gatheredMinutes(pathBars(indexPath(market, code), market.businessDate), minutes)) {
    turnoverWon += bar.turnoverWon;
    rows.push({
      stck_bsop_date: String(market.businessDate),
      stck_cntg_hour: hourText(kstSecond(bar.startUs)),
      ...barFields(bar),
      cntg_vol: thousands(bar.volume),
      acml_tr_pbmn: millions(turnoverWon),
    });
  }
  const output2 = rows.reverse().slice(0, MINUTE_ROWS_MAX);
  return { body: { output1: chartSummary(code, market), output2 } };
}

export function indexDays(request: TransactionRequest, { market }: World): TransactionAnswer {
  const code = indexOf(request);
  const period = parameter(request, 'FID_PERIOD_DIV_CODE') as Period;
  const from = Number(parameter(request, 'FID_INPUT_DATE_1'));
  const to = Math.min(Number(parameter(request, 'FID_INPUT_DATE_2')), market.businessDate);
  const lookBack = Math.min(Math.ceil(1.6 * DAILY_ROWS_MAX * (DAYS_A_PERIOD[period] + 1)), HISTORY_DAYS_MAX);
  const days = [...market.indexDailyBars(code, Math.max(from, dateLater(to, -lookBack)), to)];
  const last = days.at(-1);
  const index = market.indexQuote(code);
  if (to === market.businessDate && index.volume > 0 && (last === undefined || kstDate(last.startUs) < to)) {
    days.push(today(index, market));
  }
  const output2 = gathered(days, period)
    .slice(-DAILY_ROWS_MAX)
    .reverse()
    .map((bar) => ({
      stck_bsop_date: String(kstDate(bar.startUs)),
      ...barFields(bar),
      ...volumeFields(bar),
      mod_yn: 'N',
    }));
  return { body: { output1: chartSummary(code, market), output2 } };
}

function chartSummary(code: IndexCode, market: World['market']): Fields {
  const index = market.indexQuote(code);
  const previous = market
    .indexDailyBars(code, dateLater(market.businessDate, -14), dateLater(market.businessDate, -1))
    .at(-1);
  return {
    ...levelFields(index.level, index.previousClose),
    ...volumeFields(index),
    prdy_nmix: index.previousClose.toFixed(2),
    hts_kor_isnm: INDEX_NAMES[code],
    bstp_cls_code: code,
    prdy_vol: thousands(previous?.volume ?? 0),
    bstp_nmix_oprc: index.open.toFixed(2),
    bstp_nmix_hgpr: index.high.toFixed(2),
    bstp_nmix_lwpr: index.low.toFixed(2),
    futs_prdy_oprc: (previous?.openWon ?? 0).toFixed(2),
    futs_prdy_hgpr: (previous?.highWon ?? 0).toFixed(2),
    futs_prdy_lwpr: (previous?.lowWon ?? 0).toFixed(2),
  };
}

function today(index: ReturnType<World['market']['indexQuote']>, market: World['market']): HistoryBar {
  return {
    startUs: market.timeUs,
    openWon: index.open,
    highWon: index.high,
    lowWon: index.low,
    closeWon: index.level,
    volume: index.volume,
    turnoverWon: index.turnoverWon,
  };
}

function extremeFields(
  value: number,
  { level, previousClose }: { level: number; previousClose: number },
  ...[name, against, sign]: [string, string, string]
): Fields {
  return {
    [name]: value.toFixed(2),
    [against]: (value - previousClose).toFixed(2),
    [sign]: signOf(level - value),
  };
}

/** How many members rose, fell, stayed, or stand at a limit. */
function breadth(code: IndexCode, market: World['market']): Fields {
  const counts = { ascn_issu_cnt: 0, uplm_issu_cnt: 0, stnr_issu_cnt: 0, down_issu_cnt: 0, lslm_issu_cnt: 0 };
  for (const member of market.codes) {
    const { market: board, kospi200 } = market.instrument(member);
    if (code === '2001' ? !kospi200 : board !== (code === '0001' ? 'KOSPI' : 'KOSDAQ')) continue;
    const { priceWon, previousCloseWon, upperLimitWon, lowerLimitWon } = market.quote(member);
    if (priceWon > previousCloseWon) counts.ascn_issu_cnt += 1;
    else if (priceWon < previousCloseWon) counts.down_issu_cnt += 1;
    else counts.stnr_issu_cnt += 1;
    if (priceWon === upperLimitWon) counts.uplm_issu_cnt += 1;
    if (priceWon === lowerLimitWon) counts.lslm_issu_cnt += 1;
  }
  return fields(counts);
}

function barFields(bar: HistoryBar): Fields {
  return {
    bstp_nmix_prpr: bar.closeWon.toFixed(2),
    bstp_nmix_oprc: bar.openWon.toFixed(2),
    bstp_nmix_hgpr: bar.highWon.toFixed(2),
    bstp_nmix_lwpr: bar.lowWon.toFixed(2),
  };
}

function volumeFields({ volume, turnoverWon }: { volume: number; turnoverWon: number }): Fields {
  return { acml_vol: thousands(volume), acml_tr_pbmn: millions(turnoverWon) };
}

function thousands(shares: number): string {
  return String(Math.round(shares / 1000));
}

function millions(won: number): string {
  return String(Math.round(won / 1_000_000));
}
