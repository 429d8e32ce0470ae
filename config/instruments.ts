// The instruments the shipped configuration knows. Names and codes are real; `referencePriceWon` and `listedShares` are
// rounded numbers of a plausible size that the simulated market starts from. They are no quotes and nothing to trade on.
import type { SecurityKind } from './market-rules.ts';

export const SECTORS = [
  'semiconductors',
  'battery',
  'bio',
  'auto',
  'finance',
  'internet',
  'materials',
  'industrials',
  'energy',
  'electronics',
  'consumer',
  'telecom',
  'index',
] as const;
/** `index` is that of funds which follow one: they have no sector of their own. */
export type Sector = (typeof SECTORS)[number];

export interface Instrument {
  /** Short code, six characters, may be alphanumeric. */
  readonly code: string;
  readonly nameKo: string;
  readonly nameEn: string;
  readonly market: 'KOSPI' | 'KOSDAQ';
  readonly kind: SecurityKind;
  readonly sector: Sector;
  readonly kospi200: boolean;
  /** Tradable on NXT too: only then do the NXT and unified feeds deliver it. */
  readonly nxt: boolean;
  readonly referencePriceWon: number;
  readonly listedShares: number;
}

const STOCK_SECTORS = SECTORS.filter((sector) => sector !== 'index');

type Row = readonly [
  code: string,
  nameKo: string,
  nameEn: string,
  sector: Sector,
  referencePriceWon: number,
  listedThousands: number,
];

