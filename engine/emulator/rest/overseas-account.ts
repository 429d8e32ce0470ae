// The account abroad: it holds no overseas stocks and no foreign money, only won that could be exchanged. The rate of
// exchange is a constant.
import { checkAccount, totalsOf } from './balance.ts';
import { type Fields, fields, fill } from './fields.ts';
import { overseasPrice } from './overseas-price.ts';
import { parameter, type TransactionAnswer, type TransactionRequest, type World } from './transaction.ts';

/** Won a dollar. */
export const WON_A_DOLLAR = 1_380.5;
const KEY_LENGTH = 200;

/** 체결기준현재잔고. */
export function presentBalance(request: TransactionRequest, { account, market }: World): TransactionAnswer {
  checkAccount(request, account);
  const { paidWon, worthWon, totalWon } = totalsOf(account, market);
  return {
    body: {
      output1: [],
      output2: [dollars()],
      output3: {
        ...fill('evlu_pfls_amt_smtl pchs_amt_smtl evlu_amt_smtl cma_evlu_amt etc_mgna frcr_evlu_tota', '0'),
        ...fill('buy_mgn_amt mgna_tota frcr_use_psbl_amt ustl_sll_amt_smtl ustl_buy_amt_smtl', '0'),
        ...fill('tot_frcr_cblc_smtl tot_loan_amt', '0'),
        evlu_erng_rt1: '0.00',
        ...fields({
          dncl_amt: account.cashWon,
          tot_dncl_amt: account.cashWon,
          wdrw_psbl_tot_amt: account.cashWon,
          pchs_amt_smtl_amt: paidWon,
          evlu_amt_smtl_amt: worthWon,
          tot_evlu_pfls_amt: worthWon - paidWon,
          tot_asst_amt: totalWon,
        }),
      },
    },
  };
}

function dollars(): Fields {
  return {
    ...fill('frcr_buy_amt_smtl frcr_sll_amt_smtl frcr_dncl_amt_2 frcr_buy_mgn_amt frcr_etc_mgna', '0.00'),
    ...fill('frcr_drwg_psbl_amt_1 frcr_evlu_amt2 nxdy_frcr_drwg_psbl_amt', '0.00'),
    ...{ crcy_cd: 'USD', crcy_cd_name: '미국 달러', acpl_cstd_crcy_yn: 'N' },
    frst_bltn_exrt: WON_A_DOLLAR.toFixed(8),
  };
}

/** 해외주식 잔고: nothing is held. */
export function overseasBalance(request: TransactionRequest, { account }: World): TransactionAnswer {
  checkAccount(request, account);
  const empty = ' '.repeat(KEY_LENGTH);
  return {
    body: {
      ctx_area_fk200: empty,
      ctx_area_nk200: empty,
      output1: [],
      output2: {
        ...fill('frcr_pchs_amt1 ovrs_rlzt_pfls_amt ovrs_tot_pfls tot_evlu_pfls_amt', '0.00000'),
        ...fill('frcr_buy_amt_smtl1 ovrs_rlzt_pfls_amt2 frcr_buy_amt_smtl2', '0.00000'),
        ...fill('rlzt_erng_rt tot_pftrt', '0.00000000'),
      },
    },
    trCont: 'D',
  };
}

/** What all won would buy once they were exchanged; no dollars are there. */
export function overseasOrderable(request: TransactionRequest, { account, market }: World): TransactionAnswer {
  checkAccount(request, account);
  const asked = Number(parameter(request, 'OVRS_ORD_UNPR'));
  const price = asked > 0 ? asked : overseasPrice(parameter(request, 'ITEM_CD'), market.timeUs);
  const affordable = Math.max(0, account.cashWon) / WON_A_DOLLAR;
  const quantity = Math.floor(affordable / price);
  return {
    body: {
      output: {
        ...fill('ord_psbl_frcr_amt sll_ruse_psbl_amt ovrs_ord_psbl_amt', '0.00'),
        ...fields({
          tr_crcy_cd: 'USD',
          max_ord_psbl_qty: 0,
          ord_psbl_qty: 0,
          echm_af_ord_psbl_amt: affordable.toFixed(2),
          echm_af_ord_psbl_qty: quantity,
          exrt: WON_A_DOLLAR.toFixed(4),
          frcr_ord_psbl_amt1: affordable.toFixed(6),
          ovrs_max_ord_psbl_qty: quantity,
        }),
      },
    },
  };
}

/** Which ledger overseas orders go to; there is one only. */
export function ledger(): TransactionAnswer {
  return { body: { output: { PSBL_YN: 'N' } } };
}
