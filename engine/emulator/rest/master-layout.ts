// Columns of KIS's symbol masters: fixed width, CP949, one line a symbol. A line is
//
//   short code (9) | standard code (12) | name (40 bytes) | tail, as wide as its columns together
//
// Widths are those of stocks_info/kis_{kospi,kosdaq,konex}_code_mst.py in koreainvestment/open-trading-api, names those of
// the C structures beside them: KOSPI 70 columns (227 characters), KOSDAQ 64 (221), KONEX 38 (184). Readers slice the
// tail from a line's end, in decoded characters: the name's width in characters depends on how much of it is Korean.

export interface Column {
  readonly name: string;
  readonly width: number;
}

export const SHORT_CODE_WIDTH = 9;
export const STANDARD_CODE_WIDTH = 12;
export const NAME_BYTES = 40;

/** `name:width`, separated by spaces. */
function columns(text: string): readonly Column[] {
  return text
    .trim()
    .split(/\s+/)
    .map((column) => {
      const [name, width] = column.split(':');
      return { name, width: Number(width) };
    });
}

const SECTORS = 'bstp_larg_div_code:4 bstp_medm_div_code:4 bstp_smal_div_code:4';
const TRADING = `
  stck_sdpr:9 frml_mrkt_deal_qty_unit:5 ovtm_mrkt_deal_qty_unit:5 trht_yn:1 sltr_yn:1 mang_issu_yn:1
  mrkt_alrm_cls_code:2 mrkt_alrm_risk_adnt_yn:1 insn_pbnt_yn:1 byps_lstn_yn:1 flng_cls_code:2 fcam_mod_cls_code:2
  icic_cls_code:2 marg_rate:3 crdt_able:1 crdt_days:3 prdy_vol:12 stck_fcam:12 stck_lstn_date:8 lstn_stcn:15 cpfn:21
  stac_month:2 po_prc:7 prst_cls_code:1 ssts_hot_yn:1 stange_runup_yn:1 krx300_issu_yn:1`;
const RESULTS = 'sale_account:9 bsop_prfi:9 op_prfi:9 thtr_ntin:5 roe:9 base_date:8 prdy_avls_scal:9';
const LENDING = 'co_crdt_limt_over_yn:1 secu_lend_able_yn:1 stln_able_yn:1';

export const KOSPI_COLUMNS = columns(`
  scrt_grp_cls_code:2 avls_scal_cls_code:1 ${SECTORS} mnin_cls_code_yn:1 low_current_yn:1 sprn_strr_nmix_issu_yn:1
  kospi200_apnt_cls_code:1 kospi100_issu_yn:1 kospi50_issu_yn:1 krx_issu_yn:1 etp_prod_cls_code:1 elw_pblc_yn:1
  krx100_issu_yn:1 krx_car_yn:1 krx_smcn_yn:1 krx_bio_yn:1 krx_bank_yn:1 etpr_undt_objt_co_yn:1 krx_enrg_chms_yn:1
  krx_stel_yn:1 short_over_cls_code:1 krx_medi_cmnc_yn:1 krx_cnst_yn:1 krx_fnnc_svc_yn:1 krx_scrt_yn:1 krx_ship_yn:1
  krx_insu_yn:1 krx_trnp_yn:1 sri_nmix_yn:1 ${TRADING} kospi_issu_yn:1 ${RESULTS} grp_code:3 ${LENDING}`);

export const KOSDAQ_COLUMNS = columns(`
  scrt_grp_cls_code:2 avls_scal_cls_code:1 ${SECTORS} vntr_issu_yn:1 low_current_yn:1 krx_issu_yn:1
  etp_prod_cls_code:1 krx100_issu_yn:1 krx_car_yn:1 krx_smcn_yn:1 krx_bio_yn:1 krx_bank_yn:1 etpr_undt_objt_co_yn:1
  krx_enrg_chms_yn:1 krx_stel_yn:1 short_over_cls_code:1 krx_medi_cmnc_yn:1 krx_cnst_yn:1 invt_alrm_yn:1 krx_scrt_yn:1
  krx_ship_yn:1 krx_insu_yn:1 krx_trnp_yn:1 ksq150_nmix_yn:1 ${TRADING} ${RESULTS} grp_code:3 ${LENDING}`);

export const KONEX_COLUMNS = columns(`scrt_grp_cls_code:2 ${TRADING} ${RESULTS} ${LENDING}`);

/** Columns that are numbers: zeros in front. All others are text: blanks behind. */
export const NUMBER_COLUMNS: ReadonlySet<string> = new Set(
  `bstp_larg_div_code bstp_medm_div_code bstp_smal_div_code stck_sdpr frml_mrkt_deal_qty_unit ovtm_mrkt_deal_qty_unit
  marg_rate crdt_days prdy_vol stck_fcam lstn_stcn cpfn po_prc sale_account bsop_prfi op_prfi thtr_ntin roe
  prdy_avls_scal`.split(/\s+/),
);
