// The price of stocks now: one stock (two TRs), thirty at once, and the list of volatility interruptions.
import type { Instrument } from '../../../config/instruments.ts';
import type { Quote } from '../market/simulated-market.ts';
import { changeFields, type Fields, fields, fill, hourText, limitSignOf, percent, signOf, zeros } from './fields.ts';
import { type Asked, asked, askedAt, yearRange } from './quotes.ts';
import {
  checkParameters,
  parameter,
  type TransactionAnswer,
  type TransactionRequest,
  VENUES,
  type World,
} from './transaction.ts';

const SYMBOLS_MAX = 30;
const FACE_VALUE_WON = 100;
/** Price moved so far from the reference: the interruption is a static one. */
const STATIC_INTERRUPTION_PERCENT = 10;

const PRICE_NOT_MODELLED = {
  ...fill('oprc_rang_cont_yn clpr_rang_cont_yn elw_pblc_yn ssts_yn invt_caful_yn short_over_yn sltr_yn', 'N'),
  ...fill('mang_issu_cls_code ovtm_vi_cls_code', 'N'),
  ...fill('frgn_ntby_qty pgtr_ntby_qty frgn_hldn_qty last_ssts_cntg_qty dmrs_val dmsp_val apprch_rate', '0'),
  ...fill('hts_frgn_ehrt per pbr eps bps whol_loan_rmnd_rate', '0.00'),
  ...fill('fcam_cnnm cpfn_cnnm new_hgpr_lwpr_cls_code', ''),
};

/** What all quotes of a stock have in common, under KIS's usual names. */
export function quoteFields(quote: Quote): Fields {
  const change = quote.priceWon - quote.previousCloseWon;
  return fields({
    stck_prpr: quote.priceWon,
    ...changeFields(quote.priceWon, quote.previousCloseWon),
    prdy_vrss_sign: limitSignOf(change, quote.priceWon, quote.upperLimitWon, quote.lowerLimitWon),
    acml_vol: quote.volume,
    acml_tr_pbmn: quote.turnoverWon,
    stck_oprc: quote.openWon,
    stck_hgpr: quote.highWon,
    stck_lwpr: quote.lowWon,
    stck_mxpr: quote.upperLimitWon,
    stck_llam: quote.lowerLimitWon,
    prdy_vol: quote.previousVolume,
  });
}

export function inquirePrice(request: TransactionRequest, world: World): TransactionAnswer {
  const found = asked(request, world);
  const output = found === undefined ? zeros(priceFields(anyOf(world), world)) : priceFields(found, world);
  return { body: { output: found ? output : { ...output, stck_shrn_iscd: parameter(request, 'FID_INPUT_ISCD') } } };
}

function priceFields({ code, quote }: Asked, { market }: World): Fields {
  const instrument = market.instrument(code);
  const range = yearRange(market, quote);
  const { priceWon, highWon, lowWon, previousCloseWon } = quote;
  const pivot = Math.round((highWon + lowWon + previousCloseWon) / 3);
  const yearFields = (prefix: string): Record<string, string | number> => ({
    [`${prefix}_hgpr_date`]: range.highDate,
    [`${prefix}_lwpr_date`]: range.lowDate,
  });
  const [fromHigh, fromLow] = [
    percent(priceWon - range.highWon, range.highWon),
    percent(priceWon - range.lowWon, range.lowWon),
  ];
  return {
    ...PRICE_NOT_MODELLED,
    ...quoteFields(quote),
    ...fields({
      iscd_stat_cls_code: quote.halted ? '58' : '55',
      marg_rate: '20.00',
      grmn_rate_cls_code: '40',
      rprs_mrkt_kor_name: marketName(instrument),
      bstp_kor_isnm: instrument.sector,
      temp_stop_yn: quote.halted ? 'Y' : 'N',
      crdt_able_yn: 'Y',
      prdy_vrss_vol_rate: percent(quote.volume, quote.previousVolume),
      stck_sdpr: previousCloseWon,
      wghn_avrg_stck_prc: (quote.volume === 0 ? priceWon : quote.turnoverWon / quote.volume).toFixed(2),
      pvt_pont_val: pivot,
      pvt_frst_dmrs_prc: 2 * pivot - lowWon,
      pvt_scnd_dmrs_prc: pivot + highWon - lowWon,
      pvt_frst_dmsp_prc: 2 * pivot - highWon,
      pvt_scnd_dmsp_prc: pivot - highWon + lowWon,
      rstc_wdth_prc: quote.upperLimitWon - previousCloseWon,
      cpfn: Math.round((instrument.listedShares * FACE_VALUE_WON) / 100_000_000),
      stck_fcam: FACE_VALUE_WON,
      stck_sspr: Math.floor(previousCloseWon * 0.8),
      aspr_unit: quote.tickSizeWon,
      hts_deal_qty_unit_val: 1,
      lstn_stcn: instrument.listedShares,
      hts_avls: Math.round((instrument.listedShares * priceWon) / 100_000_000),
      stac_month: 12,
      vol_tnrt: percent(quote.volume, instrument.listedShares),
      d250_hgpr: range.highWon,
      d250_hgpr_vrss_prpr_rate: fromHigh,
      d250_lwpr: range.lowWon,
      d250_lwpr_vrss_prpr_rate: fromLow,
      ...yearFields('d250'),
      stck_dryy_hgpr: range.highWon,
      dryy_hgpr_vrss_prpr_rate: fromHigh,
      stck_dryy_lwpr: range.lowWon,
      dryy_lwpr_vrss_prpr_rate: fromLow,
      ...yearFields('dryy'),
      w52_hgpr: range.highWon,
      w52_hgpr_vrss_prpr_ctrt: fromHigh,
      w52_lwpr: range.lowWon,
      w52_lwpr_vrss_prpr_ctrt: fromLow,
      ...yearFields('w52'),
      stck_shrn_iscd: code,
      vi_cls_code: quote.volatilityInterruption ? 'Y' : 'N',
      mrkt_warn_cls_code: '00',
    }),
  };
}