const KOSPI200_MEMBERS: readonly Row[] = [
  ['005930', '삼성전자', 'Samsung Electronics', 'semiconductors', 274_000, 5_919_638],
  ['000660', 'SK하이닉스', 'SK hynix', 'semiconductors', 1_380_000, 728_002],
  ['373220', 'LG에너지솔루션', 'LG Energy Solution', 'battery', 412_500, 234_000],
  ['207940', '삼성바이오로직스', 'Samsung Biologics', 'bio', 1_640_000, 71_174],
  ['005380', '현대차', 'Hyundai Motor', 'auto', 531_000, 204_758],
  ['000270', '기아', 'Kia', 'auto', 158_300, 390_349],
  ['068270', '셀트리온', 'Celltrion', 'bio', 212_500, 230_968],
  ['105560', 'KB금융', 'KB Financial Group', 'finance', 149_700, 381_462],
  ['035420', 'NAVER', 'NAVER', 'internet', 263_500, 156_852],
  ['005490', 'POSCO홀딩스', 'POSCO Holdings', 'materials', 348_500, 80_932],
  ['012330', '현대모비스', 'Hyundai Mobis', 'auto', 396_000, 90_733],
  ['055550', '신한지주', 'Shinhan Financial Group', 'finance', 91_400, 485_494],
  ['028260', '삼성물산', 'Samsung C&T', 'industrials', 287_000, 169_976],
  ['035720', '카카오', 'Kakao', 'internet', 61_700, 442_108],
  ['051910', 'LG화학', 'LG Chem', 'materials', 362_500, 70_592],
  ['006400', '삼성SDI', 'Samsung SDI', 'battery', 311_500, 80_585],
  ['003670', '포스코퓨처엠', 'POSCO Future M', 'battery', 213_500, 88_954],
  ['066570', 'LG전자', 'LG Electronics', 'electronics', 117_400, 163_648],
  ['012450', '한화에어로스페이스', 'Hanwha Aerospace', 'industrials', 1_042_000, 51_563],
  ['034020', '두산에너빌리티', 'Doosan Enerbility', 'energy', 84_300, 640_561],
  ['009540', 'HD한국조선해양', 'HD Korea Shipbuilding & Offshore Engineering', 'industrials', 421_500, 70_773],
  ['042660', '한화오션', 'Hanwha Ocean', 'industrials', 123_800, 306_413],
  ['010140', '삼성중공업', 'Samsung Heavy Industries', 'industrials', 26_250, 880_000],
  ['015760', '한국전력', 'Korea Electric Power', 'energy', 48_950, 641_964],
  ['032830', '삼성생명', 'Samsung Life Insurance', 'finance', 184_600, 200_000],
  ['000810', '삼성화재', 'Samsung Fire & Marine Insurance', 'finance', 512_000, 46_011],
  ['086790', '하나금융지주', 'Hana Financial Group', 'finance', 113_500, 284_674],
  ['316140', '우리금융지주', 'Woori Financial Group', 'finance', 31_450, 742_591],
  ['138040', '메리츠금융지주', 'Meritz Financial Group', 'finance', 121_900, 180_154],
  ['024110', '기업은행', 'Industrial Bank of Korea', 'finance', 22_350, 797_426],
  ['323410', '카카오뱅크', 'KakaoBank', 'finance', 24_150, 477_041],
  ['017670', 'SK텔레콤', 'SK Telecom', 'telecom', 62_300, 214_790],
  ['030200', 'KT', 'KT', 'telecom', 57_800, 252_022],
  ['032640', 'LG유플러스', 'LG Uplus', 'telecom', 15_820, 429_846],
  ['034730', 'SK', 'SK Inc.', 'industrials', 271_500, 72_503],
  ['003550', 'LG', 'LG Corp.', 'industrials', 83_700, 154_200],
  ['096770', 'SK이노베이션', 'SK Innovation', 'energy', 118_200, 169_025],
  ['010950', 'S-Oil', 'S-Oil', 'energy', 82_900, 112_583],
  ['009830', '한화솔루션', 'Hanwha Solutions', 'energy', 31_900, 171_893],
  ['011170', '롯데케미칼', 'Lotte Chemical', 'materials', 74_600, 42_775],
  ['010130', '고려아연', 'Korea Zinc', 'materials', 1_180_000, 19_398],
  ['004020', '현대제철', 'Hyundai Steel', 'materials', 33_150, 133_446],
  ['009150', '삼성전기', 'Samsung Electro-Mechanics', 'electronics', 287_500, 74_694],
  ['018260', '삼성SDS', 'Samsung SDS', 'internet', 172_800, 77_378],
  ['042700', '한미반도체', 'Hanmi Semiconductor', 'semiconductors', 164_200, 95_313],
  ['259960', '크래프톤', 'KRAFTON', 'internet', 283_000, 47_400],
  ['036570', '엔씨소프트', 'NCSOFT', 'internet', 214_000, 21_544],
  ['033780', 'KT&G', 'KT&G', 'consumer', 146_300, 118_172],
  ['090430', '아모레퍼시픽', 'Amorepacific', 'consumer', 127_600, 58_493],
  ['051900', 'LG생활건강', 'LG H&H', 'consumer', 281_500, 15_618],
  ['097950', 'CJ제일제당', 'CJ CheilJedang', 'consumer', 226_500, 15_054],
  ['003490', '대한항공', 'Korean Air', 'industrials', 23_650, 368_221],
  ['011200', 'HMM', 'HMM', 'industrials', 20_450, 1_025_039],
  ['326030', 'SK바이오팜', 'SK Biopharmaceuticals', 'bio', 119_300, 78_313],
  ['000100', '유한양행', 'Yuhan', 'bio', 116_700, 80_209],
];

const KOSDAQ_STOCKS: readonly Row[] = [
  ['247540', '에코프로비엠', 'EcoPro BM', 'battery', 152_600, 97_801],
  ['086520', '에코프로', 'EcoPro', 'battery', 88_700, 135_776],
  ['196170', '알테오젠', 'Alteogen', 'bio', 452_500, 53_499],
  ['028300', 'HLB', 'HLB', 'bio', 46_850, 131_390],
  ['277810', '레인보우로보틱스', 'Rainbow Robotics', 'industrials', 421_000, 19_400],
  ['403870', 'HPSP', 'HPSP', 'semiconductors', 37_250, 83_187],
  ['058470', '리노공업', 'LEENO Industrial', 'semiconductors', 61_900, 76_212],
  ['041510', '에스엠', 'SM Entertainment', 'consumer', 118_700, 22_901],
  ['035900', 'JYP Ent.', 'JYP Entertainment', 'consumer', 71_300, 35_532],
  ['293490', '카카오게임즈', 'Kakao Games', 'internet', 14_930, 82_918],
  ['263750', '펄어비스', 'Pearl Abyss', 'internet', 38_650, 64_247],
  ['068760', '셀트리온제약', 'Celltrion Pharm', 'bio', 58_200, 43_346],
  ['214150', '클래시스', 'Classys', 'bio', 54_600, 65_506],
  ['035760', 'CJ ENM', 'CJ ENM', 'consumer', 68_400, 21_929],
  ['357780', '솔브레인', 'Soulbrain', 'semiconductors', 284_000, 7_778],
];

