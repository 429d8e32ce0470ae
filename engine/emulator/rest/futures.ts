// Index futures by REST: minutes and days. The contract follows KOSPI200 at a constant basis; open interest and theory are
// not modelled.
import { kstDate, kstSecond } from '../../../config/calendar.ts';
import type { HistoryBar } from '../market/simulated-market.ts';
import { Refusal } from './answer.ts';
import { dateLater } from './dates.ts';
import { type Fields, fields, fill, hourText, percent, secondOf, signOf } from './fields.ts';
import { indexPath, pathBars } from './index-path.ts';
import { DAYS_A_PERIOD, gathered, gatheredMinutes, type Period } from './periods.ts';
import { HISTORY_DAYS_MAX } from './stock-chart.ts';
import { parameter, type TransactionAnswer, type TransactionRequest, type World } from './transaction.ts';

const UNDERLYING = '2001';
const CODE = /^(101|A01|A05)[0-9A-Z]{3,5}$/;
/** Points that the contract is above the index. */
export const BASIS_POINTS = 0.35;
const WON_A_POINT = 250_000;
/** Contracts a share of the index's volume. */
const CONTRACTS_A_SHARE = 1 / 2000;
const MINUTES_A_CALL = 102;
const DAYS_A_CALL = 100;
const LIMIT_PART = 0.08;

export function futuresMinutes(request: TransactionRequest, { market }: World): TransactionAnswer {
  checkCode(request);
  const wanted = Number(parameter(request, 'FID_INPUT_DATE_1'));
  const until = secondOf(parameter(request, 'FID_INPUT_HOUR_1'), 86_399);
  const minutes = Math.max(1, Math.round(Number(parameter(request, 'FID_HOUR_CLS_CODE')) / 60) || 1);
  const path = wanted < market.businessDate ? [] : pathBars(indexPath(market, UNDERLYING), market.businessDate);
  let turnoverWon = 0;
  const output2 = gatheredMinutes(path.map(contractBar), minutes)
    .map((bar) => {
      turnoverWon += bar.turnoverWon;
      return {
        stck_bsop_date: String(kstDate(bar.startUs)),
        stck_cntg_hour: hourText(kstSecond(bar.startUs)),
        ...priceFields(bar),
        cntg_vol: String(bar.volume),
        acml_tr_pbmn: String(Math.round(turnoverWon)),
      };
    })
    .filter(({ stck_cntg_hour }) => secondOf(stck_cntg_hour, 0) <= until)
    .reverse()
    .slice(0, MINUTES_A_CALL);
  return { body: { output1: summary(request, market), output2 } };
}

export function futuresDays(request: TransactionRequest, { market }: World): TransactionAnswer {
  checkCode(request);
  const period = parameter(request, 'FID_PERIOD_DIV_CODE') as Period;
  const from = Number(parameter(request, 'FID_INPUT_DATE_1'));
  const to = Math.min(Number(parameter(request, 'FID_INPUT_DATE_2')), market.businessDate);
  const lookBack = Math.min(Math.ceil(1.6 * DAYS_A_CALL * (DAYS_A_PERIOD[period] + 1)), HISTORY_DAYS_MAX);
  const days = market.indexDailyBars(UNDERLYING, Math.max(from, dateLater(to, -lookBack)), to);
  const output2 = gathered(days.map(contractBar), period)
    .slice(-DAYS_A_CALL)
    .reverse()
    .map((bar) => ({
      stck_bsop_date: String(kstDate(bar.startUs)),
      ...priceFields(bar),
      acml_vol: String(bar.volume),
      acml_tr_pbmn: String(Math.round(bar.turnoverWon)),
      mod_yn: 'N',
    }));
  return { body: { output1: summary(request, market), output2 } };
}

/** The contract, its underlying twice (KIS answers KOSPI200 and the index that was asked for). */
export function futuresPrice(request: TransactionRequest, { market }: World): TransactionAnswer {
  checkCode(request);
  const now = summary(request, market);
  const index = {
    bstp_cls_code: UNDERLYING,
    hts_kor_isnm: 'KOSPI200',
    bstp_nmix_prpr: now.kospi200_nmix,
    prdy_vrss_sign: now.kospi200_prdy_vrss_sign,
    bstp_nmix_prdy_vrss: now.kospi200_prdy_vrss,
    bstp_nmix_prdy_ctrt: now.kospi200_prdy_ctrt,
  };
  const output1 = {
    ...now,
    ...fill('hts_rmnn_dynu futs_last_tr_date', ''),
    ...fill('delta_val gama theta vega rho hist_vltl hts_ints_vltl acpr', '0.00'),
    futs_sdpr: now.futs_prdy_clpr,
    crbr_aply_mxpr: now.futs_mxpr,
    crbr_aply_llam: now.futs_llam,
    futs_lstn_medm_hgpr: now.futs_hgpr,
    futs_lstn_medm_lwpr: now.futs_lwpr,
    mrkt_basis: now.basis,
  };
  return { body: { output1, output2: index, output3: index } };
}

