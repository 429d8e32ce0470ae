// The kinds of findings, as a table: what each says of the data, which dimension it lowers and by how much. A finding is
// evidence: it names the journal entry that proves it. How points become a score: score.ts.

export const DIMENSIONS = ['completeness', 'accuracy', 'consistency', 'timeliness'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** `engine`: what concerns no stream of one instrument. */
export type FindingStream = 'trades' | 'books' | 'engine';

interface FindingRule {
  readonly dimension: Dimension;
  readonly streams: readonly FindingStream[];
  /** Points that one finding of severity 1 takes. */
  readonly points: number;
  /** What `amount`, `expected` and `found` count. */
  readonly unit: 'shares' | 'won' | 'records' | 'frames' | 'fields' | 'ms' | 'points';
  /**
   * How its severity follows from its amount. `each`: 1. `share`: 1 + 1,000 × the share of the day's shares that is
   * missing (score.ts). `minutes`: its length in minutes.
   */
  readonly severity: 'each' | 'share' | 'minutes';
  readonly en: string;
  readonly ko: string;
}

const rule = (
  dimension: Dimension,
  streams: readonly FindingStream[],
  points: number,
  unit: FindingRule['unit'],
  en: string,
  ko: string,
  severity: FindingRule['severity'] = 'each',
): FindingRule => ({ dimension, streams, points, unit, severity, en, ko });

const TRADES: readonly FindingStream[] = ['trades'];
const BOOKS: readonly FindingStream[] = ['books'];
const BOTH: readonly FindingStream[] = ['trades', 'books'];
const ENGINE: readonly FindingStream[] = ['engine'];

export const FINDINGS = {
  gap: rule(
    'completeness',
    TRADES,
    0.2,
    'shares',
    'Cumulative volume jumped: shares were traded that no record shows.',
    '누적 거래량이 건너뛰었습니다. 기록에 없는 체결이 있습니다.',
    'share',
  ),
  missing_fields: rule(
    'completeness',
    BOTH,
    0.5,
    'fields',
    'A field that must be there was empty or zero.',
    '반드시 있어야 할 필드가 비었거나 0입니다.',
  ),
  silent: rule(
    'completeness',
    BOTH,
    2,
    'ms',
    'A registered symbol was silent for longer than its activity lets expect.',
    '등록한 종목이 평소 활동으로 예상되는 것보다 오래 조용했습니다.',
    'minutes',
  ),
  undecodable: rule(
    'completeness',
    ['trades', 'books', 'engine'],
    0.5,
    'frames',
    'A frame could not be read, so what it held is missing.',
    '프레임을 해독할 수 없어 그 내용이 빠졌습니다.',
  ),
  tail_loss: rule(
    'completeness',
    TRADES,
    0.2,
    'shares',
    'The closing volume is higher than that of the last record: trades behind it were lost.',
    '종가 거래량이 마지막 기록보다 많습니다. 그 뒤의 체결을 잃었습니다.',
    'share',
  ),
  beyond_limits: rule(
    'accuracy',
    TRADES,
    1,
    'won',
    'A price lies beyond the daily limits.',
    '가격이 가격제한폭을 벗어났습니다.',
  ),
  off_grid: rule(
    'accuracy',
    BOTH,
    0.5,
    'won',
    'A price is neither on the tick grid nor a midpoint of it.',
    '가격이 호가 단위에도 중간가에도 맞지 않습니다.',
  ),
  crossed_book: rule(
    'accuracy',
    BOOKS,
    0.2,
    'won',
    'In continuous trading the best bid is not below the best ask.',
    '접속매매 중 최우선 매수호가가 매도호가보다 낮지 않습니다.',
  ),
  bad_volume: rule(
    'accuracy',
    TRADES,
    1,
    'shares',
    'A cumulative volume rose by less than the trade itself.',
    '누적 거래량이 체결량보다 적게 늘었습니다.',
  ),
  bad_turnover: rule(
    'accuracy',
    TRADES,
    0.5,
    'won',
    'Cumulative turnover did not rise by price × volume.',
    '누적 거래대금이 가격 × 수량만큼 늘지 않았습니다.',
  ),
  bad_sum: rule(
    'accuracy',
    BOOKS,
    0.2,
    'shares',
    'The total of a side of the book is not the sum of its levels.',
    '호가 총잔량이 단계별 잔량의 합과 다릅니다.',
  ),
  bad_identity: rule(
    'accuracy',
    BOTH,
    0.2,
    'records',
    'Fields of one record contradict each other.',
    '한 기록의 필드들이 서로 모순됩니다.',
  ),
  implausible: rule(
    'accuracy',
    TRADES,
    1,
    'records',
    'A trade cannot be true and was left out.',
    '사실일 수 없는 체결이라 제외했습니다.',
  ),
  trade_outside_book: rule(
    'consistency',
    TRADES,
    0.5,
    'won',
    'A trade lies far outside of the book around it.',
    '체결가가 당시 호가에서 크게 벗어났습니다.',
  ),
  unified_below_krx: rule(
    'consistency',
    TRADES,
    1,
    'shares',
    'The unified feed counts fewer shares than KRX alone.',
    '통합 시세의 누적 거래량이 KRX 단독보다 적습니다.',
  ),
  bar_mismatch: rule(
    'consistency',
    TRADES,
    1,
    'records',
    'A whole bar of ours differs from the same bar by REST.',
    '빠짐없는 자체 봉이 REST의 같은 봉과 다릅니다.',
  ),
  sources_differ: rule(
    'consistency',
    TRADES,
    2,
    'won',
    'Two sources give different closing prices or volumes.',
    '두 출처의 종가 또는 거래량이 다릅니다.',
  ),
  index_off: rule(
    'consistency',
    ENGINE,
    1,
    'points',
    'An index does not follow from the prices of its members.',
    '지수가 구성 종목의 가격과 맞지 않습니다.',
  ),
  duplicate: rule('consistency', TRADES, 0.1, 'records', 'A record came again.', '이미 받은 기록이 다시 왔습니다.'),
  out_of_order: rule(
    'consistency',
    BOTH,
    0.1,
    'records',
    'A record came after a newer one.',
    '기록이 더 새로운 기록 뒤에 왔습니다.',
  ),
  late: rule(
    'timeliness',
    BOTH,
    0.2,
    'ms',
    'Records were old on receipt, beyond the estimated clock offset.',
    '추정 시계 차이를 빼고도 수신 시점에 오래된 기록입니다.',
  ),
  stale_book: rule(
    'timeliness',
    BOOKS,
    0.5,
    'ms',
    'Trades came, and the book did not follow.',
    '체결은 오는데 호가가 갱신되지 않았습니다.',
  ),
  slow_batch: rule(
    'timeliness',
    TRADES,
    0.2,
    'ms',
    'Records of several seconds came at once.',
    '여러 초 동안의 기록이 한꺼번에 왔습니다.',
  ),
  clock_jump: rule(
    'timeliness',
    ENGINE,
    2,
    'ms',
    'Our clock jumped against that of the exchange, or the process stood still.',
    '시계가 거래소 시계에 대해 건너뛰었거나 프로세스가 멈췄습니다.',
  ),
} as const satisfies Record<string, FindingRule>;

export type FindingKind = keyof typeof FINDINGS;
export const FINDING_KINDS = Object.keys(FINDINGS) as FindingKind[];
/** Number of a kind in saved counts: new kinds are added at the end of the table. */
export const KIND_NUMBER = Object.fromEntries(FINDING_KINDS.map((kind, number) => [kind, number])) as Readonly<
  Record<FindingKind, number>
>;
/** Number of the dimension that a kind lowers. */
export const DIMENSION_NUMBER: Readonly<Record<FindingKind, number>> = Object.fromEntries(
  FINDING_KINDS.map((kind) => [kind, DIMENSIONS.indexOf(FINDINGS[kind].dimension)]),
) as Record<FindingKind, number>;

/** One deduction with what proves it. Prices in won, times in UTC microseconds of the engine. */
export interface Finding {
  readonly kind: FindingKind;
  /** `005930.KRX`, or `engine`. */
  readonly instrument: string;
  readonly stream: FindingStream;
  readonly timeUs: number;
  /** Number of the journal entry; −1 where the journal could not be written. */
  readonly offset: number;
  /** How much, in the kind's unit. */
  readonly amount: number;
  readonly expected: number;
  readonly found: number;
  /** What it took off its dimension. */
  readonly points: number;
}

export type FindingListener = (finding: Finding) => void;
