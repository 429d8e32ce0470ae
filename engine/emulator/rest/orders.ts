// Orders and what KIS tells about them. The emulator takes none: nothing behind it could fill them, and kisignal places
// none. So each is refused, lists of orders are empty, and only what could be bought is a number.
import { Refusal } from './answer.ts';
import { checkAccount } from './balance.ts';
import { type Fields, fields, fill } from './fields.ts';
import { parameter, type TransactionAnswer, type TransactionRequest, type World } from './transaction.ts';

const HUNDRED = 100;
const TWO_HUNDRED = 200;

const TRADE_PROFIT_TOTALS: Fields = {
  ...fill('sll_qty_smtl sll_tr_amt_smtl sll_fee_smtl sll_tltx_smtl sll_excc_amt_smtl buy_qty_smtl', '0'),
  ...fill('buy_tr_amt_smtl buy_fee_smtl buy_tax_smtl buy_excc_amt_smtl tot_qty tot_tr_amt tot_fee tot_tltx', '0'),
  ...fill('tot_excc_amt tot_rlzt_pfls loan_int', '0'),
  tot_pftrt: '0.00',
};
const DAILY_TOTALS: Fields = {
  ...fill('tot_ord_qty tot_ccld_qty tot_ccld_amt prsm_tlex_smtl', '0'),
  pchs_avg_pric: '0.0000',
};
const OVERSEAS_PROFIT_TOTALS: Fields = {
  ...fill('stck_sll_amt_smtl stck_buy_amt_smtl smtl_fee1 excc_dfrm_amt ovrs_rlzt_pfls_tot_amt', '0.00000000'),
  ...{ tot_pftrt: '0.00', bass_dt: '', exrt: '0.00' },
};

export function refuseOrder(): TransactionAnswer {
  throw new Refusal('APBK1234');
}

/** For a market order KIS counts with the upper limit; fees and margin are not modelled. */
export function orderable(request: TransactionRequest, { account, market }: World): TransactionAnswer {
  checkAccount(request, account);
  const code = parameter(request, 'PDNO');
  const limitWon = market.has(code) ? market.quote(code).upperLimitWon : 0;
  const priceWon = Number(parameter(request, 'ORD_UNPR')) || limitWon;
  const cashWon = Math.max(0, account.cashWon);
  const quantity = priceWon > 0 ? Math.floor(cashWon / priceWon) : 0;
  return {
    body: {
      output: {
        ...fill('ord_psbl_sbst ruse_psbl_amt fund_rpch_psbl_amt cma_evlu_amt', '0'),
        ...fill('ovrs_re_use_amt_wcrc ord_psbl_frcr_amt_wcrc', '0'),
        ...fields({
          ord_psbl_cash: cashWon,
          psbl_qty_calc_unpr: priceWon,
          nrcvb_buy_amt: cashWon,
          nrcvb_buy_qty: quantity,
          max_buy_amt: cashWon,
          max_buy_qty: quantity,
        }),
      },
    },
  };
}

export const noOpenOrders = nothing(HUNDRED, { output: [] });
export const noDailyOrders = nothing(HUNDRED, { output1: [], output2: DAILY_TOTALS });
export const noTradeProfits = nothing(HUNDRED, { output1: [], output2: TRADE_PROFIT_TOTALS });
export const noOverseasOrders = nothing(TWO_HUNDRED, { output: [] });
export const noOverseasProfits = nothing(TWO_HUNDRED, { output1: [], output2: OVERSEAS_PROFIT_TOTALS });

/** An answer without rows, whose page is the only one. Keys of pages have so many characters. */
function nothing(keyLength: number, body: Readonly<Record<string, unknown>>) {
  const empty = ' '.repeat(keyLength);
  return (request: TransactionRequest, { account }: World): TransactionAnswer => {
    checkAccount(request, account);
    return {
      body: { [`ctx_area_fk${keyLength}`]: empty, [`ctx_area_nk${keyLength}`]: empty, ...body },
      trCont: 'D',
    };
  };
}
