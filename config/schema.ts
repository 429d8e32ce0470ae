// Every setting of kisignal: its type, default, meaning, and (where it is not KISIGNAL_ plus the path in capitals) its
// name in the environment. This file is the reference; `kisignal config print` shows what is in force and why.
import { z } from 'zod';
import { INSTRUMENTS } from './instruments.ts';
import { handOver, kafka, proof, snapshot, state } from './schema-durability.ts';
import { listSettings, setting } from './setting.ts';
import { count, milliseconds, port, text, url } from './setting-types.ts';

export const INTERVALS = ['1s', '10s', '1m', '5m'] as const;

const kis = z.strictObject({
  appKey: setting(text, null, 'App key of the KIS Open API.', { environment: 'KIS_APP_KEY', secret: true }),
  appSecret: setting(text, null, 'App secret that belongs to the key.', {
    environment: 'KIS_APP_SECRET',
    secret: true,
  }),
  keysFile: setting(
    text,
    null,
    'JSON file [{"appKey", "appSecret"}, …] in place of the two, or besides them: a session a key.',
    { environment: 'KIS_KEYS_FILE' },
  ),
  htsId: setting(text, null, 'HTS id; with it, execution notices are received (encrypted at rest).', {
    environment: 'KIS_HTS_ID',
    secret: true,
  }),
  accountNo: setting(text, null, 'Account number that notices are kept for.', {
    environment: 'KIS_ACCOUNT_NO',
    secret: true,
  }),
  customerType: setting(z.enum(['P', 'B']), 'P', 'P: personal customer. B: corporate.'),
  restUrl: setting(url('https?'), null, 'REST address; by default that of the environment (emulator: one is started).'),
  webSocketUrl: setting(url('wss?'), null, 'WebSocket address; given together with the REST address.'),
  registrationsMax: setting(count, 41, 'Registrations that KIS allows in one session, over all TRs.'),
  registrationsPerSecond: setting(z.number().positive(), 10, 'Pace of registering; 3 for a new app key.'),
  registrationTimeoutMs: setting(milliseconds, 5000, 'How long the acknowledgement of a registration may take.'),
  registrationAttemptsMax: setting(count, 3, 'How often one registration is sent before it is left out.'),
  requestTimeoutMs: setting(milliseconds, 10_000, 'How long a REST request may take.'),
  requestsPerSecond: setting(
    z.number().positive().nullable(),
    null,
    'REST requests of one app key; by default 18 live and in the emulator, 1 paper. New customers: 3.',
  ),
  mastersUrl: setting(url('https?'), null, 'Where the symbol masters lie; by default at KIS, or in the emulator.'),
  watchdogMs: setting(milliseconds, 90_000, 'A session that delivers nothing for so long is dead.'),
  backoffFirstMs: setting(milliseconds, 1000, 'Longest first wait before a new attempt to connect.'),
  backoffMaxMs: setting(milliseconds, 30_000, 'Longest wait before a new attempt to connect.'),
  keyInUseWaitMs: setting(milliseconds, 30_000, 'Shortest wait where another session holds the app key.'),
});

const krx = z.strictObject({
  authKey: setting(text, null, 'Key of the KRX Open API, the second official source; without it, KIS alone.', {
    environment: 'KRX_AUTH_KEY',
    secret: true,
  }),
  url: setting(url('https?'), null, 'Base address; by default the exchange, or the emulator.'),
  requestsPerDay: setting(count, 10_000, 'Requests that the exchange allows in a day.'),
});

const source = z.strictObject({
  env: setting(z.enum(['emulator', 'paper', 'live']), 'emulator', 'Where ticks come from.', { environment: 'KIS_ENV' }),
  kis: kis.prefault({}),
  krx: krx.prefault({}),
});

const reference = z.strictObject({
  bootstrap: setting(z.boolean(), true, 'Ask KIS by REST for masters, limits and holidays at the start of a day.'),
  warmBars: setting(z.boolean(), true, 'Warm the indicators on minute bars with those of the day so far.'),
  fillGaps: setting(z.boolean(), true, 'Fill bars that a gap tore by REST, and mark them as filled.'),
  crossCheck: setting(z.boolean(), true, 'After the close, hold closing price and volume against REST.'),
});