const PRICE_2_NOT_MODELLED = {
  ...fill('elw_pblc_yn mang_issu_yn short_over_yn invt_caful_yn stange_runup_yn ssts_hot_yn low_current_yn', 'N'),
  ...fill('insn_pbnt_yn sltr_yn oprc_rang_cont_yn vlnt_fin_cls_code', 'N'),
  ...fill('new_hgpr_lwpr_cls_code divi_app_cls_code new_lstn_cls_name vlnt_deal_cls_name flng_cls_name', ''),
  ...fill('revl_issu_reas_name mrkt_warn_cls_name fcam_mod_cls_name', ''),
};

export function inquirePrice2(request: TransactionRequest, world: World): TransactionAnswer {
  const found = asked(request, world);
  return { body: { output: found ? price2Fields(found, world) : zeros(price2Fields(anyOf(world), world)) } };
}

function price2Fields({ code, quote }: Asked, { market }: World): Fields {
  const instrument = market.instrument(code);
  const against = (name: string, price: number): Fields => ({
    [`${name}_vrss_prpr`]: String(quote.priceWon - price),
    [`${name}_vrss_prpr_sign`]: signOf(quote.priceWon - price),
    [`prdy_clpr_vrss_${name}_rate`]: percent(price - quote.previousCloseWon, quote.previousCloseWon),
  });
  return {
    ...PRICE_2_NOT_MODELLED,
    ...quoteFields(quote),
    ...against('oprc', quote.openWon),
    ...against('hgpr', quote.highWon),
    ...against('lwpr', quote.lowWon),
    ...fields({
      rprs_mrkt_kor_name: marketName(instrument),
      mxpr_llam_cls_code: quote.priceWon === quote.upperLimitWon ? 1 : quote.priceWon === quote.lowerLimitWon ? 4 : 0,
      crdt_able_yn: 'Y',
      crdt_rate: '0.00',
      marg_rate: '20.00',
      mrkt_warn_cls_code: '00',
      vi_cls_code: quote.volatilityInterruption ? 'Y' : 'N',
      short_over_cls_code: '0',
      stck_sdpr: quote.previousCloseWon,
      bstp_cls_code: instrument.market === 'KOSPI' ? '0001' : '1001',
      stck_prdy_clpr: quote.previousCloseWon,
      prdy_vrss_vol_rate: percent(quote.volume, quote.previousVolume),
      bstp_kor_isnm: instrument.sector,
      trht_yn: quote.halted ? 'Y' : 'N',
    }),
  };
}

/** `FID_COND_MRKT_DIV_CODE_1` … `_30`, `FID_INPUT_ISCD_1` … `_30`; a slot that is sent may not be empty. */
export function multiplePrices(request: TransactionRequest, world: World): TransactionAnswer {
  const output: Fields[] = [];
  for (let slot = 1; slot <= SYMBOLS_MAX; slot++) {
    if (!request.parameters.has(`FID_INPUT_ISCD_${slot}`)) continue;
    checkParameters(request, { [`FID_COND_MRKT_DIV_CODE_${slot}`]: 'venue', [`FID_INPUT_ISCD_${slot}`]: 'code' });
    const venue = VENUES[parameter(request, `FID_COND_MRKT_DIV_CODE_${slot}`)];
    const found = askedAt(world.market, parameter(request, `FID_INPUT_ISCD_${slot}`), venue);
    if (found !== undefined) output.push(multipleFields(found, world));
  }
  return { body: { output } };
}

