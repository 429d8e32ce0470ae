// The operation codes of market status records (MKOP_CLS_CODE and ANTC_MKOP_CLS_CODE of H0STMKO0, H0NXMKO0, H0UNMKO0) and
// what each does to trading. Codes that announce what calendar and books tell as well have no effect.

/** What a code does to the whole market. */
export type MarketEffect =
  | 'halt_on'
  | 'circuit_breaker_on'
  | 'circuit_breaker_off'
  | 'closed_for_the_day'
  | 'sidecar_sell_on'
  | 'sidecar_sell_off'
  | 'sidecar_buy_on'
  | 'sidecar_buy_off';

export interface Operation {
  readonly meaning: string;
  readonly effect?: MarketEffect;
}

/** MKOP_CLS_CODE. F and P codes count down to open and close (KRX, NXT): they are not listed one by one. */
export const OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ['110', { meaning: 'opening auction begins' }],
  ['112', { meaning: 'the market opens' }],
  ['121', { meaning: 'closing auction begins' }],
  ['129', { meaning: 'the market closes' }],
  ['130', { meaning: 'close-price trading before the open begins' }],
  ['139', { meaning: 'close-price trading before the open ends' }],
  ['140', { meaning: 'close-price trading after hours begins' }],
  ['146', { meaning: 'close-price trading after hours is executed' }],
  ['149', { meaning: 'close-price trading after hours ends' }],
  ['150', { meaning: 'single-price trading after hours begins' }],
  ['156', { meaning: 'single-price trading after hours is executed' }],
  ['159', { meaning: 'single-price trading after hours ends' }],
  ['164', { meaning: 'the market stands still', effect: 'halt_on' }],
  ['174', { meaning: 'circuit breaker set off', effect: 'circuit_breaker_on' }],
  ['175', { meaning: 'circuit breaker released', effect: 'circuit_breaker_off' }],
  ['182', { meaning: 'circuit breaker ends the day', effect: 'closed_for_the_day' }],
  ['184', { meaning: 'circuit breaker begins', effect: 'circuit_breaker_on' }],
  ['185', { meaning: 'circuit breaker ends', effect: 'circuit_breaker_off' }],
  ['387', { meaning: 'sidecar against programme sales set off', effect: 'sidecar_sell_on' }],
  ['388', { meaning: 'sidecar against programme sales released', effect: 'sidecar_sell_off' }],
  ['397', { meaning: 'sidecar against programme purchases set off', effect: 'sidecar_buy_on' }],
  ['398', { meaning: 'sidecar against programme purchases released', effect: 'sidecar_buy_off' }],
]);

/** ANTC_MKOP_CLS_CODE: whether expected prices begin with it or end. */
export const EXPECTED_OPERATIONS: ReadonlyMap<string, 'begin' | 'end'> = new Map([
  ['311', 'begin'],
  ['112', 'end'],
  ['121', 'begin'],
  ['129', 'end'],
]);

/** ISCD_STAT_CLS_CODE of an issue whose trading is suspended. */
export const ISSUE_SUSPENDED = '58';
