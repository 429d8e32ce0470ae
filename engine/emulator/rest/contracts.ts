// For tests: what each TR answers to a good request. Fields are those of the chk_*.py samples in
// koreainvestment/open-trading-api, and of the portal where there is none.
import { ACCOUNT_CONTRACTS } from './account-contracts.ts';
import { OVERSEAS_CONTRACTS } from './overseas-contracts.ts';

export interface Contract {
  readonly parameters: Record<string, string>;
  /** Names of an object, or of each row of a list. */
  readonly objects?: Record<string, string>;
  readonly lists?: Record<string, { readonly names: string; readonly rowsMax: number }>;
}

const STOCK = { FID_COND_MRKT_DIV_CODE: 'J', FID_INPUT_ISCD: '005930' };
const INDEX = { FID_COND_MRKT_DIV_CODE: 'U', FID_INPUT_ISCD: '0001' };
const FUTURE = { FID_COND_MRKT_DIV_CODE: 'F', FID_INPUT_ISCD: '101W12' };
const DATES = { FID_INPUT_DATE_1: '20250101', FID_INPUT_DATE_2: '20260922', FID_PERIOD_DIV_CODE: 'D' };

const CHANGE = 'prdy_vrss prdy_vrss_sign prdy_ctrt';
const MINUTE = 'stck_bsop_date stck_cntg_hour stck_prpr stck_oprc stck_hgpr stck_lwpr cntg_vol acml_tr_pbmn';
const MINUTE_SUMMARY = `${CHANGE} stck_prdy_clpr acml_vol acml_tr_pbmn hts_kor_isnm stck_prpr`;
const INDEX_LEVEL = 'bstp_nmix_prpr bstp_nmix_prdy_vrss prdy_vrss_sign bstp_nmix_prdy_ctrt acml_vol acml_tr_pbmn';
const INDEX_SUMMARY = `${INDEX_LEVEL} prdy_nmix hts_kor_isnm bstp_cls_code prdy_vol bstp_nmix_oprc bstp_nmix_hgpr
  bstp_nmix_lwpr futs_prdy_oprc futs_prdy_hgpr futs_prdy_lwpr`;
const FUTURE_INDEX = `bstp_cls_code hts_kor_isnm bstp_nmix_prpr prdy_vrss_sign bstp_nmix_prdy_vrss
  bstp_nmix_prdy_ctrt`;
const FUTURE_PRICE = `hts_kor_isnm futs_prpr futs_prdy_vrss prdy_vrss_sign futs_prdy_clpr futs_prdy_ctrt acml_vol
  acml_tr_pbmn hts_otst_stpl_qty otst_stpl_qty_icdc futs_oprc futs_hgpr futs_lwpr futs_mxpr futs_llam basis hts_thpr dprt`;
const FUTURE_SUMMARY = `futs_prdy_vrss prdy_vrss_sign futs_prdy_ctrt futs_prdy_clpr acml_vol acml_tr_pbmn hts_kor_isnm
  futs_prpr futs_shrn_iscd prdy_vol futs_mxpr futs_llam futs_oprc futs_hgpr futs_lwpr futs_prdy_oprc futs_prdy_hgpr
  futs_prdy_lwpr futs_askp futs_bidp basis kospi200_nmix kospi200_prdy_vrss kospi200_prdy_ctrt kospi200_prdy_vrss_sign
  hts_otst_stpl_qty otst_stpl_qty_icdc tday_rltv hts_thpr dprt`;
const ladder = (names: string) =>
  names
    .split(' ')
    .flatMap((name) => Array.from({ length: 10 }, (_, level) => name + (level + 1)))
    .join(' ');
const multiple = Object.fromEntries(
  ['005930', '000660', '247540'].flatMap((code, slot) => [
    [`FID_COND_MRKT_DIV_CODE_${slot + 1}`, 'J'],
    [`FID_INPUT_ISCD_${slot + 1}`, code],
  ]),
);