const emulator = z.strictObject({
  seed: setting(z.int(), 1, 'Equal seeds give equal markets.'),
  speed: setting(z.number().min(0), 1, 'Simulated seconds a second; 0: as fast as it can.'),
  activity: setting(z.number().positive(), 1, 'Multiplies the rate of orders.'),
  startTime: setting(z.iso.datetime({ offset: true }).nullable(), null, 'Start of the simulation; by default now.'),
  symbols: setting(count, INSTRUMENTS.length, 'Instruments of the simulated market.'),
  sessions: setting(
    z.enum(['regular', 'all']),
    'regular',
    'regular: 09:00–15:20, day after day. all: from the pre-market to the after-market, with auctions and interruptions.',
  ),
  eventsFile: setting(
    text,
    null,
    'Things that happen to the simulated market: JSON [{"second", "event", "date"?}, …].',
  ),
  environment: setting(z.enum(['live', 'paper']), 'live', 'Whose rules hold: paper offers fewer TRs.'),
  faultsPerMinute: setting(z.number().min(0), 0, 'Faults of the wire, drawn from the seed; 0: none.'),
  host: setting(z.string().min(1), '127.0.0.1', 'Address the emulator listens on.'),
  port: setting(port, 0, 'Port the emulator listens on; 0: any free one.'),
  flushMs: setting(milliseconds, 200, 'Interval of frames for one instrument and TR.'),
  registrationsMax: setting(count, 41, 'Registrations that the emulator allows in one session.'),
  idleExitMs: setting(milliseconds, 60_000, 'An emulator started by `run` ends after so long without a client.'),
  framesFile: setting(text, null, 'Recorded frames to replay in place of a market: JSON lines with `raw`.'),
});

const universe = z.strictObject({
  symbols: setting(z.array(z.string().regex(/^[0-9A-Z]{6,7}$/)), [], 'Stock codes; empty: the 20 that ship.', {
    environment: 'KISIGNAL_SYMBOLS',
  }),
  venue: setting(z.enum(['KRX', 'NXT', 'UN']), 'KRX', 'Venue whose feed is registered; UN: both, unified.'),
  streams: setting(
    z.array(z.enum(['trades', 'books', 'expected', 'status', 'index'])).min(1),
    ['trades', 'books'],
    'What is registered: trades, books, expected executions and market status of each symbol, and the indices.',
  ),
});

const further = z.string().regex(/^[0-9A-Z]{3,16}$/);
const markets = z.strictObject({
  overseas: setting(z.array(further), [], 'Keys of overseas trades (HDFSCNT0), such as DNASAAPL.'),
  futures: setting(z.array(further), [], 'Codes of index futures (H0IFCNT0).'),
});

const journal = z.strictObject({
  dataDir: setting(z.string().min(1), 'data', 'Data folder; each environment has its own folder in it.', {
    environment: 'KISIGNAL_DATA_DIR',
  }),
  segmentBytesMax: setting(z.int().min(65_536), 64 * 1024 * 1024, 'Size at which a new segment begins.'),
  diskBudgetBytes: setting(z.int().min(1_048_576), 10_000_000_000, 'Beyond it the oldest closed days are pruned.'),
  syncMs: setting(milliseconds, 200, 'Interval at which the journal is forced to the disk.'),
  compression: setting(
    z.enum(['auto', 'zstd', 'gzip', 'none']),
    'auto',
    'Of closed days. auto: zstd where Node has it, else gzip.',
  ),
  encryptionKeyFile: setting(text, null, 'File with the key that encrypts personal data.', {
    environment: 'KISIGNAL_ENCRYPTION_KEY_FILE',
  }),
});

const bars = z.strictObject({
  intervals: setting(z.array(z.enum(INTERVALS)).min(1), ['1s', '1m'], 'Intervals of the bars.'),
  latenessMs: setting(z.int().min(0), 1000, 'How long after its end a bar still takes trades.'),
});

const indicators = z.strictObject({
  timeFrames: setting(
    z.array(z.enum(['tick', ...INTERVALS])).min(1),
    ['tick', '1m'],
    'Time frames of the indicators: every trade, or bars of an interval of `bars.intervals`.',
  ),
});

const prediction = z.strictObject({
  artifact: setting(z.string().min(1), 'next-mid-move', 'Folder in models/artifacts, or the path of another.'),
  backend: setting(z.enum(['wasm', 'plain']), 'wasm', 'wasm: tf.js. plain: the same network in plain JavaScript.'),
});

const score = z.number().min(0).max(100);
const weight = z.number().min(0);
const quality = z.strictObject({
  floor: setting(score, 80, 'An overall score below it raises the alert `data_quality`.'),
  signalFloor: setting(score, 80, 'Gate `quality`: an instrument whose score is below it gives no signals.'),
  everyMs: setting(milliseconds, 1000, 'Interval of the channel `quality`, engine time.'),
  weights: z
    .strictObject({
      completeness: setting(weight, 0.35, 'Weight in the overall score, relative to the others.'),
      accuracy: setting(weight, 0.25, 'Weight in the overall score.'),
      consistency: setting(weight, 0.2, 'Weight in the overall score.'),
      timeliness: setting(weight, 0.2, 'Weight in the overall score.'),
    })
    .prefault({}),
  silentMs: setting(
    milliseconds,
    60_000,
    'A symbol that is silent for longer, and than its activity lets expect, is missing.',
  ),
  ageMsMax: setting(milliseconds, 3000, 'A record older than this on receipt, beyond the clock offset, is late.'),
});

