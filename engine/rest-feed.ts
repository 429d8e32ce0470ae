// The REST side of a run: reference data beside the feed, and the positions of the account that is named. It shares the
// first app key with the feed, answers whatever it can, and never keeps the engine waiting. It knows no state machine:
// what is watched and what is to be filled, its owner tells.
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { KisKey } from '../config/kis-account.ts';
import { dataFolder } from '../config/paths.ts';
import type { Config } from '../config/schema.ts';
import { isDomestic } from '../config/venues.ts';
import { rules } from './configuration.ts';
import { dataLayout } from './data-folder.ts';
import type { EmulatorProcess } from './emulator/emulator-process.ts';
import type { Feed } from './engine.ts';
import type { ControlCommand } from './input.ts';
import type { Contents } from './journal/contents.ts';
import { PositionKeeper } from './positions/position-keeper.ts';
import type { Finding } from './quality/findings.ts';
import type { GapToFill } from './reference/fill-queue.ts';
import { ReferenceLoader } from './reference/loader.ts';
import type { WatchedInstrument } from './reference/loader-options.ts';
import { ReferenceShelf } from './reference/reference-shelf.ts';
import { accountBalance } from './sources/kis/rest/balance.ts';
import { KisRestClient } from './sources/kis/rest/client.ts';
import { downloadMasters, KIS_MASTERS_URL } from './sources/kis/rest/masters.ts';
import { SealedTokenStore, type TokenStore } from './sources/kis/rest/token-store.ts';
import { systemTimers } from './sources/kis/timers.ts';
import { KRX_URL, KrxClient } from './sources/krx/krx-client.ts';
import type { StateMachine } from './state-machine.ts';

/** What the REST side asks of whoever keeps the journal. */
export interface RestOwner {
  /** An answer is an input: the command that names it. */
  command(command: ControlCommand): void;
  readonly contents: Contents;
  /** Domestic stocks whose trades are registered, those registered first in front. */
  watched(): readonly WatchedInstrument[];
}

const REQUESTS_PER_SECOND = { live: 18, paper: 1 } as const;

export interface RestFeedOptions {
  readonly config: Config;
  readonly key: KisKey;
  readonly emulator: EmulatorProcess | null;
  readonly owner: RestOwner;
  readonly feed: Pick<Feed, 'clock' | 'clockReady'>;
  /** Null where tokens are kept in memory only. */
  readonly tokenStore: TokenStore | null;
  readonly log: Logger;
  readonly onLatency: (operation: string, seconds: number) => void;
}

export interface RestFeed {
  readonly client: KisRestClient;
  readonly loader: ReferenceLoader;
  /** Null where no account is named. */
  readonly positions: PositionKeeper | null;
  start(): void;
  /** Bars of a gap are asked for. */
  fill(gap: GapToFill): void;
  stop(): Promise<void>;
}

/** Tokens outlive the process only where a key encrypts them. */
export function tokenStore(
  config: Config,
  { appKey }: KisKey,
  emulator: EmulatorProcess | null,
  masterKey: Buffer | null,
): TokenStore | null {
  if (masterKey === null || emulator !== null) return null;
  const folder = join(dataFolder(config), 'tokens');
  return new SealedTokenStore({ folder, masterKey, appKey, restUrl: config.source.kis.restUrl! });
}

export function openRestFeed(options: RestFeedOptions): RestFeed {
  const { config, key, emulator, owner, feed, tokenStore, log, onLatency } = options;
  const { kis, krx } = config.source;
  const environment = rules(config);
  const client = new KisRestClient({
    ...key,
    restUrl: emulator?.restUrl ?? kis.restUrl!,
    environment,
    requestsPerSecond: kis.requestsPerSecond ?? REQUESTS_PER_SECOND[environment],
    customerType: kis.customerType,
    requestTimeoutMs: kis.requestTimeoutMs,
    tokenStore,
    onLatency,
  });
  const mastersUrl = kis.mastersUrl ?? (emulator === null ? KIS_MASTERS_URL : `${emulator.restUrl}/common/master`);
  const krxUrl = krx.url ?? (emulator === null ? KRX_URL : `${emulator.restUrl}/svc/apis`);
  const authKey = krx.authKey ?? (emulator === null ? null : key.appKey);
  const { requestTimeoutMs } = kis;
  const loader = new ReferenceLoader({
    sources: {
      kis: client,
      krx:
        authKey === null
          ? null
          : new KrxClient({ url: krxUrl, authKey, requestsPerDay: krx.requestsPerDay, requestTimeoutMs, onLatency }),
      masters: (closing) => downloadMasters({ mastersUrl, requestTimeoutMs, timers: systemTimers, closing }),
    },
    store: new ReferenceShelf(dataLayout(dataFolder(config)).references, owner.contents),
    nowUs: () => (feed.clockReady() ? feed.clock.nowUs() : null),
    watched: () => owner.watched(),
    ...config.reference,
    logger: log,
  });
  loader.loaded.subscribe(({ kind, hash }) => owner.command({ type: 'reference', kind, hash }));
  const account = kis.accountNo;
  const positions =
    account === null
      ? null
      : new PositionKeeper({
          accountNumber: account,
          balance: (number) => accountBalance(client, number),
          logger: log,
        });
  return {
    client,
    loader,
    positions,
    start() {
      loader.start();
      positions?.start();
    },
    fill(gap) {
      loader.fillGap(gap);
    },
    async stop() {
      // First, so that a balance under way is not taken for one that failed.
      const ended = positions?.stop();
      await loader.stop();
      await ended;
    },
  };
}

type Instruments = StateMachine['instruments'];

/** Domestic stocks whose trades are registered, as a state machine knows them; those registered first in front. */
export function watchedInstruments(instruments: Instruments): WatchedInstrument[] {
  const watched: WatchedInstrument[] = [];
  for (const { code, venue, quality } of instruments.all()) {
    if (quality.registered.trades && isDomestic(venue)) watched.push({ code, venue });
  }
  return watched;
}

/** The bars that a finding asks for; null where it is of another kind, or REST has no bars of the instrument. */
export function gapToFill({ kind, instrument, timeUs }: Finding, instruments: Instruments): GapToFill | null {
  if (kind !== 'gap') return null;
  const known = instruments.find(instrument);
  if (known === undefined || !isDomestic(known.venue)) return null;
  return { code: known.code, venue: known.venue, fromUs: known.values.lastTradeUs || timeUs, toUs: timeUs };
}
