// Several who want one lease, while they crash and the Redis that gives it is killed, hangs and comes back: drawn at
// random (fast-check prints the seed), against a real Redis, in real time.
import fc from 'fast-check';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { monotonicUs } from '../clock.ts';
import { RedisConnection } from './redis-connection.ts';
import { RedisLease } from './redis-lease.ts';
import { findRedis, type RedisServer } from './redis-server.ts';

const { own, start } = findRedis();
const where = own ? '' : ' (skipped: no redis-server on the PATH)';
const LIFE_MS = 400;
const RIVALS = 3;
const DEADLINE_MS = 30_000;

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** A process that wants the lease for as long as it lives. */
class Rival {
  readonly lease: RedisLease;
  private readonly connection: RedisConnection;
  private living = true;
  private lose: () => void = () => {};

  /** @param onTaken is told each term, in the order in which the terms are learned of */
  constructor(url: string, label: string, onTaken: (term: number) => void) {
    const write = (line: string): void => {
      const { msg, term } = JSON.parse(line) as { msg: string; term: number };
      if (msg === 'lease taken') onTaken(term);
    };
    this.connection = new RedisConnection({ url, log: pino({ level: 'silent' }) });
    const onLost = () => this.lose();
    const log = pino({}, { write });
    this.lease = new RedisLease({ connection: this.connection, name: 'a key', label, lifeMs: LIFE_MS, onLost, log });
    void this.connection.open().then(() => this.live());
  }

  /** By what it knows itself: Redis would give the lease to nobody else. */
  get holds(): boolean {
    return this.living && this.lease.figures().state === 'held';
  }

  /** As kill -9 does it: nothing is given back. */
  async crash(): Promise<void> {
    this.living = false;
    this.connection.close();
    await this.lease.release();
  }

  async end(): Promise<void> {
    this.living = false;
    await this.lease.release();
    this.connection.close();
  }

  private async live(): Promise<void> {
    while (this.living) {
      const lost = new Promise<void>((resolve) => {
        this.lose = resolve;
      });
      const answer = await this.lease.take();
      if (answer === null) await lost;
      else await pause(answer.retryMs);
    }
  }
}

type Step = { readonly do: 'redis_dies' | 'redis_hangs' | 'holder_crashes' | 'nothing'; readonly forMs: number };
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    do: fc.constantFrom('redis_dies', 'redis_hangs', 'holder_crashes', 'nothing'),
    forMs: fc.integer({ min: 0, max: 2 * LIFE_MS }),
  }),
  { minLength: 3, maxLength: 5 },
);

it.skipIf(!own)(
  `is never held by two, each has a higher term, and somebody has it in the end${where}`,
  async (context) => {
    const takeOverMs: number[] = [];
    await fc.assert(
      fc.asyncProperty(steps, async (drawn) => {
        const server = await start();
        const terms: number[] = [];
        const rival = (at: number) => new Rival(server.url, `rival ${at}`, (term) => terms.push(term));
        const rivals = Array.from({ length: RIVALS }, (_, at) => rival(at));
        let holdersMax = 0;
        const watch = setInterval(() => {
          holdersMax = Math.max(holdersMax, rivals.filter(({ holds }) => holds).length);
        }, 1);
        try {
          for (const step of drawn) await take(step, server, rivals, rival);
          takeOverMs.push(await untilHeld(rivals));
          expect(holdersMax).toBeLessThanOrEqual(1);
          expect([...terms].sort((a, b) => a - b)).toEqual([...new Set(terms)]);
        } finally {
          clearInterval(watch);
          await server.resume();
          await Promise.all(rivals.map((one) => one.end()));
          await server.stop();
        }
      }),
      { numRuns: 6, endOnFailure: true },
    );
    await context.annotate(`held again after ${takeOverMs.map(Math.round).join(', ')} ms, a life being ${LIFE_MS} ms`);
  },
  120_000,
);

async function take(step: Step, server: RedisServer, rivals: Rival[], rival: (at: number) => Rival): Promise<void> {
  switch (step.do) {
    case 'redis_dies':
      await server.kill();
      await pause(step.forMs);
      await server.restart();
      break;
    case 'redis_hangs':
      await server.hang();
      await pause(step.forMs);
      await server.resume();
      break;
    case 'holder_crashes': {
      const at = Math.max(
        0,
        rivals.findIndex(({ holds }) => holds),
      );
      await rivals[at].crash();
      rivals[at] = rival(at);
      await pause(step.forMs);
      break;
    }
    case 'nothing':
      await pause(step.forMs);
  }
}

/** Milliseconds until one has it by its own account. */
async function untilHeld(rivals: readonly Rival[]): Promise<number> {
  const fromUs = monotonicUs();
  while (!rivals.some(({ holds }) => holds)) {
    if (monotonicUs() - fromUs > 1000 * DEADLINE_MS) throw new Error(`nobody has the lease after ${DEADLINE_MS} ms`);
    await pause(5);
  }
  return (monotonicUs() - fromUs) / 1000;
}