const probability = z.number().min(0.5).max(1);
const signals = z.strictObject({
  probabilityMin: setting(probability, 0.7, 'Probability of a direction from which on it is a signal.'),
  horizonMs: setting(milliseconds, 5000, 'When a signal is scored.'),
  bookAgeMsMax: setting(milliseconds, 3000, 'Gate `stale`: age of the book at the decision.'),
  gapHoldMs: setting(z.int().min(0), 5000, 'Gate `gap`: how long an instrument is silent after a gap in its feed.'),
  spreadTicksMax: setting(z.number().positive(), 3, 'Gate `spread`: in ticks of the KRX table.'),
  priceCollarBpMax: setting(z.number().positive(), 50, 'Gate `price_collar`: distance of the mid from the last trade.'),
  cooldownMs: setting(z.int().min(0), 5000, 'Gate `rate`: shortest time between two signals of an instrument.'),
  perMinuteMax: setting(count, 6, 'Gate `rate`: signals of an instrument in any minute.'),
});

const limits = z.strictObject({
  messageBytesMax: setting(z.int().min(1024), 64 * 1024, 'A longer client message closes with 1009.'),
  messagesPerSecondMax: setting(count, 50, 'Client messages a second.'),
  subscriptionsMax: setting(count, 8192, 'Patterns (channel, instrument, variant) of a connection.'),
  connectionsMax: setting(count, 5000, 'Open connections.'),
  connectionsPerAddressMax: setting(count, 1000, 'Open connections of one address.'),
  queueBytesMax: setting(
    z.int().min(65_536),
    1024 * 1024,
    'Bytes that may wait for a client; then updates are conflated, or, with `all`, it is closed.',
  ),
  drainMsMax: setting(milliseconds, 10_000, 'A client that is at the bound for longer is closed.'),
  heartbeatMs: setting(milliseconds, 5000, 'Interval of heartbeats.'),
  idleMsMax: setting(milliseconds, 60_000, 'A client that is silent for longer is closed.'),
});

const resume = z.strictObject({
  windowMs: setting(z.int().min(0), 60_000, 'How far back a client may come back without a hole.'),
  bytesMax: setting(z.int().min(0), 128 * 1024 * 1024, 'Memory for it; the oldest goes first.'),
});

const gateway = z.strictObject({
  host: setting(z.string().min(1), '127.0.0.1', 'Address of the gateway.', { environment: 'KISIGNAL_HOST' }),
  port: setting(port, 8787, 'Port of the gateway; 0: any free one.', { environment: 'KISIGNAL_PORT' }),
  transport: setting(z.enum(['auto', 'uws', 'ws']), 'auto', 'uws: uWebSockets.js. auto: ws where it has no binary.'),
  allowedOrigins: setting(z.array(z.url()), [], 'Origins of other web pages that may open a socket.'),
  allowedHosts: setting(z.array(z.string().min(1)), [], 'Further names that a Host header may carry.'),
  limits: limits.prefault({}),
  resume: resume.prefault({}),
});

const telemetry = z.strictObject({
  prometheusPort: setting(port.nullable(), null, 'A second port for /metrics alone.', {
    environment: 'PROMETHEUS_PORT',
  }),
  logLevel: setting(
    z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    'info',
    'Least level logged.',
  ),
  statusLineMs: setting(milliseconds, 1000, 'Interval of the status line in the terminal.'),
});

export const configSchema = z
  .strictObject({
    role: setting(
      z.enum(['all', 'ingest', 'engine', 'gateway']),
      'all',
      'all: one process. ingest: KIS into the journal. engine: journal into signals. gateway: signals to clients.',
    ),
    source: source.prefault({}),
    emulator: emulator.prefault({}),
    reference: reference.prefault({}),
    universe: universe.prefault({}),
    markets: markets.prefault({}),
    journal: journal.prefault({}),
    proof: proof.prefault({}),
    kafka: kafka.prefault({}),
    handOver: handOver.prefault({}),
    snapshot: snapshot.prefault({}),
    bars: bars.prefault({}),
    indicators: indicators.prefault({}),
    prediction: prediction.prefault({}),
    quality: quality.prefault({}),
    signals: signals.prefault({}),
    gateway: gateway.prefault({}),
    state: state.prefault({}),
    telemetry: telemetry.prefault({}),
  })
  .check(({ value, issues }) => {
    for (const frame of value.indicators.timeFrames) {
      if (frame === 'tick' || value.bars.intervals.includes(frame)) continue;
      issues.push({
        code: 'custom',
        path: ['indicators', 'timeFrames'],
        input: frame,
        message: `"${frame}" needs bars of that interval: add it to bars.intervals`,
      });
    }
  });

export type Config = z.output<typeof configSchema>;

/** Every setting, in the order above. */
export const settings = listSettings(configSchema);
