// What a product is: names, numbers, listing, and whether NXT trades it. It follows the listings, so that what a test
// lists, renames or delists is answered for from that day on.
import { Refusal } from './answer.ts';
import { type Fields, fields, fill } from './fields.ts';
import { isin } from './isin.ts';
import type { Listing } from './listings.ts';
import { findOverseas, OVERSEAS_PRODUCT_TYPES } from './overseas-listings.ts';
import { parameter, type TransactionAnswer, type TransactionRequest, type World } from './transaction.ts';

const STOCKS = '300';
const FACE_VALUE_WON = 100;

const STOCK_NOT_MODELLED = {
  ...fill('reits_kind_cd etf_dvsn_cd mfnd_opng_dt mfnd_end_dt dpsi_erlm_cncl_dt etf_txtn_type_cd etf_type_cd', ''),
  ...fill('frbd_mket_lstg_dt frbd_mket_lstg_abol_dt nwst_odst_dvsn_cd thco_sbst_pric_chng_dt std_idst_clsf_cd', ''),
  ...fill('std_idst_clsf_cd_name ocr_no stln_int_rt_dvsn_cd lstg_rqsr_issu_istt_cd lstg_rqsr_item_cd', ''),
  ...fill('trst_istt_issu_istt_cd issu_istt_cd idx_bztp_lcls_cd idx_bztp_mcls_cd idx_bztp_scls_cd', ''),
  ...fill('idx_bztp_lcls_cd_name idx_bztp_mcls_cd_name', ''),
  ...fill('issu_pric etf_cu_qty sbst_pric thco_sbst_pric etf_chas_erng_rt_dbnb', '0'),
  ...fill('oilf_fund_yn crfd_item_yn etf_etn_ivst_heed_item_yn admn_item_yn', 'N'),
  ...fill('dpsi_aptm_erlm_yn elec_scty_yn', 'Y'),
  frnr_psnl_lmt_rt: '0.00',
};

const PRODUCT_NOT_MODELLED = {
  ...fill('prdt_sale_stat_cd prdt_risk_grad_cd sale_strt_dt sale_end_dt frst_erlm_dt', ''),
  prdt_clsf_cd: '301101',
  prdt_clsf_name: '주권',
  wrap_asst_type_cd: '06',
  ivst_prdt_type_cd: '0001',
  ivst_prdt_type_cd_name: '주식',
};

export function stockInformation(request: TransactionRequest, world: World): TransactionAnswer {
  const listing = wanted(request, world);
  const { market } = world;
  const quote = market.has(listing.code) ? market.quote(listing.code) : undefined;
  const date = (of: number): string => (of === 0 ? '' : String(of));
  const onKospi = listing.market === 'KOSPI';
  const halted = quote?.halted === true ? 'Y' : 'N';
  return {
    body: {
      output: {
        ...STOCK_NOT_MODELLED,
        ...names(listing, isin(listing.code)),
        ...fields({
          pdno: padded(listing.code),
          prdt_type_cd: STOCKS,
          mket_id_cd: { KOSPI: 'STK', KOSDAQ: 'KSQ', KONEX: 'KNX' }[listing.market],
          scty_grp_id_cd: groupCode(listing),
          excg_dvsn_cd: { KOSPI: '02', KOSDAQ: '03', KONEX: '04' }[listing.market],
          setl_mmdd: '12',
          lstg_stqt: listing.listedShares,
          lstg_cptl_amt: listing.listedShares * FACE_VALUE_WON,
          cpta: listing.listedShares * FACE_VALUE_WON,
          papr: FACE_VALUE_WON,
          kospi200_item_yn: listing.kospi200 ? 'Y' : 'N',
          scts_mket_lstg_dt: onKospi ? date(listing.listedDate) : '',
          scts_mket_lstg_abol_dt: onKospi ? date(listing.delistedDate) : '',
          kosdaq_mket_lstg_dt: onKospi ? '' : date(listing.listedDate),
          kosdaq_mket_lstg_abol_dt: onKospi ? '' : date(listing.delistedDate),
          stck_kind_cd: '101',
          lstg_abol_dt: date(listing.delistedDate),
          tr_stop_yn: halted,
          thdt_clpr: quote?.priceWon ?? listing.basePriceWon,
          bfdy_clpr: quote?.previousCloseWon ?? listing.basePriceWon,
          clpr_chng_dt: market.businessDate,
          idx_bztp_scls_cd_name: listing.sector,
          cptt_trad_tr_psbl_yn: listing.nxt ? 'Y' : 'N',
          nxt_tr_stop_yn: listing.nxt ? halted : 'N',
        }),
      },
    },
  };
}

/** Of Korean stocks, and of the overseas ones that have names. */
export function productInformation(request: TransactionRequest, world: World): TransactionAnswer {
  const type = parameter(request, 'PRDT_TYPE_CD');
  const exchange = OVERSEAS_PRODUCT_TYPES[type];
  const overseas = exchange && findOverseas(parameter(request, 'PDNO'));
  if (overseas !== undefined && overseas.exchange === exchange) {
    const { symbol } = overseas;
    return {
      body: { output: { ...PRODUCT_NOT_MODELLED, ...names(overseas, symbol), ...numbers(symbol, symbol, type) } },
    };
  }
  const listing = wanted(request, world);
  const { code } = listing;
  const output = { ...PRODUCT_NOT_MODELLED, ...names(listing, isin(code)), ...numbers(code, padded(code), STOCKS) };
  return { body: { output } };
}

function numbers(code: string, pdno: string, type: string): Fields {
  return { pdno, prdt_type_cd: type, shtn_pdno: code };
}

function wanted(request: TransactionRequest, { listings, market }: World): Listing {
  const code = parameter(request, 'PDNO');
  const listing = listings.on(market.businessDate).get(code);
  if (listing === undefined || parameter(request, 'PRDT_TYPE_CD') !== STOCKS) throw new Refusal('KIOK0560');
  return listing;
}

function names({ nameKo, nameEn }: { nameKo: string; nameEn: string }, standardCode: string): Fields {
  return {
    ...fill('prdt_name prdt_name120 prdt_abrv_name', nameKo),
    ...fill('prdt_eng_name prdt_eng_name120 prdt_eng_abrv_name', nameEn),
    std_pdno: standardCode,
  };
}

function padded(code: string): string {
  return `00000A${code}`.slice(-12);
}

/** Securities group, as the masters name it as well. */
export function groupCode({ kind }: Pick<Listing, 'kind'>): string {
  return { stock: 'ST', etf: 'EF', etn: 'EN', elw: 'EW' }[kind];
}
