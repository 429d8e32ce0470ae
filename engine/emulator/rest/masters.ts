// The symbol masters under /common/master: zipped files of CP949 text, made of what is listed on the market's day. They
// are public: nobody has to say who he is.
import { zipSync } from 'fflate';
import iconv from 'iconv-lite';
import { SECTORS } from '../../../config/instruments.ts';
import { INDEX_CODES, type SimulatedMarket } from '../market/simulated-market.ts';
import type { RestAnswer } from './answer.ts';
import { INDEX_NAMES } from './indices.ts';
import { isin } from './isin.ts';
import type { Listing, ListingMarket, Listings } from './listings.ts';
import {
  type Column,
  KONEX_COLUMNS,
  KOSDAQ_COLUMNS,
  KOSPI_COLUMNS,
  NAME_BYTES,
  NUMBER_COLUMNS,
  SHORT_CODE_WIDTH,
  STANDARD_CODE_WIDTH,
} from './master-layout.ts';
import { OVERSEAS_LISTINGS, type OverseasListing } from './overseas-listings.ts';
import { groupCode } from './product.ts';

const FACE_VALUE_WON = 100;
const INDEX_DIVISIONS = { '0001': '0', '1001': '1', '2001': '2' } as const;
/** Files that are there and empty: the market has nothing of their kind. */
const EMPTY_FILES = ['elw_code.mst', 'bond_code.mst', 'fo_stk_code_mts.mst', 'fo_com_code.mst'];
const EMPTY_EXCHANGES = ['shs', 'szs', 'tse', 'hks', 'hnx', 'hsx'];
const OVERSEAS_FILES = { nas: 'NAS', nys: 'NYS', ams: 'AMS' } as const;

interface Built {
  readonly date: number;
  readonly revision: number;
  readonly zips: Map<string, Uint8Array>;
}

export class Masters {
  private readonly market: SimulatedMarket;
  private readonly listings: Listings;
  private readonly files: ReadonlyMap<string, () => string>;
  private built: Built = { date: 0, revision: 0, zips: new Map() };

  constructor(market: SimulatedMarket, listings: Listings) {
    this.market = market;
    this.listings = listings;
    this.files = new Map<string, () => string>([
      ['kospi_code.mst', () => this.stocks('KOSPI', KOSPI_COLUMNS)],
      ['kosdaq_code.mst', () => this.stocks('KOSDAQ', KOSDAQ_COLUMNS)],
      ['konex_code.mst', () => this.stocks('KONEX', KONEX_COLUMNS)],
      [
        'idxcode.mst',
        () => INDEX_CODES.map((code) => INDEX_DIVISIONS[code] + code + named(INDEX_NAMES[code])).join(''),
      ],
      ['theme_code.mst', () => this.themes()],
      ['fo_idx_code_mts.mst', () => this.futures()],
      ...EMPTY_FILES.map((name): [string, () => string] => [name, () => '']),
      ...Object.entries(OVERSEAS_FILES).map(([name, exchange]): [string, () => string] => [
        `${name}mst.cod`,
        () => overseas(exchange),
      ]),
      ...EMPTY_EXCHANGES.map((name): [string, () => string] => [`${name}mst.cod`, () => '']),
    ]);
  }

  /** Undefined for a path that is no master. */
  answer(path: string): RestAnswer | undefined {
    const name = /^\/common\/master\/([a-z_]+\.(mst|cod))\.zip$/.exec(path)?.[1];
    const file = name === undefined ? undefined : this.files.get(name);
    if (file === undefined) return undefined;
    return { status: 200, body: this.zip(name!, file), headers: { 'Content-Type': 'application/zip' } };
  }

  /** Made once a day and listing, as KIS makes them once a day. */
  private zip(name: string, file: () => string): Uint8Array {
    const { businessDate: date } = this.market;
    const { revision } = this.listings;
    if (this.built.date !== date || this.built.revision !== revision) this.built = { date, revision, zips: new Map() };
    const known = this.built.zips.get(name);
    if (known !== undefined) return known;
    const zip = zipSync({ [name]: iconv.encode(file(), 'cp949') });
    this.built.zips.set(name, zip);
    return zip;
  }

  private listed(): readonly Listing[] {
    return this.listings.listedOn(this.market.businessDate);
  }

  private stocks(market: ListingMarket, columns: readonly Column[]): string {
    return this.listed()
      .filter((listing) => listing.market === market)
      .map((listing) => `${this.head(listing)}${tail(this.values(listing), columns)}\n`)
      .join('');
  }

