// The REST side of a run: reference data beside the feed, and the positions of the account that is named. It shares the
// first app key with the feed, answers whatever it can, and never keeps the engine waiting.
import type { Logger } from 'pino';
import type { KisKey } from '../config/kis-account.ts';
import type { Config } from '../config/schema.ts';
import { isDomestic } from '../config/venues.ts';
import { rules } from './configuration.ts';
import type { EmulatorProcess } from './emulator/emulator-process.ts';
import { dataLayout, type Engine, type Feed } from './engine.ts';
import { PositionKeeper } from './positions/position-keeper.ts';
import type { Finding } from './quality/findings.ts';
import { ReferenceLoader } from './reference/loader.ts';
import type { WatchedInstrument } from './reference/loader-options.ts';
import { ReferenceShelf } from './reference/reference-shelf.ts';
import { accountBalance } from './sources/kis/rest/balance.ts';
import { KisRestClient } from './sources/kis/rest/client.ts';
import { downloadMasters, KIS_MASTERS_URL } from './sources/kis/rest/masters.ts';
import type { TokenStore } from './sources/kis/rest/token-store.ts';
import { systemTimers } from './sources/kis/timers.ts';
import { KRX_URL, KrxClient } from './sources/krx/krx-client.ts';

const REQUESTS_PER_SECOND = { live: 18, paper: 1 } as const;

export interface RestFeedOptions {
  readonly config: Config;
  readonly key: KisKey;
  readonly emulator: EmulatorProcess | null;
  readonly engine: Engine;
  readonly feed: Pick<Feed, 'clock' | 'clockReady'>;
  /** Null where tokens are kept in memory only. */
  readonly tokenStore: TokenStore | null;
  readonly dataFolder: string;
  readonly log: Logger;
  readonly onLatency: (operation: string, seconds: number) => void;
}

export interface RestFeed {
  readonly client: KisRestClient;
  readonly loader: ReferenceLoader;
  /** Null where no account is named. */
  readonly positions: PositionKeeper | null;
  start(): void;
  /** A gap was found: its bars are asked for. */
  fill(finding: Finding): void;
  stop(): Promise<void>;
}

export function openRestFeed(options: RestFeedOptions): RestFeed {
  const { config, key, emulator, engine, feed, tokenStore, dataFolder, log, onLatency } = options;
  const { kis, krx } = config.source;
  const { machine } = engine;
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
    store: new ReferenceShelf(dataLayout(dataFolder).references, engine.contents),
    nowUs: () => (feed.clockReady() ? feed.clock.nowUs() : null),
    watched: () => watchedInstruments(engine),
    ...config.reference,
    logger: log,
  });
  loader.loaded.subscribe(({ kind, hash }) => engine.command({ type: 'reference', kind, hash }));
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
    fill({ kind, instrument, timeUs }) {
      if (kind !== 'gap') return;
      const known = machine.instruments.find(instrument);
      if (known === undefined || !isDomestic(known.venue)) return;
      const fromUs = known.values.lastTradeUs || timeUs;
      loader.fillGap({ code: known.code, venue: known.venue, fromUs, toUs: timeUs });
    },
    async stop() {
      // First, so that a balance under way is not taken for one that failed.
      const ended = positions?.stop();
      await loader.stop();
      await ended;
    },
  };
}

/** Domestic stocks whose trades are registered, those registered first in front. */
function watchedInstruments({ machine }: Engine): WatchedInstrument[] {
  const watched: WatchedInstrument[] = [];
  for (const { code, venue, quality } of machine.instruments.all()) {
    if (quality.registered.trades && isDomestic(venue)) watched.push({ code, venue });
  }
  return watched;
}
