// The overseas stocks that have names: for masters and product information. Prices are answered for any ticker; those here
// swing around a plausible size in dollars, which is no quote.

export interface OverseasListing {
  readonly exchange: 'NAS' | 'NYS' | 'AMS';
  readonly symbol: string;
  readonly nameKo: string;
  readonly nameEn: string;
  readonly dollars: number;
}

type Row = readonly [
  exchange: OverseasListing['exchange'],
  symbol: string,
  nameKo: string,
  nameEn: string,
  dollars: number,
];

const ROWS: readonly Row[] = [
  ['NAS', 'AAPL', '애플', 'APPLE INC', 268],
  ['NAS', 'NVDA', '엔비디아', 'NVIDIA CORP', 187],
  ['NAS', 'MSFT', '마이크로소프트', 'MICROSOFT CORP', 512],
  ['NAS', 'TSLA', '테슬라', 'TESLA INC', 431],
  ['NAS', 'AMZN', '아마존닷컴', 'AMAZON.COM INC', 232],
  ['NAS', 'GOOGL', '알파벳 A', 'ALPHABET INC-CL A', 281],
  ['NAS', 'META', '메타 플랫폼스', 'META PLATFORMS INC', 648],
  ['NAS', 'QQQ', 'INVESCO QQQ', 'INVESCO QQQ TRUST', 617],
  ['NYS', 'JPM', '제이피모간 체이스', 'JPMORGAN CHASE & CO', 309],
  ['NYS', 'KO', '코카콜라', 'COCA-COLA CO', 71],
  ['AMS', 'SPY', 'SPDR S&P500', 'SPDR S&P 500 ETF TRUST', 676],
];

export const OVERSEAS_LISTINGS: readonly OverseasListing[] = ROWS.map(
  ([exchange, symbol, nameKo, nameEn, dollars]) => ({ exchange, symbol, nameKo, nameEn, dollars }),
);

/** Product types of KIS: 512 NASDAQ, 513 NYSE, 529 AMEX. */
export const OVERSEAS_PRODUCT_TYPES: Readonly<Record<string, OverseasListing['exchange']>> = {
  512: 'NAS',
  513: 'NYS',
  529: 'AMS',
};

export function findOverseas(symbol: string): OverseasListing | undefined {
  return OVERSEAS_LISTINGS.find((listing) => listing.symbol === symbol);
}
