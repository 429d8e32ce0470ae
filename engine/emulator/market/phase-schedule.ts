// When the phases of one instrument's day begin at one venue. A call auction ends at a random second, each instrument's
// own, and a volatility interruption lasts two minutes and a random time.
import { US_PER_SECOND } from '../../../config/calendar.ts';
import type { SecurityKind } from '../../../config/market-rules.ts';
import type { SessionPhase } from '../../../config/sessions.ts';
import { CIRCUIT_BREAKER_RULES, VOLATILITY_INTERRUPTION_RULES } from '../../../config/volatility-interruption.ts';
import type { DayPlan, TradingVenue } from './day-plan.ts';
import type { Random } from './random.ts';

const { auctionSeconds, randomEndSecondsMax } = VOLATILITY_INTERRUPTION_RULES;
const [firstStep] = CIRCUIT_BREAKER_RULES.steps;
export const CIRCUIT_BREAKER_US = firstStep.haltSeconds * US_PER_SECOND;
/** A halt of one instrument ends with an auction as long as a circuit breaker's. */
export const RESUMING_AUCTION_US = firstStep.auctionSeconds * US_PER_SECOND;

export interface PhaseStep {
  atUs: number;
  readonly phase: SessionPhase;
}

/** KRX's after-market leaves funds out. */
export function drawSchedule(plan: DayPlan, venue: TradingVenue, kind: SecurityKind, random: Random): PhaseStep[] {
  const sessions = plan.sessions[venue].filter(({ phase }) => kind === 'stock' || phase !== 'after_market');
  const steps: PhaseStep[] = [];
  let lateUs = 0;
  for (const [at, { phase, startSecond, endSecond }] of sessions.entries()) {
    const follows = sessions[at - 1]?.endSecond === startSecond;
    steps.push({ atUs: plan.midnightUs + startSecond * US_PER_SECOND + (follows ? lateUs : 0), phase });
    lateUs = phase === 'opening_auction' || phase === 'closing_auction' ? randomEndUs(random) : 0;
    if (sessions[at + 1]?.startSecond === endSecond) continue;
    steps.push({ atUs: plan.midnightUs + endSecond * US_PER_SECOND + lateUs, phase: 'closed' });
  }
  return steps;
}

export function interruptionUs(random: Random): number {
  return auctionSeconds * US_PER_SECOND + randomEndUs(random);
}

/** By whole milliseconds. */
function randomEndUs(random: Random): number {
  return random.below(randomEndSecondsMax * 1000) * 1000;
}
