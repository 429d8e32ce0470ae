// A lease in Redis: of all processes that ask for a name, one has it at a time, for as long as it renews it. Whoever has
// it dies, and another has it once its life is over. Only Redis's own expiry and monotonic time of this process count;
// no clocks are compared.
//
//   released ─ take ─► held ◄──────────────► unconfirmed: Redis is away, and its life would be over
//       ▲               │ another has it          │       (or Redis was away when it was asked for)
//       └── release ─── elsewhere ◄───────────────┘
//
// Without Redis nobody can be asked: whoever has the lease, or asks for it then, goes on `unconfirmed`, takes it as soon
// as Redis is back, and gives way where another was first. What else guards the thing leased decides meanwhile.
import { createHash, randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { monotonicUs } from '../clock.ts';
import { type Cancel, systemTimers, type Timers } from '../sources/kis/timers.ts';
import type { RedisConnection } from './redis-connection.ts';

export type LeaseState = 'released' | 'held' | 'unconfirmed' | 'elsewhere';

export interface RedisLeaseOptions {
  readonly connection: Pick<RedisConnection, 'redis' | 'ready' | 'noteFailure'>;
  /** What is leased. Redis sees a digest of it alone. */
  readonly name: string;
  /** For people: says which it is in logs and status, and may be read by anyone. */
  readonly label: string;
  readonly lifeMs: number;
  /** Another has it: whatever rests on it ends now. */
  readonly onLost: () => void;
  readonly log: Logger;
  readonly timers?: Timers;
  /** Uniform in [0, 1); for jitter only. */
  readonly random?: () => number;
}

export interface LeaseFigures {
  readonly label: string;
  readonly state: LeaseState;
  /** Of the last lease that this process had; 0 before the first. Each lease of a name has a higher one. */
  readonly term: number;
  readonly taken: number;
  readonly lost: number;
  /** Renewals that Redis did not answer. */
  readonly unanswered: number;
}

/** Null where it is ours; else when to ask again, milliseconds. */
export type LeaseAnswer = { readonly retryMs: number } | null;

/** Renewals in a life: two may fail before it is over. */
const RENEWALS = 3;
const DIGEST_LENGTH = 16;
/** How long a release may wait for Redis; after that the lease ends by its own life. */
const RELEASE_MS = 300;

/**
 * Takes the lease or renews it. KEYS: lease, term. ARGV: token, life in milliseconds, the highest term known to the
 * asker, and how it asks: `go` on with what it had, `take` what is free, or `look`. Answers 1 ours, 0 another's, 2 free
 * and not to be had yet; then the term, or milliseconds.
 *
 * A Redis that has just started may have forgotten a lease whose holder still counts on it: for one life it gives none
 * away, except to whoever goes on. It may have forgotten the term as well: the second of its own clock is a floor there.
 */
const TAKE = `
local holder = redis.call('GET', KEYS[1])
if holder == ARGV[1] then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return {1, tonumber(redis.call('GET', KEYS[2]) or ARGV[3])}
end
if holder then return {0, redis.call('PTTL', KEYS[1])} end
if ARGV[4] == 'look' then return {2, tonumber(ARGV[2])} end
if ARGV[4] == 'take' then
  local info = redis.pcall('INFO', 'server')
  local upSeconds = type(info) == 'string' and string.match(info, 'uptime_in_seconds:(%d+)')
  local quietMs = ARGV[2] + 1000 - (upSeconds or math.huge) * 1000
  if quietMs > 0 then return {2, quietMs} end
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX')
local term = math.max(redis.call('INCR', KEYS[2]), ARGV[3] + 1, redis.call('TIME')[1])
redis.call('SET', KEYS[2], string.format('%d', term))
return {1, term}`;
type Answer = [verdict: 0 | 1 | 2, detail: number];

const RELEASE = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`;

export function leaseKey(name: string): string {
  return `kisignal:{lease:${createHash('sha256').update(name).digest('hex').slice(0, DIGEST_LENGTH)}}`;
}

export class RedisLease {
  private readonly options: RedisLeaseOptions;
  private readonly timers: Timers;
  private readonly random: () => number;
  private readonly key: string;
  /** Of one taking: what a Redis that hung does late with an older one changes nothing of ours. */
  private token = randomUUID();
  private state: LeaseState = 'released';
  /** Monotonic: Redis lets nobody else have it before. 0 where it is not ours to go on with. */
  private heldUntilUs = 0;
  /** Monotonic, of the first answer after Redis was away; null while it is. */
  private answersSinceUs: number | null = Number.NEGATIVE_INFINITY;
  private term = 0;
  private readonly counts = { taken: 0, lost: 0, unanswered: 0 };
  private cancelRenewal: Cancel = () => {};

  constructor(options: RedisLeaseOptions) {
    this.options = options;
    this.timers = options.timers ?? systemTimers;
    this.random = options.random ?? Math.random;
    this.key = leaseKey(options.name);
  }

  figures(): LeaseFigures {
    const { label } = this.options;
    // The renewal that notices is a moment late.
    const over = this.state === 'held' && monotonicUs() >= this.heldUntilUs;
    return { label, state: over ? 'unconfirmed' : this.state, term: this.term, ...this.counts };
  }

  /** Asks once, and renews from then on. Where Redis is away it is ours until another turns out to have it. */
  async take(): Promise<LeaseAnswer> {
    if (this.state === 'held' || this.state === 'unconfirmed') return null;
    return this.ask();
  }

  /** Resolves once Redis has answered, or does not. */
  async release(): Promise<void> {
    const { connection } = this.options;
    const { token } = this;
    if (this.state === 'released') return;
    this.state = 'released';
    this.heldUntilUs = 0;
    this.token = randomUUID();
    this.cancelRenewal();
    if (!connection.ready) return;
    await new Promise<void>((resolve) => {
      const cancel = this.timers.after(RELEASE_MS, resolve);
      const answered = (): void => {
        cancel();
        resolve();
      };
      connection.redis.eval(RELEASE, 1, this.key, token).then(answered, answered);
    });
  }

  private async ask(): Promise<LeaseAnswer> {
    const { connection, lifeMs } = this.options;
    const { token } = this;
    if (this.state === 'released') this.state = 'elsewhere';
    // Redis counts the life from later than this: ours is over first.
    const askedUs = monotonicUs();
    let answer: Answer | null = null;
    try {
      const ours = [token, lifeMs, this.term, this.manner(askedUs)];
      answer = (await connection.redis.eval(TAKE, 2, this.key, `${this.key}:term`, ...ours)) as Answer;
    } catch (error) {
      connection.noteFailure(error as Error);
    }
    // Given back meanwhile.
    if (token !== this.token) return { retryMs: lifeMs };
    if (answer === null) this.unanswered();
    else {
      this.answersSinceUs ??= askedUs;
      const [verdict, detail] = answer;
      if (verdict === 1) this.confirmed(detail, askedUs);
      else if (verdict === 0) this.refused();
      if (this.state === 'elsewhere') return { retryMs: this.retryMs(detail) };
    }
    this.cancelRenewal = this.timers.after(lifeMs / RENEWALS, () => void this.ask());
    return null;
  }

  /** Where Redis was away, whoever had the lease before gets a life's time to come back for it. */
  private manner(nowUs: number): 'go' | 'take' | 'look' {
    if (this.heldUntilUs > 0) return 'go';
    const patient = this.answersSinceUs === null || nowUs - this.answersSinceUs < 1000 * this.options.lifeMs;
    return patient ? 'look' : 'take';
  }

  /** When it may be free; several who wait do not ask at the same moment. */
  private retryMs(leftMs: number): number {
    return Math.ceil(Math.max(0, leftMs) + (0.02 + 0.1 * this.random()) * this.options.lifeMs);
  }

  private confirmed(term: number, askedUs: number): void {
    const { label, log, lifeMs } = this.options;
    if (term !== this.term) {
      this.counts.taken += 1;
      log.info({ key: label, term }, 'lease taken');
    } else if (this.state === 'unconfirmed') log.info({ key: label, term }, 'lease confirmed again');
    this.term = term;
    this.state = 'held';
    this.heldUntilUs = askedUs + 1000 * lifeMs;
  }

  private unanswered(): void {
    const { label, log } = this.options;
    this.counts.unanswered += 1;
    this.answersSinceUs = null;
    if (this.state === 'unconfirmed' || monotonicUs() < this.heldUntilUs) return;
    this.state = 'unconfirmed';
    log.warn({ key: label }, 'lease_unconfirmed: redis is away; what guards the key on this machine decides alone');
  }

  private refused(): void {
    const { label, log, onLost } = this.options;
    const lost = this.state !== 'elsewhere';
    this.state = 'elsewhere';
    this.heldUntilUs = 0;
    this.token = randomUUID();
    if (!lost) return;
    this.counts.lost += 1;
    log.warn({ key: label, term: this.term }, 'lease lost: another has it');
    onLost();
  }
}
