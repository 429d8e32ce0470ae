// Where the fields stand in a line of KIS's symbol masters: fixed widths, counted in decoded characters, not in bytes.
//
//   short code[9] standard code[12] name … | tail of fixed columns (KOSPI 227, KOSDAQ 221, KONEX 184 characters)
//
// Source: koreainvestment/open-trading-api, stocks_info/kis_{kospi,kosdaq,konex}_code_mst.py and the C structures there.
import type { InstrumentReference } from '../../../reference/reference.ts';

export interface MasterLayout {
  readonly market: InstrumentReference['market'];
  /** Without `.zip`. */
  readonly file: string;
  /** Characters from the line's end to the first fixed column. */
  readonly tailLength: number;
  /** [start, end) within the tail. */
  readonly columns: Readonly<Record<MasterColumn, readonly [number, number]>>;
}

/** `kospi200` is the sector of KOSPI200 (0 or space: no member), listed shares are in thousands. */
export type MasterColumn =
  | 'group'
  | 'kospi200'
  | 'basePrice'
  | 'lotSize'
  | 'halted'
  | 'liquidation'
  | 'previousVolume'
  | 'listedDate'
  | 'listedThousands';

type Named = Readonly<Partial<Record<MasterColumn, number>>>;

const ones = (count: number): number[] => Array.from({ length: count }, () => 1);

function layoutOf(market: MasterLayout['market'], file: string, widths: readonly number[], named: Named): MasterLayout {
  const starts = [0];
  for (const width of widths) starts.push(starts.at(-1)! + width);
  const columns = Object.entries(named).map(([name, index]) => [name, [starts[index], starts[index + 1]]]);
  // What a market does not have is an empty column.
  return { market, file, tailLength: starts.at(-1)!, columns: { kospi200: [0, 0], ...Object.fromEntries(columns) } };
}

export const MASTER_LAYOUTS: readonly MasterLayout[] = [
  layoutOf(
    'KOSPI',
    'kospi_code.mst',
    [
      ...[2, 1, 4, 4, 4, ...ones(26), 9, 5, 5, 1, 1, 1, 2, 1, 1, 1, 2, 2, 2, 3, 1, 3, 12, 12, 8, 15, 21, 2, 7],
      ...[1, 1, 1, 1, 1, 9, 9, 9, 5, 9, 8, 9, 3, 1, 1, 1],
    ],
    {
      group: 0,
      kospi200: 8,
      basePrice: 31,
      lotSize: 32,
      halted: 34,
      liquidation: 35,
      previousVolume: 47,
      listedDate: 49,
      listedThousands: 50,
    },
  ),
  layoutOf(
    'KOSDAQ',
    'kosdaq_code.mst',
    [
      ...[2, 1, 4, 4, 4, ...ones(21), 9, 5, 5, 1, 1, 1, 2, 1, 1, 1, 2, 2, 2, 3, 1, 3, 12, 12, 8, 15, 21, 2, 7],
      ...[1, 1, 1, 1, 9, 9, 9, 5, 9, 8, 9, 3, 1, 1, 1],
    ],
    {
      group: 0,
      basePrice: 26,
      lotSize: 27,
      halted: 29,
      liquidation: 30,
      previousVolume: 42,
      listedDate: 44,
      listedThousands: 45,
    },
  ),
  layoutOf(
    'KONEX',
    'konex_code.mst',
    [
      ...[2, 9, 5, 5, 1, 1, 1, 2, 1, 1, 1, 2, 2, 2, 3, 1, 3, 12, 12, 8, 15, 21, 2, 7],
      ...[1, 1, 1, 1, 9, 9, 9, 5, 9, 8, 9, 1, 1, 1],
    ],
    {
      group: 0,
      basePrice: 1,
      lotSize: 2,
      halted: 4,
      liquidation: 5,
      previousVolume: 17,
      listedDate: 19,
      listedThousands: 20,
    },
  ),
];