/** Funds have ticks of their own and no after-market, and belong to no index. */
const FUNDS: readonly [row: Row, market: Instrument['market']][] = [
  [['069500', 'KODEX 200', 'KODEX 200', 'index', 108_300, 152_000], 'KOSPI'],
  [['229200', 'KODEX 코스닥150', 'KODEX KOSDAQ150', 'index', 16_240, 78_000], 'KOSDAQ'],
];

/** Not tradable on NXT in the simulation, so that the silence of its feeds for such codes can be seen. */
const KRX_ONLY: ReadonlySet<string> = new Set(['011170', '004020', '068760', '035760']);

export const INSTRUMENTS: readonly Instrument[] = [
  ...KOSPI200_MEMBERS.map((row) => instrumentOf(row, 'KOSPI')),
  ...KOSDAQ_STOCKS.map((row) => instrumentOf(row, 'KOSDAQ')),
];

export const FUND_INSTRUMENTS: readonly Instrument[] = FUNDS.map(([row, market]) => ({
  ...instrumentOf(row, market),
  kind: 'etf',
  kospi200: false,
  nxt: false,
}));

/** Trades and books of twenty symbols take 40 of the 41 registrations that a KIS session has. */
export const DEFAULT_UNIVERSE: readonly string[] = [
  '005930',
  '000660',
  '373220',
  '207940',
  '005380',
  '000270',
  '068270',
  '105560',
  '035420',
  '005490',
  '012330',
  '055550',
  '028260',
  '035720',
  '051910',
  '006400',
  '003670',
  '066570',
  '247540',
  '086520',
];

const INSTRUMENT_BY_CODE: ReadonlyMap<string, Instrument> = new Map(
  [...INSTRUMENTS, ...FUND_INSTRUMENTS].map((one) => [one.code, one]),
);

export function findInstrument(code: string): Instrument | undefined {
  return INSTRUMENT_BY_CODE.get(code);
}

/**
 * So many instruments for a load run: the real stocks first, then funds, then made-up stocks, which say so in their
 * names and carry alphanumeric codes (`9Z0001`) that no listed stock has. NXT trades a quarter of those, as it does.
 */
export function instrumentsForLoad(count: number): readonly Instrument[] {
  const real = [...INSTRUMENTS, ...FUND_INSTRUMENTS];
  const invented = Array.from({ length: Math.max(0, count - real.length) }, (_, index): Instrument => {
    const number = String(index + 1).padStart(4, '0');
    return {
      code: `9Z${number}`,
      nameKo: `모의종목 ${number}`,
      nameEn: `Simulated Stock ${number}`,
      market: index % 2 === 0 ? 'KOSPI' : 'KOSDAQ',
      kind: 'stock',
      sector: STOCK_SECTORS[index % STOCK_SECTORS.length],
      kospi200: false,
      nxt: index % 4 === 0,
      // Spread over all bands of the tick table, multiples of 1,000 so that each is on the grid.
      referencePriceWon: 1_000 + ((index * 7_919) % 400) * 1_000,
      listedShares: 5_000_000 + ((index * 104_729) % 200) * 500_000,
    };
  });
  return [...real, ...invented].slice(0, count);
}

function instrumentOf(row: Row, market: Instrument['market']): Instrument {
  const [code, nameKo, nameEn, sector, referencePriceWon, listedThousands] = row;
  return {
    code,
    nameKo,
    nameEn,
    market,
    kind: 'stock',
    sector,
    kospi200: market === 'KOSPI',
    nxt: !KRX_ONLY.has(code),
    referencePriceWon,
    listedShares: listedThousands * 1000,
  };
}
