// The account's balance: positions in pages, and the totals under each page.

import type { Account, Position } from './account.ts';
import { Refusal } from './answer.ts';
import { type Fields, fields, fill, percent } from './fields.ts';
import { parameter, type TransactionAnswer, type TransactionRequest, type World } from './transaction.ts';

export const POSITIONS_A_PAGE = { live: 50, paper: 20 } as const;
const KEY_LENGTH = 100;

export function balance(request: TransactionRequest, world: World): TransactionAnswer {
  const { account, market, environment } = world;
  const { number, product } = checkAccount(request, account);
  account.beginDay(market.businessDate);
  const { positions } = account;
  const size = POSITIONS_A_PAGE[environment];
  const after = request.continued ? parameter(request, 'CTX_AREA_NK100').trim() : '';
  const rest = positions.filter(({ code }) => code > after);
  const page = rest.slice(0, size);
  const more = rest.length > size;
  return {
    body: {
      ctx_area_fk100: `${number}^${product}^`.padEnd(KEY_LENGTH),
      ctx_area_nk100: (more ? page.at(-1)!.code : '').padEnd(KEY_LENGTH),
      output1: page.map((position) => positionFields(position, market)),
      output2: [totals(account, market)],
    },
    trCont: more ? (request.continued ? 'M' : 'F') : request.continued ? 'E' : 'D',
  };
}

/** The two parts of the account's number. Throws a Refusal for another's. */
export function checkAccount(request: TransactionRequest, account: Account): { number: string; product: string } {
  const [number, product] = account.number.split('-');
  if (parameter(request, 'CANO') !== number || parameter(request, 'ACNT_PRDT_CD') !== product) {
    throw new Refusal('OPSQ2000');
  }
  return { number, product };
}

/** KIS's price at the moment; what the market does not have is worth what was paid. */
function priceOf({ code, averageWon }: Position, market: World['market']): { priceWon: number; previousWon: number } {
  if (!market.has(code)) return { priceWon: averageWon, previousWon: averageWon };
  const { priceWon, previousCloseWon } = market.quote(code);
  return { priceWon, previousWon: previousCloseWon };
}

function positionFields(position: Position, market: World['market']): Fields {
  const { priceWon, previousWon } = priceOf(position, market);
  const paidWon = Math.round(position.averageWon * position.quantity);
  const worthWon = Math.round(priceWon * position.quantity);
  return {
    ...fill('bfdy_buy_qty bfdy_sll_qty loan_amt stln_slng_chgs sbst_pric', '0'),
    ...fill('loan_dt expd_dt item_mgna_rt_name grta_rt_name', ''),
    stck_loan_unpr: '0.0000',
    ...fields({
      pdno: position.code,
      prdt_name: position.name,
      trad_dvsn_name: '현금',
      thdt_buyqty: position.boughtToday,
      thdt_sll_qty: position.soldToday,
      hldg_qty: position.quantity,
      ord_psbl_qty: position.quantity,
      pchs_avg_pric: position.averageWon.toFixed(4),
      pchs_amt: paidWon,
      prpr: priceWon,
      evlu_amt: worthWon,
      evlu_pfls_amt: worthWon - paidWon,
      evlu_pfls_rt: percent(worthWon - paidWon, paidWon),
      evlu_erng_rt: percent(worthWon - paidWon, paidWon),
      fltt_rt: percent(priceWon - previousWon, previousWon),
      bfdy_cprs_icdc: priceWon - previousWon,
    }),
  };
}

/** What was paid for all positions, what they are worth now and were at the previous close, and that with cash. */
export function totalsOf(account: Account, market: World['market']) {
  let [paidWon, worthWon, yesterdayWon] = [0, 0, 0];
  for (const position of account.positions) {
    const { priceWon, previousWon } = priceOf(position, market);
    paidWon += Math.round(position.averageWon * position.quantity);
    worthWon += Math.round(priceWon * position.quantity);
    yesterdayWon += Math.round(previousWon * position.quantity);
  }
  return { paidWon, worthWon, yesterdayWon, totalWon: account.cashWon + worthWon };
}

function totals(account: Account, market: World['market']): Fields {
  const { paidWon, worthWon, yesterdayWon, totalWon } = totalsOf(account, market);
  const totalYesterdayWon = account.cashWon + yesterdayWon;
  return {
    ...fill('cma_evlu_amt bfdy_buy_amt nxdy_auto_rdpt_amt bfdy_sll_amt d2_auto_rdpt_amt bfdy_tlex_amt', '0'),
    ...fill('thdt_tlex_amt tot_loan_amt tot_stln_slng_chgs', '0'),
    fncg_gld_auto_rdpt_yn: '',
    ...fields({
      dnca_tot_amt: account.cashWon,
      nxdy_excc_amt: account.cashWon,
      prvs_rcdl_excc_amt: account.cashWon,
      thdt_buy_amt: account.boughtTodayWon,
      thdt_sll_amt: account.soldTodayWon,
      scts_evlu_amt: worthWon,
      tot_evlu_amt: totalWon,
      nass_amt: totalWon,
      pchs_amt_smtl_amt: paidWon,
      evlu_amt_smtl_amt: worthWon,
      evlu_pfls_smtl_amt: worthWon - paidWon,
      bfdy_tot_asst_evlu_amt: totalYesterdayWon,
      asst_icdc_amt: totalWon - totalYesterdayWon,
      asst_icdc_erng_rt: percent(totalWon - totalYesterdayWon, totalYesterdayWon),
    }),
  };
}
