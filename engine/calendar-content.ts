// The calendar and the market's rules as they are stored by hash beside the journal: what sessions, gates and quality
// checks decided by.
import { CLOSED_WEEKDAYS, SHIFTED_DAYS } from '../config/calendar.ts';
import { LOT_RULES, MIDPOINT_ORDERS, PRICE_LIMIT_RULES, TICK_TABLES } from '../config/market-rules.ts';
import { SESSION_HISTORY } from '../config/session-tables.ts';
import {
  CIRCUIT_BREAKER_RULES,
  SIDECAR_RULES,
  VOLATILITY_INTERRUPTION_RULES,
} from '../config/volatility-interruption.ts';

export function calendarContent(): unknown {
  return {
    closedWeekdays: CLOSED_WEEKDAYS,
    shiftedDays: SHIFTED_DAYS,
    sessions: SESSION_HISTORY,
    tickTables: TICK_TABLES,
    midpointOrders: MIDPOINT_ORDERS,
    priceLimits: PRICE_LIMIT_RULES,
    lots: LOT_RULES,
    volatilityInterruptions: VOLATILITY_INTERRUPTION_RULES,
    circuitBreakers: CIRCUIT_BREAKER_RULES,
    sidecars: SIDECAR_RULES,
  };
}
