// For tests: what each TR of the account answers to a good request. Fields are those of the same samples; lists that are
// always empty have none.
import type { Contract } from './contracts.ts';

const ACCOUNT = { CANO: '12345678', ACNT_PRDT_CD: '01' };
const PAGES_100 = { CTX_AREA_FK100: '', CTX_AREA_NK100: '' };
const PAGES_200 = { CTX_AREA_FK200: '', CTX_AREA_NK200: '' };
const DATES = { INQR_STRT_DT: '20260901', INQR_END_DT: '20260922' };

const BALANCE: Contract = {
  parameters: {
    ...{ CANO: '12345678', ACNT_PRDT_CD: '01', AFHR_FLPR_YN: 'N', OFL_YN: '', INQR_DVSN: '02', UNPR_DVSN: '01' },
    ...{ FUND_STTL_ICLD_YN: 'N', FNCG_AMT_AUTO_RDPT_YN: 'N', PRCS_DVSN: '00', CTX_AREA_FK100: '', CTX_AREA_NK100: '' },
  },
  lists: {
    output1: {
      names: `pdno prdt_name trad_dvsn_name bfdy_buy_qty bfdy_sll_qty thdt_buyqty thdt_sll_qty hldg_qty ord_psbl_qty
        pchs_avg_pric pchs_amt prpr evlu_amt evlu_pfls_amt evlu_pfls_rt evlu_erng_rt loan_dt loan_amt stln_slng_chgs
        expd_dt fltt_rt bfdy_cprs_icdc item_mgna_rt_name grta_rt_name sbst_pric stck_loan_unpr`,
      rowsMax: 50,
    },
    output2: {
      names: `dnca_tot_amt nxdy_excc_amt prvs_rcdl_excc_amt cma_evlu_amt bfdy_buy_amt thdt_buy_amt nxdy_auto_rdpt_amt
        bfdy_sll_amt thdt_sll_amt d2_auto_rdpt_amt bfdy_tlex_amt thdt_tlex_amt tot_loan_amt scts_evlu_amt tot_evlu_amt
        nass_amt fncg_gld_auto_rdpt_yn pchs_amt_smtl_amt evlu_amt_smtl_amt evlu_pfls_smtl_amt tot_stln_slng_chgs
        bfdy_tot_asst_evlu_amt asst_icdc_amt asst_icdc_erng_rt`,
      rowsMax: 1,
    },
  },
};