  private head({ code, nameKo }: Listing): string {
    const short = code.padEnd(SHORT_CODE_WIDTH);
    return short + isin(code).padEnd(STANDARD_CODE_WIDTH) + padded(nameKo, NAME_BYTES);
  }

  private values(listing: Listing): Readonly<Record<string, string | number>> {
    const quote = this.market.has(listing.code) ? this.market.quote(listing.code) : undefined;
    const baseWon = quote?.previousCloseWon ?? listing.basePriceWon;
    return {
      scrt_grp_cls_code: groupCode(listing),
      avls_scal_cls_code: listing.kospi200 ? 1 : 2,
      kospi200_apnt_cls_code: listing.kospi200 ? 5 : 0,
      etp_prod_cls_code: { stock: '0', etf: '1', etn: '3', elw: '0' }[listing.kind],
      short_over_cls_code: 0,
      krx_issu_yn: 'Y',
      kospi_issu_yn: 'Y',
      stck_sdpr: baseWon,
      frml_mrkt_deal_qty_unit: 1,
      ovtm_mrkt_deal_qty_unit: 1,
      trht_yn: quote?.halted === true ? 'Y' : 'N',
      sltr_yn: listing.liquidation ? 'Y' : 'N',
      mrkt_alrm_cls_code: '00',
      flng_cls_code: '00',
      fcam_mod_cls_code: '00',
      icic_cls_code: '00',
      marg_rate: 20,
      crdt_able: 'Y',
      crdt_days: 90,
      prdy_vol: quote?.previousVolume ?? 0,
      stck_fcam: FACE_VALUE_WON,
      stck_lstn_date: listing.listedDate,
      lstn_stcn: Math.round(listing.listedShares / 1000),
      cpfn: listing.listedShares * FACE_VALUE_WON,
      stac_month: '12',
      prst_cls_code: 0,
      base_date: `${Math.floor(this.market.businessDate / 10_000) - 1}1231`,
      prdy_avls_scal: Math.round((listing.listedShares * baseWon) / 100_000_000),
      grp_code: '',
    };
  }

  /** Sectors stand for themes: number, name, code. */
  private themes(): string {
    return this.listed()
      .map(({ code, sector }) => {
        const number = String(SECTORS.indexOf(sector) + 1).padStart(3, '0');
        return `${number}${padded(sector, NAME_BYTES)}${code.padEnd(9)}\n`;
      })
      .join('');
  }

  /** Kind, short and standard code, name, at-the-money, strike, month, underlying: the near contract on KOSPI200. */
  private futures(): string {
    const year = Math.floor(this.market.businessDate / 10_000);
    const month = Math.ceil((Math.floor(this.market.businessDate / 100) % 100) / 3) * 3;
    const digits = String(month).padStart(2, '0');
    const short = `101W${digits}`;
    return `1|${short}|KR4${short}0000|F ${year}${digits}| |0.00|1|2001|KOSPI200\n`;
  }
}

/** All columns in order; a flag that has no value is N. */
function tail(values: Readonly<Record<string, string | number>>, columns: readonly Column[]): string {
  let line = '';
  for (const { name, width } of columns) {
    const isNumber = NUMBER_COLUMNS.has(name);
    const text = String(values[name] ?? (isNumber ? 0 : width === 1 ? 'N' : ''));
    if (text.length > width) throw new RangeError(`${name} does not fit into ${width} characters: ${text}`);
    line += isNumber ? text.padStart(width, '0') : text.padEnd(width);
  }
  return line;
}

function named(name: string): string {
  return `${padded(name, NAME_BYTES)}\n`;
}

/** Blanks behind a text, to so many bytes of CP949, in which a Korean letter has two. */
function padded(text: string, bytes: number): string {
  return text + ' '.repeat(Math.max(0, bytes - iconv.encode(text, 'cp949').length));
}

/** Twenty-four columns, separated by tabs, under no heading. */
function overseas(exchange: OverseasListing['exchange']): string {
  return OVERSEAS_LISTINGS.filter((listing) => listing.exchange === exchange)
    .map(({ symbol, nameKo, nameEn }) => {
      const names = ['US', '22', exchange, exchange, symbol, `D${exchange}${symbol}`, nameKo, nameEn];
      const facts = ['2', 'USD', '4', '', '0', '1', '1', '0930', '1600', 'N', '', '000', '0', '1', '', ''];
      return `${[...names, ...facts].join('\t')}\n`;
    })
    .join('');
}