export const CONTRACTS: Record<string, Contract> = {
  FHKST01010100: {
    parameters: STOCK,
    objects: {
      output: `iscd_stat_cls_code marg_rate rprs_mrkt_kor_name new_hgpr_lwpr_cls_code bstp_kor_isnm temp_stop_yn
        oprc_rang_cont_yn clpr_rang_cont_yn crdt_able_yn grmn_rate_cls_code elw_pblc_yn stck_prpr ${CHANGE} acml_tr_pbmn
        acml_vol prdy_vrss_vol_rate stck_oprc stck_hgpr stck_lwpr stck_mxpr stck_llam stck_sdpr wghn_avrg_stck_prc
        hts_frgn_ehrt frgn_ntby_qty pgtr_ntby_qty pvt_scnd_dmrs_prc pvt_frst_dmrs_prc pvt_pont_val pvt_frst_dmsp_prc
        pvt_scnd_dmsp_prc dmrs_val dmsp_val cpfn rstc_wdth_prc stck_fcam stck_sspr aspr_unit hts_deal_qty_unit_val
        lstn_stcn hts_avls per pbr stac_month vol_tnrt eps bps d250_hgpr d250_hgpr_date d250_hgpr_vrss_prpr_rate
        d250_lwpr d250_lwpr_date d250_lwpr_vrss_prpr_rate stck_dryy_hgpr dryy_hgpr_vrss_prpr_rate dryy_hgpr_date
        stck_dryy_lwpr dryy_lwpr_vrss_prpr_rate dryy_lwpr_date w52_hgpr w52_hgpr_vrss_prpr_ctrt w52_hgpr_date w52_lwpr
        w52_lwpr_vrss_prpr_ctrt w52_lwpr_date whol_loan_rmnd_rate ssts_yn stck_shrn_iscd fcam_cnnm cpfn_cnnm
        apprch_rate frgn_hldn_qty vi_cls_code ovtm_vi_cls_code last_ssts_cntg_qty invt_caful_yn mrkt_warn_cls_code
        short_over_yn sltr_yn mang_issu_cls_code`,
    },
  },
  FHPST01010000: {
    parameters: STOCK,
    objects: {
      output: `rprs_mrkt_kor_name new_hgpr_lwpr_cls_code mxpr_llam_cls_code crdt_able_yn stck_mxpr elw_pblc_yn
        prdy_clpr_vrss_oprc_rate crdt_rate marg_rate lwpr_vrss_prpr lwpr_vrss_prpr_sign prdy_clpr_vrss_lwpr_rate
        stck_lwpr hgpr_vrss_prpr hgpr_vrss_prpr_sign prdy_clpr_vrss_hgpr_rate stck_hgpr oprc_vrss_prpr
        oprc_vrss_prpr_sign mang_issu_yn divi_app_cls_code short_over_yn mrkt_warn_cls_code invt_caful_yn
        stange_runup_yn ssts_hot_yn low_current_yn vi_cls_code short_over_cls_code stck_llam new_lstn_cls_name
        vlnt_deal_cls_name flng_cls_name revl_issu_reas_name mrkt_warn_cls_name stck_sdpr bstp_cls_code stck_prdy_clpr
        insn_pbnt_yn fcam_mod_cls_name stck_prpr ${CHANGE} acml_tr_pbmn acml_vol prdy_vrss_vol_rate bstp_kor_isnm
        sltr_yn trht_yn oprc_rang_cont_yn vlnt_fin_cls_code stck_oprc prdy_vol`,
    },
  },
  FHKST01010300: {
    parameters: STOCK,
    lists: { output: { names: `stck_cntg_hour stck_prpr ${CHANGE} cntg_vol tday_rltv`, rowsMax: 30 } },
  },
  FHPST01060000: {
    parameters: { ...STOCK, FID_INPUT_HOUR_1: '103000' },
    objects: { output1: `stck_prpr ${CHANGE} acml_vol prdy_vol rprs_mrkt_kor_name` },
    lists: {
      output2: { names: `stck_cntg_hour stck_pbpr ${CHANGE} askp bidp tday_rltv acml_vol cnqn`, rowsMax: 30 },
    },
  },
  FHKST03010200: {
    parameters: { ...STOCK, FID_INPUT_HOUR_1: '', FID_PW_DATA_INCU_YN: 'Y', FID_ETC_CLS_CODE: '' },
    objects: { output1: MINUTE_SUMMARY },
    lists: { output2: { names: MINUTE, rowsMax: 30 } },
  },
  FHKST03010230: {
    parameters: {
      ...STOCK,
      ...{
        FID_INPUT_DATE_1: '20260921',
        FID_INPUT_HOUR_1: '120000',
        FID_PW_DATA_INCU_YN: 'Y',
        FID_FAKE_TICK_INCU_YN: '',
      },
    },
    objects: { output1: MINUTE_SUMMARY },
    lists: { output2: { names: MINUTE, rowsMax: 120 } },
  },
  FHKST03010100: {
    parameters: { ...STOCK, ...DATES, FID_ORG_ADJ_PRC: '0' },
    objects: {
      output1: `${CHANGE} stck_prdy_clpr acml_vol acml_tr_pbmn hts_kor_isnm stck_prpr stck_shrn_iscd prdy_vol stck_mxpr
        stck_llam stck_oprc stck_hgpr stck_lwpr stck_prdy_oprc stck_prdy_hgpr stck_prdy_lwpr askp bidp prdy_vrss_vol
        vol_tnrt stck_fcam lstn_stcn cpfn hts_avls per eps pbr itewhol_loan_rmnd_ratem`,
    },
    lists: {
      output2: {
        names: `stck_bsop_date stck_clpr stck_oprc stck_hgpr stck_lwpr acml_vol acml_tr_pbmn flng_cls_code prtt_rate
          mod_yn prdy_vrss_sign prdy_vrss revl_issu_reas`,
        rowsMax: 100,
      },
    },
  },
  FHKST01010400: {
    parameters: { ...STOCK, FID_PERIOD_DIV_CODE: 'D', FID_ORG_ADJ_PRC: '1' },
    lists: {
      output: {
        names: `stck_bsop_date stck_oprc stck_hgpr stck_lwpr stck_clpr acml_vol prdy_vrss_vol_rate ${CHANGE}
          hts_frgn_ehrt frgn_ntby_qty flng_cls_code acml_prtt_rate`,
        rowsMax: 30,
      },
    },
  },
  FHKST01010200: {
    parameters: STOCK,
    objects: {
      output1: `aspr_acpt_hour ${ladder('askp bidp askp_rsqn bidp_rsqn askp_rsqn_icdc bidp_rsqn_icdc')} total_askp_rsqn
        total_bidp_rsqn total_askp_rsqn_icdc total_bidp_rsqn_icdc ovtm_total_askp_icdc ovtm_total_bidp_icdc
        ovtm_total_askp_rsqn ovtm_total_bidp_rsqn ntby_aspr_rsqn new_mkop_cls_code`,
      output2: `antc_mkop_cls_code stck_prpr stck_oprc stck_hgpr stck_lwpr stck_sdpr antc_cnpr antc_cntg_vrss_sign
        antc_cntg_vrss antc_cntg_prdy_ctrt antc_vol stck_shrn_iscd vi_cls_code`,
    },
  },
  FHKST11300006: {
    parameters: multiple,
    lists: {
      output: {
        names: `kospi_kosdaq_cls_name mrkt_trtm_cls_name hour_cls_code inter_shrn_iscd inter_kor_isnm inter2_prpr
          inter2_prdy_vrss prdy_vrss_sign prdy_ctrt acml_vol inter2_oprc inter2_hgpr inter2_lwpr inter2_llam inter2_mxpr
          inter2_askp inter2_bidp seln_rsqn shnu_rsqn total_askp_rsqn total_bidp_rsqn acml_tr_pbmn inter2_prdy_clpr
          oprc_vrss_hgpr_rate intr_antc_cntg_vrss intr_antc_cntg_vrss_sign intr_antc_cntg_prdy_ctrt intr_antc_vol
          inter2_sdpr`,
        rowsMax: 30,
      },
    },
  },
  FHKST01010900: {
    parameters: STOCK,
    lists: {
      output: {
        names: `stck_bsop_date stck_clpr prdy_vrss prdy_vrss_sign prsn_ntby_qty frgn_ntby_qty orgn_ntby_qty
          prsn_ntby_tr_pbmn frgn_ntby_tr_pbmn orgn_ntby_tr_pbmn prsn_shnu_vol frgn_shnu_vol orgn_shnu_vol prsn_seln_vol`,
        rowsMax: 30,
      },
    },
  },
  FHPST01710000: {
    parameters: {
      ...{ FID_COND_MRKT_DIV_CODE: 'J', FID_COND_SCR_DIV_CODE: '20171', FID_INPUT_ISCD: '0000', FID_DIV_CLS_CODE: '0' },
      ...{ FID_BLNG_CLS_CODE: '0', FID_TRGT_CLS_CODE: '111111111', FID_TRGT_EXLS_CLS_CODE: '000000' },
      ...{ FID_INPUT_PRICE_1: '', FID_INPUT_PRICE_2: '', FID_VOL_CNT: '', FID_INPUT_DATE_1: '' },
    },
    lists: {
      output: {
        names: `hts_kor_isnm mksc_shrn_iscd data_rank stck_prpr ${CHANGE} acml_vol prdy_vol lstn_stcn avrg_vol
          n_befr_clpr_vrss_prpr_rate vol_inrt vol_tnrt nday_vol_tnrt avrg_tr_pbmn tr_pbmn_tnrt nday_tr_pbmn_tnrt
          acml_tr_pbmn`,
        rowsMax: 30,
      },
    },
  },
  FHPST01390000: {
    parameters: {
      ...{ FID_DIV_CLS_CODE: '0', FID_COND_SCR_DIV_CODE: '20139', FID_MRKT_CLS_CODE: '0', FID_INPUT_ISCD: '' },
      ...{ FID_RANK_SORT_CLS_CODE: '0', FID_INPUT_DATE_1: '', FID_TRGT_CLS_CODE: '', FID_TRGT_EXLS_CLS_CODE: '' },
    },
    lists: {
      output: {
        names: `hts_kor_isnm mksc_shrn_iscd vi_cls_code bsop_date cntg_vi_hour vi_cncl_hour vi_kind_code vi_prc
          vi_stnd_prc vi_dprt vi_dmc_stnd_prc vi_dmc_dprt vi_count`,
        rowsMax: 100,
      },
    },
  },
  FHPUP02100000: {
    parameters: INDEX,
    objects: {
      output: `${INDEX_LEVEL} prdy_vol prdy_tr_pbmn bstp_nmix_oprc prdy_nmix_vrss_nmix_oprc oprc_vrss_prpr_sign
        bstp_nmix_oprc_prdy_ctrt bstp_nmix_hgpr prdy_nmix_vrss_nmix_hgpr hgpr_vrss_prpr_sign bstp_nmix_hgpr_prdy_ctrt
        bstp_nmix_lwpr prdy_clpr_vrss_lwpr lwpr_vrss_prpr_sign prdy_clpr_vrss_lwpr_rate ascn_issu_cnt uplm_issu_cnt
        stnr_issu_cnt down_issu_cnt lslm_issu_cnt dryy_bstp_nmix_hgpr dryy_hgpr_vrss_prpr_rate dryy_bstp_nmix_hgpr_date
        dryy_bstp_nmix_lwpr dryy_lwpr_vrss_prpr_rate dryy_bstp_nmix_lwpr_date total_askp_rsqn total_bidp_rsqn
        seln_rsqn_rate shnu_rsqn_rate ntby_rsqn`,
    },
  },
  FHPUP02110200: {
    parameters: { ...INDEX, FID_INPUT_HOUR_1: '60' },
    lists: { output: { names: `bsop_hour ${INDEX_LEVEL} cntg_vol`, rowsMax: 30 } },
  },
  FHPUP02110100: {
    parameters: INDEX,
    lists: { output: { names: `stck_cntg_hour ${INDEX_LEVEL} cntg_vol`, rowsMax: 30 } },
  },
  FHKUP03500200: {
    parameters: { ...INDEX, FID_ETC_CLS_CODE: '0', FID_INPUT_HOUR_1: '60', FID_PW_DATA_INCU_YN: 'N' },
    objects: { output1: INDEX_SUMMARY },
    lists: {
      output2: {
        names: `stck_bsop_date stck_cntg_hour bstp_nmix_prpr bstp_nmix_oprc bstp_nmix_hgpr bstp_nmix_lwpr cntg_vol
          acml_tr_pbmn`,
        rowsMax: 102,
      },
    },
  },
  FHKUP03500100: {
    parameters: { ...INDEX, ...DATES },
    objects: { output1: INDEX_SUMMARY },
    lists: {
      output2: {
        names: `stck_bsop_date bstp_nmix_prpr bstp_nmix_oprc bstp_nmix_hgpr bstp_nmix_lwpr acml_vol acml_tr_pbmn mod_yn`,
        rowsMax: 50,
      },
    },
  },
  CTCA0903R: {
    parameters: { BASS_DT: '20260922', CTX_AREA_NK: '', CTX_AREA_FK: '' },
    lists: { output: { names: 'bass_dt wday_dvsn_cd bzdy_yn tr_day_yn opnd_yn sttl_day_yn', rowsMax: 25 } },
  },
  HHMCM000002C0: {
    parameters: {},
    objects: { output1: 'date1 date2 date3 date4 date5 today time s_time e_time' },
  },
  CTPF1002R: {
    parameters: { PRDT_TYPE_CD: '300', PDNO: '005930' },
    objects: {
      output: `pdno prdt_type_cd mket_id_cd scty_grp_id_cd excg_dvsn_cd setl_mmdd lstg_stqt lstg_cptl_amt cpta papr
        issu_pric kospi200_item_yn scts_mket_lstg_dt scts_mket_lstg_abol_dt kosdaq_mket_lstg_dt
        kosdaq_mket_lstg_abol_dt frbd_mket_lstg_dt frbd_mket_lstg_abol_dt reits_kind_cd etf_dvsn_cd oilf_fund_yn
        idx_bztp_lcls_cd idx_bztp_mcls_cd idx_bztp_scls_cd stck_kind_cd mfnd_opng_dt mfnd_end_dt dpsi_erlm_cncl_dt
        etf_cu_qty prdt_name prdt_name120 prdt_abrv_name std_pdno prdt_eng_name prdt_eng_name120 prdt_eng_abrv_name
        dpsi_aptm_erlm_yn etf_txtn_type_cd etf_type_cd lstg_abol_dt nwst_odst_dvsn_cd sbst_pric thco_sbst_pric
        thco_sbst_pric_chng_dt tr_stop_yn admn_item_yn thdt_clpr bfdy_clpr clpr_chng_dt std_idst_clsf_cd
        std_idst_clsf_cd_name idx_bztp_lcls_cd_name idx_bztp_mcls_cd_name idx_bztp_scls_cd_name ocr_no crfd_item_yn
        elec_scty_yn issu_istt_cd etf_chas_erng_rt_dbnb etf_etn_ivst_heed_item_yn stln_int_rt_dvsn_cd frnr_psnl_lmt_rt
        lstg_rqsr_issu_istt_cd lstg_rqsr_item_cd trst_istt_issu_istt_cd cptt_trad_tr_psbl_yn nxt_tr_stop_yn`,
    },
  },
  CTPF1604R: {
    parameters: { PRDT_TYPE_CD: '300', PDNO: '005930' },
    objects: {
      output: `pdno prdt_type_cd prdt_name prdt_name120 prdt_abrv_name prdt_eng_name prdt_eng_name120
        prdt_eng_abrv_name std_pdno shtn_pdno prdt_sale_stat_cd prdt_risk_grad_cd prdt_clsf_cd prdt_clsf_name
        sale_strt_dt sale_end_dt wrap_asst_type_cd ivst_prdt_type_cd ivst_prdt_type_cd_name frst_erlm_dt`,
    },
  },
  ...OVERSEAS_CONTRACTS,
  FHKIF03020200: {
    parameters: {
      ...FUTURE,
      ...{ FID_HOUR_CLS_CODE: '60', FID_PW_DATA_INCU_YN: 'Y', FID_FAKE_TICK_INCU_YN: 'N' },
      ...{ FID_INPUT_DATE_1: '20260922', FID_INPUT_HOUR_1: '100000' },
    },
    objects: { output1: `${FUTURE_SUMMARY} prdy_nmix` },
    lists: {
      output2: {
        names: 'stck_bsop_date stck_cntg_hour futs_prpr futs_oprc futs_hgpr futs_lwpr cntg_vol acml_tr_pbmn',
        rowsMax: 102,
      },
    },
  },
  FHMIF10000000: {
    parameters: FUTURE,
    objects: {
      output1: `${FUTURE_PRICE} futs_sdpr crbr_aply_mxpr crbr_aply_llam futs_last_tr_date hts_rmnn_dynu delta_val gama
        futs_lstn_medm_hgpr futs_lstn_medm_lwpr theta vega rho hist_vltl hts_ints_vltl mrkt_basis acpr`,
      output2: FUTURE_INDEX,
      output3: FUTURE_INDEX,
    },
  },
  FHKIF03020100: {
    parameters: { ...FUTURE, ...DATES },
    objects: { output1: FUTURE_SUMMARY },
    lists: {
      output2: {
        names: 'stck_bsop_date futs_prpr futs_oprc futs_hgpr futs_lwpr acml_vol acml_tr_pbmn mod_yn',
        rowsMax: 100,
      },
    },
  },
  ...ACCOUNT_CONTRACTS,
};