const ORDERABLE: Contract = {
  parameters: {
    ...ACCOUNT,
    ...{ PDNO: '005930', ORD_UNPR: '70000', ORD_DVSN: '00', CMA_EVLU_AMT_ICLD_YN: 'N', OVRS_ICLD_YN: 'N' },
  },
  objects: {
    output: `ord_psbl_cash ord_psbl_sbst ruse_psbl_amt fund_rpch_psbl_amt psbl_qty_calc_unpr nrcvb_buy_amt nrcvb_buy_qty
      max_buy_amt max_buy_qty cma_evlu_amt ovrs_re_use_amt_wcrc ord_psbl_frcr_amt_wcrc`,
  },
};
const OPEN_ORDERS: Contract = { parameters: { ...ACCOUNT, ...PAGES_100, INQR_DVSN_1: '0', INQR_DVSN_2: '0' } };
const DAILY_ORDERS: Contract = {
  parameters: {
    ...{ ...ACCOUNT, ...DATES, ...PAGES_100, SLL_BUY_DVSN_CD: '00', PDNO: '', CCLD_DVSN: '00', INQR_DVSN: '00' },
    ...{ ORD_GNO_BRNO: '', ODNO: '' },
  },
  objects: { output2: 'tot_ord_qty tot_ccld_qty pchs_avg_pric tot_ccld_amt prsm_tlex_smtl' },
};
const TRADE_PROFIT: Contract = {
  parameters: { ...ACCOUNT, ...DATES, ...PAGES_100, SORT_DVSN: '00', PDNO: '', CBLC_DVSN: '00' },
  objects: {
    output2: `sll_qty_smtl sll_tr_amt_smtl sll_fee_smtl sll_tltx_smtl sll_excc_amt_smtl buy_qty_smtl buy_tr_amt_smtl
      buy_fee_smtl buy_tax_smtl buy_excc_amt_smtl tot_qty tot_tr_amt tot_fee tot_tltx tot_excc_amt tot_rlzt_pfls loan_int
      tot_pftrt`,
  },
};
const OVERSEAS_BALANCE: Contract = {
  parameters: { ...ACCOUNT, ...PAGES_200, OVRS_EXCG_CD: 'NASD', TR_CRCY_CD: 'USD' },
  objects: {
    output2: `frcr_pchs_amt1 ovrs_rlzt_pfls_amt ovrs_tot_pfls rlzt_erng_rt tot_evlu_pfls_amt tot_pftrt
      frcr_buy_amt_smtl1 ovrs_rlzt_pfls_amt2 frcr_buy_amt_smtl2`,
  },
};
const PRESENT_BALANCE: Contract = {
  parameters: { ...ACCOUNT, WCRC_FRCR_DVSN_CD: '02', NATN_CD: '000', TR_MKET_CD: '00', INQR_DVSN_CD: '00' },
  objects: {
    output3: `pchs_amt_smtl evlu_amt_smtl evlu_pfls_amt_smtl dncl_amt cma_evlu_amt tot_dncl_amt etc_mgna
      wdrw_psbl_tot_amt frcr_evlu_tota evlu_erng_rt1 pchs_amt_smtl_amt evlu_amt_smtl_amt tot_evlu_pfls_amt tot_asst_amt
      buy_mgn_amt mgna_tota frcr_use_psbl_amt ustl_sll_amt_smtl ustl_buy_amt_smtl tot_frcr_cblc_smtl tot_loan_amt`,
  },
  lists: {
    output2: {
      names: `crcy_cd crcy_cd_name frcr_buy_amt_smtl frcr_sll_amt_smtl frcr_dncl_amt_2 frst_bltn_exrt frcr_buy_mgn_amt
        frcr_etc_mgna frcr_drwg_psbl_amt_1 frcr_evlu_amt2 acpl_cstd_crcy_yn nxdy_frcr_drwg_psbl_amt`,
      rowsMax: 1,
    },
  },
};
const OVERSEAS_ORDERABLE: Contract = {
  parameters: { ...ACCOUNT, OVRS_EXCG_CD: 'NASD', OVRS_ORD_UNPR: '100', ITEM_CD: 'AAPL' },
  objects: {
    output: `tr_crcy_cd ord_psbl_frcr_amt sll_ruse_psbl_amt ovrs_ord_psbl_amt max_ord_psbl_qty echm_af_ord_psbl_amt
      echm_af_ord_psbl_qty ord_psbl_qty exrt frcr_ord_psbl_amt1 ovrs_max_ord_psbl_qty`,
  },
};
const OVERSEAS_ORDERS: Contract = {
  parameters: { ...ACCOUNT, ...PAGES_200, OVRS_EXCG_CD: 'NASD', SORT_SQN: 'DS' },
};
const OVERSEAS_PROFIT: Contract = {
  parameters: { ...ACCOUNT, ...DATES, ...PAGES_200, OVRS_EXCG_CD: '' },
  objects: {
    output2: `stck_sll_amt_smtl stck_buy_amt_smtl smtl_fee1 excc_dfrm_amt ovrs_rlzt_pfls_tot_amt tot_pftrt bass_dt
      exrt`,
  },
};
const LEDGER: Contract = { parameters: {}, objects: { output: 'PSBL_YN' } };

export const ACCOUNT_CONTRACTS: Readonly<Record<string, Contract>> = {
  ...same('TTTC8434R VTTC8434R', BALANCE),
  ...same('TTTC8908R VTTC8908R', ORDERABLE),
  ...same('TTTC0084R TTTC8036R', OPEN_ORDERS),
  ...same('TTTC0081R CTSC9215R TTTC8001R CTSC9115R VTTC0081R VTSC9215R VTTC8001R VTSC9115R', DAILY_ORDERS),
  ...same('TTTC8715R', TRADE_PROFIT),
  ...same('TTTS3012R JTTT3012R VTTS3012R VTTT3012R', OVERSEAS_BALANCE),
  ...same('CTRP6504R VTRP6504R', PRESENT_BALANCE),
  ...same('TTTS3007R VTTS3007R', OVERSEAS_ORDERABLE),
  ...same('TTTS3018R VTTS3018R TTTS3035R VTTS3035R', OVERSEAS_ORDERS),
  ...same('TTTS3039R', OVERSEAS_PROFIT),
  ...same('JTTT3010R VTTT3010R', LEDGER),
};

function same(trIds: string, contract: Contract): Record<string, Contract> {
  return Object.fromEntries(trIds.split(' ').map((trId) => [trId, contract]));
}
