// The TRs of an account: balances, what could be bought, lists of orders, and orders themselves. KIS names each twice,
// for live and for paper trading. Table of `transactions.ts`, whose sources these have.
import { balance } from './balance.ts';
import {
  noDailyOrders,
  noOpenOrders,
  noOverseasOrders,
  noOverseasProfits,
  noTradeProfits,
  orderable,
  refuseOrder,
} from './orders.ts';
import { ledger, overseasBalance, overseasOrderable, presentBalance } from './overseas-account.ts';
import type { Parameters, Transaction } from './transaction.ts';

const DOMESTIC = '/uapi/domestic-stock/v1/trading';
const OVERSEAS = '/uapi/overseas-stock/v1/trading';

type Answer = Transaction['answer'];
type Row = readonly [string, Transaction];

/** Names that may hold anything; an account's number is among those of all. */
function texts(names: string): Parameters {
  return Object.fromEntries(
    `CANO ACNT_PRDT_CD ${names}`
      .trim()
      .split(/\s+/)
      .map((name) => [name, 'text']),
  );
}

const PAGES_100 = 'CTX_AREA_FK100 CTX_AREA_NK100';
const PAGES_200 = 'CTX_AREA_FK200 CTX_AREA_NK200';
const BALANCE = texts(`AFHR_FLPR_YN OFL_YN INQR_DVSN UNPR_DVSN FUND_STTL_ICLD_YN FNCG_AMT_AUTO_RDPT_YN PRCS_DVSN
  ${PAGES_100}`);
const DAILY_ORDERS = texts(`INQR_STRT_DT INQR_END_DT SLL_BUY_DVSN_CD PDNO CCLD_DVSN INQR_DVSN ORD_GNO_BRNO ODNO
  ${PAGES_100}`);

/** IDs of live and of paper trading, each list separated by spaces. */
function inquiries(path: string, live: string, paper: string, parameters: Parameters, answer: Answer): Row[] {
  return rows('GET', path, live, paper, parameters, answer);
}

/** Orders are not read: whatever is in one, it is refused. */
function orders(path: string, live: string, paper: string): Row[] {
  return rows('POST', path, live, paper, {}, refuseOrder);
}

function rows(
  method: Transaction['method'],
  path: string,
  live: string,
  paper: string,
  parameters: Parameters,
  answer: Answer,
): Row[] {
  const of = (environment: 'live' | 'paper', ids: string): Row[] =>
    ids
      .split(/\s+/)
      .filter((id) => id !== '')
      .map((id) => [id, { method, path, environments: [environment], parameters, answer }]);
  return [...of('live', live), ...of('paper', paper)];
}

export const ACCOUNT_TRANSACTIONS: readonly Row[] = [
  ...inquiries(`${DOMESTIC}/inquire-balance`, 'TTTC8434R', 'VTTC8434R', BALANCE, balance),
  ...inquiries(
    `${DOMESTIC}/inquire-psbl-order`,
    'TTTC8908R',
    'VTTC8908R',
    texts('PDNO ORD_UNPR ORD_DVSN CMA_EVLU_AMT_ICLD_YN OVRS_ICLD_YN'),
    orderable,
  ),
  ...inquiries(
    `${DOMESTIC}/inquire-psbl-rvsecncl`,
    'TTTC0084R TTTC8036R',
    '',
    texts(`INQR_DVSN_1 INQR_DVSN_2 ${PAGES_100}`),
    noOpenOrders,
  ),
  ...inquiries(
    `${DOMESTIC}/inquire-daily-ccld`,
    'TTTC0081R CTSC9215R TTTC8001R CTSC9115R',
    'VTTC0081R VTSC9215R VTTC8001R VTSC9115R',
    DAILY_ORDERS,
    noDailyOrders,
  ),
  ...inquiries(
    `${DOMESTIC}/inquire-period-trade-profit`,
    'TTTC8715R',
    '',
    texts(`SORT_DVSN PDNO INQR_STRT_DT INQR_END_DT CBLC_DVSN ${PAGES_100}`),
    noTradeProfits,
  ),
  ...inquiries(
    `${OVERSEAS}/inquire-balance`,
    'TTTS3012R JTTT3012R',
    'VTTS3012R VTTT3012R',
    texts(`OVRS_EXCG_CD TR_CRCY_CD ${PAGES_200}`),
    overseasBalance,
  ),
  ...inquiries(
    `${OVERSEAS}/inquire-present-balance`,
    'CTRP6504R',
    'VTRP6504R',
    texts('WCRC_FRCR_DVSN_CD NATN_CD TR_MKET_CD INQR_DVSN_CD'),
    presentBalance,
  ),
  ...inquiries(
    `${OVERSEAS}/inquire-psamount`,
    'TTTS3007R',
    'VTTS3007R',
    texts('OVRS_EXCG_CD OVRS_ORD_UNPR ITEM_CD'),
    overseasOrderable,
  ),
  ...inquiries(
    `${OVERSEAS}/inquire-nccs`,
    'TTTS3018R',
    'VTTS3018R',
    texts(`OVRS_EXCG_CD SORT_SQN ${PAGES_200}`),
    noOverseasOrders,
  ),
  ...inquiries(
    `${OVERSEAS}/inquire-ccnl`,
    'TTTS3035R',
    'VTTS3035R',
    texts(`OVRS_EXCG_CD SORT_SQN ${PAGES_200}`),
    noOverseasOrders,
  ),
  ...inquiries(
    `${OVERSEAS}/inquire-period-profit`,
    'TTTS3039R',
    '',
    texts(`OVRS_EXCG_CD INQR_STRT_DT INQR_END_DT ${PAGES_200}`),
    noOverseasProfits,
  ),
  ...inquiries(`${OVERSEAS}/dayornight`, 'JTTT3010R', 'VTTT3010R', {}, ledger),
  ...orders(
    `${DOMESTIC}/order-cash`,
    'TTTC0011U TTTC0012U TTTC0801U TTTC0802U',
    'VTTC0011U VTTC0012U VTTC0801U VTTC0802U',
  ),
  ...orders(`${DOMESTIC}/order-credit`, 'TTTC0051U TTTC0052U TTTC0851U TTTC0852U', ''),
  ...orders(`${DOMESTIC}/order-rvsecncl`, 'TTTC0013U TTTC0803U', 'VTTC0013U VTTC0803U'),
  ...orders(
    `${OVERSEAS}/order`,
    'TTTT1002U TTTT1006U JTTT1002U JTTT1006U TTTS0308U TTTS0307U TTTS0202U TTTS1005U TTTS1002U TTTS1001U TTTS0305U TTTS0304U TTTS0311U TTTS0310U',
    'VTTT1002U VTTT1001U VTTT1006U VTTS0308U VTTS0307U VTTS0202U VTTS1005U VTTS1002U VTTS1001U VTTS0305U VTTS0304U VTTS0311U VTTS0310U',
  ),
  ...orders(
    `${OVERSEAS}/order-rvsecncl`,
    'TTTT1004U JTTT1004U TTTS1003U TTTS0309U TTTS0302U TTTS0306U TTTS0312U',
    'VTTT1004U VTTS1003U VTTS0309U VTTS0302U VTTS0306U VTTS0312U',
  ),
  ...orders(`${OVERSEAS}/daytime-order`, 'TTTS6036U TTTS6037U', ''),
  ...orders(`${OVERSEAS}/daytime-order-rvsecncl`, 'TTTS6038U', ''),
];