function multipleFields({ code, quote }: Asked, { market }: World): Fields {
  const { nameKo, market: board } = market.instrument(code);
  const change = quote.priceWon - quote.previousCloseWon;
  const expected = quote.expectedPriceWon === 0 ? quote.previousCloseWon : quote.expectedPriceWon;
  const expectedChange = changeFields(expected, quote.previousCloseWon);
  return fields({
    kospi_kosdaq_cls_name: board,
    mrkt_trtm_cls_name: '',
    hour_cls_code: '0',
    inter_shrn_iscd: code,
    inter_kor_isnm: nameKo,
    inter2_prpr: quote.priceWon,
    inter2_prdy_vrss: change,
    prdy_vrss_sign: limitSignOf(change, quote.priceWon, quote.upperLimitWon, quote.lowerLimitWon),
    prdy_ctrt: percent(change, quote.previousCloseWon),
    acml_vol: quote.volume,
    inter2_oprc: quote.openWon,
    inter2_hgpr: quote.highWon,
    inter2_lwpr: quote.lowWon,
    inter2_llam: quote.lowerLimitWon,
    inter2_mxpr: quote.upperLimitWon,
    inter2_askp: quote.asks[0]?.priceWon ?? 0,
    inter2_bidp: quote.bids[0]?.priceWon ?? 0,
    seln_rsqn: quote.asks[0]?.size ?? 0,
    shnu_rsqn: quote.bids[0]?.size ?? 0,
    total_askp_rsqn: quote.asks.reduce((sum, { size }) => sum + size, 0),
    total_bidp_rsqn: quote.bids.reduce((sum, { size }) => sum + size, 0),
    acml_tr_pbmn: quote.turnoverWon,
    inter2_prdy_clpr: quote.previousCloseWon,
    oprc_vrss_hgpr_rate: percent(quote.highWon - quote.openWon, quote.openWon),
    intr_antc_cntg_vrss: expectedChange.prdy_vrss,
    intr_antc_cntg_vrss_sign: expectedChange.prdy_vrss_sign,
    intr_antc_cntg_prdy_ctrt: expectedChange.prdy_ctrt,
    intr_antc_vol: quote.expectedVolume,
    inter2_sdpr: quote.previousCloseWon,
  });
}

/** Interruptions that run now; those that are over are not remembered. */
export function interruptions(request: TransactionRequest, { market }: World): TransactionAnswer {
  const wanted = parameter(request, 'FID_INPUT_ISCD');
  const codes = wanted === '' ? market.codes : market.codes.filter((code) => code === wanted);
  const board = parameter(request, 'FID_MRKT_CLS_CODE');
  const direction = parameter(request, 'FID_DIV_CLS_CODE');
  const kind = parameter(request, 'FID_RANK_SORT_CLS_CODE');
  const output = codes
    .map((code) => market.quote(code))
    .filter(({ volatilityInterruption }) => volatilityInterruption)
    .filter(({ code }) => !/^[KQ]$/.test(board) || (board === 'K') === (market.instrument(code).market === 'KOSPI'))
    .filter((quote) => !/^[12]$/.test(direction) || (direction === '1') === quote.priceWon >= quote.viReferenceWon)
    .map((quote) => interruptionFields(quote, market))
    .filter(({ vi_kind_code }) => !/^[12]$/.test(kind) || kind === vi_kind_code);
  return { body: { output } };
}

function interruptionFields(quote: Quote, market: World['market']): Fields {
  const departed = quote.priceWon - quote.viReferenceWon;
  const isStatic = Math.abs(100 * departed) >= STATIC_INTERRUPTION_PERCENT * quote.viReferenceWon;
  const departure = percent(departed, quote.viReferenceWon);
  return fields({
    hts_kor_isnm: market.instrument(quote.code).nameKo,
    mksc_shrn_iscd: quote.code,
    vi_cls_code: 'Y',
    bsop_date: quote.businessDate,
    // The last trade is the one that set it off.
    cntg_vi_hour: hourText(market.recentTrades(quote.code, 'KRX', 1)[0]?.second ?? 0),
    vi_cncl_hour: '',
    vi_kind_code: isStatic ? 1 : 2,
    vi_prc: quote.priceWon,
    vi_stnd_prc: isStatic ? quote.viReferenceWon : 0,
    vi_dprt: isStatic ? departure : '0.00',
    vi_dmc_stnd_prc: isStatic ? 0 : quote.viReferenceWon,
    vi_dmc_dprt: isStatic ? '0.00' : departure,
    vi_count: 1,
  });
}

export function marketName({ market, kospi200 }: Instrument): string {
  return kospi200 ? 'KOSPI200' : market;
}

/** Any instrument: its fields, with other values, are the shape of an answer about none. */
export function anyOf({ market }: World): Asked {
  const code = market.codes[0];
  return { code, venue: 'KRX', quote: market.quote(code, 'KRX') };
}