function checkCode(request: TransactionRequest): void {
  if (parameter(request, 'FID_COND_MRKT_DIV_CODE') !== 'F') {
    throw new Refusal('OPSQ2001', 'ERROR INVALID FID_COND_MRKT_DIV_CODE');
  }
  if (!CODE.test(parameter(request, 'FID_INPUT_ISCD'))) throw new Refusal('OPSQ2002');
}

/** The contract's bar of the index's: the same way, at the basis. */
function contractBar(bar: HistoryBar): HistoryBar {
  const volume = Math.round(bar.volume * CONTRACTS_A_SHARE);
  return {
    startUs: bar.startUs,
    openWon: bar.openWon + BASIS_POINTS,
    highWon: bar.highWon + BASIS_POINTS,
    lowWon: bar.lowWon + BASIS_POINTS,
    closeWon: bar.closeWon + BASIS_POINTS,
    volume,
    turnoverWon: volume * (bar.closeWon + BASIS_POINTS) * WON_A_POINT,
  };
}

function priceFields(bar: HistoryBar): Fields {
  return {
    futs_prpr: bar.closeWon.toFixed(2),
    futs_oprc: bar.openWon.toFixed(2),
    futs_hgpr: bar.highWon.toFixed(2),
    futs_lwpr: bar.lowWon.toFixed(2),
  };
}

function summary(request: TransactionRequest, market: World['market']): Fields {
  const index = market.indexQuote(UNDERLYING);
  const previous = market
    .indexDailyBars(UNDERLYING, dateLater(market.businessDate, -14), dateLater(market.businessDate, -1))
    .at(-1);
  const price = index.level + BASIS_POINTS;
  const previousPrice = index.previousClose + BASIS_POINTS;
  const volume = Math.round(index.volume * CONTRACTS_A_SHARE);
  return {
    ...fill('hts_otst_stpl_qty otst_stpl_qty_icdc', '0'),
    ...fill('tday_rltv dprt', '0.00'),
    ...fields({
      futs_prdy_vrss: (price - previousPrice).toFixed(2),
      prdy_vrss_sign: signOf(price - previousPrice),
      futs_prdy_ctrt: percent(price - previousPrice, previousPrice),
      futs_prdy_clpr: previousPrice.toFixed(2),
      prdy_nmix: index.previousClose.toFixed(2),
      acml_vol: volume,
      acml_tr_pbmn: Math.round(volume * price * WON_A_POINT),
      hts_kor_isnm: `F ${parameter(request, 'FID_INPUT_ISCD')}`,
      futs_prpr: price.toFixed(2),
      futs_shrn_iscd: parameter(request, 'FID_INPUT_ISCD'),
      prdy_vol: Math.round((previous?.volume ?? 0) * CONTRACTS_A_SHARE),
      futs_mxpr: (previousPrice * (1 + LIMIT_PART)).toFixed(2),
      futs_llam: (previousPrice * (1 - LIMIT_PART)).toFixed(2),
      futs_oprc: (index.open + BASIS_POINTS).toFixed(2),
      futs_hgpr: (index.high + BASIS_POINTS).toFixed(2),
      futs_lwpr: (index.low + BASIS_POINTS).toFixed(2),
      futs_prdy_oprc: ((previous?.openWon ?? 0) + BASIS_POINTS).toFixed(2),
      futs_prdy_hgpr: ((previous?.highWon ?? 0) + BASIS_POINTS).toFixed(2),
      futs_prdy_lwpr: ((previous?.lowWon ?? 0) + BASIS_POINTS).toFixed(2),
      futs_askp: (price + 0.05).toFixed(2),
      futs_bidp: price.toFixed(2),
      basis: BASIS_POINTS.toFixed(2),
      kospi200_nmix: index.level.toFixed(2),
      kospi200_prdy_vrss: (index.level - index.previousClose).toFixed(2),
      kospi200_prdy_ctrt: percent(index.level - index.previousClose, index.previousClose),
      kospi200_prdy_vrss_sign: signOf(index.level - index.previousClose),
      hts_thpr: index.level.toFixed(2),
    }),
  };
}
