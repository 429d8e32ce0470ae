// The whole path in RESULTS.md: what was sent, what came when, what it took, and, where a goal is missed, what the
// measurements say holds it back.
import type { LatencyFigures } from '../latency-histogram.ts';
import { type Goal, number, table } from '../markdown.ts';
import type { StageName } from './clients.ts';
import type { Round, WholePathResult } from './whole-path.ts';

const RATIO_MAX = 2;
const P99_US_MAX = 1_000;
const RELAY_P99_US_MAX = 500;
const MEMORY_BYTES_MAX = 300e6;
/** Cores used by others up to which a machine counts as quiet. */
const QUIET_CORES = 0.2;
const QUANTILES = ['p50Us', 'p90Us', 'p99Us', 'p999Us', 'maxUs'] as const;
const QUANTILE_NAMES = ['p50', 'p90', 'p99', 'p99.9', 'max'];

const STAGE_TEXTS: Readonly<Record<StageName, string>> = {
  decode: 'journal and decode (t0 to t1)',
  indicators: 'bars, features, indicators (t1 to t2)',
  predict: 'prediction (t2 to t3)',
  decide: 'policy and gates (t3 to t4)',
  publish: 'to the gateway (t4 to t5)',
};

export function wholePathGoals(result: WholePathResult): Goal[] {
  const { relay, kisignal } = result.latency;
  const of = roundsOf(result, 'kisignal');
  const lost = result.rounds.reduce((sum, round) => sum + round.lost + round.holes, 0);
  const bytes = Math.max(...of.map(({ residentBytes }) => residentBytes));
  const goals: Goal[] = (['p50Us', 'p99Us'] as const).map((quantile) => {
    const ratio = kisignal[quantile] / relay[quantile];
    const name = quantile === 'p50Us' ? 'p50' : 'p99';
    return {
      text: `whole path, ${name} ≤2 times the bare relay's`,
      value: `${number(kisignal[quantile])} µs, ${number(ratio)}×`,
      met: ratio <= RATIO_MAX,
    };
  });
  if (relay.p99Us < RELAY_P99_US_MAX) {
    goals.push({
      text: 'whole path, p99 <1 ms, as the relay’s is below 0.5 ms',
      value: `${number(kisignal.p99Us)} µs`,
      met: kisignal.p99Us < P99_US_MAX,
    });
  }
  goals.push(
    { text: 'whole path, nothing lost', value: `${number(lost)} of all messages`, met: lost === 0 },
    {
      text: `resident memory of the engine, ${result.shape.symbols} symbols <300 MB`,
      value: `${number(bytes / 1e6)} MB`,
      met: bytes < MEMORY_BYTES_MAX,
    },
  );
  return goals;
}

export function wholePathSection(result: WholePathResult, cores: number): string {
  return [
    '## Whole path: from a frame’s intended sending to its receipt by the clients',
    loadText(result),
    latencyTable(result),
    'Round by round, in the order in which they ran; processor time in cores (1 is a whole core), `others` is whatever ' +
      'else ran on the machine:',
    roundTable(result),
    'Inside kisignal, from the times that its messages carry (a sample: the batches that reached the first client):',
    stageTable(result),
    explanation(result, cores),
  ].join('\n\n');
}

function loadText({ shape, transport, rounds }: WholePathResult): string {
  const kisignal = rounds.find(({ subject }) => subject === 'kisignal')!;
  return (
    `${shape.symbols} symbols; ${number(shape.framesPerSecond)} trade frames a second of ${shape.recordsPerFrame} records ` +
    `each (${number(shape.framesPerSecond * shape.recordsPerFrame)} ticks a second), one every ` +
    `${number(1e6 / shape.framesPerSecond)} µs, symbols in turn; besides, one book a symbol a second, and three of each ` +
    `before the first trade. ${shape.clients} clients, each on \`ticks\`, \`predictions\` and \`signals\` of ` +
    `${shape.symbolsPerClient} symbols: ${number(kisignal.deliveriesPerSecond)} messages a second in ` +
    `${number(kisignal.updatesPerSecond)} WebSocket messages. Load, server and clients are three processes on one ` +
    `machine. Each round plays ${shape.warmUpSeconds} s unmeasured, then ${shape.seconds} s measured.\n\n` +
    'Open-loop: a frame has an intended time that depends on nothing; latency counts from it to the read by the client, ' +
    'so that whatever waits, at the sender too, counts. Once for each WebSocket message (a frame’s ten ticks come in ' +
    'one). Received is what `seq` and `prevSeq` prove, stream by stream and client by client, and the totals are held ' +
    'against the engine’s own counters.\n\n' +
    `The baseline is a *bare relay*: on each frame of the same feed it publishes through ` +
    `${transport === 'uws' ? 'uWebSockets.js' : '`ws` (uWebSockets.js has no binary here)'} the ready-made messages that ` +
    'kisignal sent for that frame (kept in a round before), to the same subscriptions. It journals, decodes, computes, ' +
    'numbers and encodes nothing.'
  );
}

function latencyTable({ latency }: WholePathResult): string {
  const row = (name: string, figures: LatencyFigures) => [
    name,
    ...QUANTILES.map((quantile) => number(figures[quantile])),
  ];
  const ratios = QUANTILES.map((quantile) => `${number(latency.kisignal[quantile] / latency.relay[quantile])}×`);
  return table(
    ['latency, µs', ...QUANTILE_NAMES],
    [row('bare relay', latency.relay), row('kisignal', latency.kisignal), ['ratio', ...ratios]],
  );
}

function roundTable({ rounds }: WholePathResult): string {
  const head = [
    '',
    'p50, µs',
    'p99, µs',
    'messages/s',
    'lost',
    'cores: server',
    'clients',
    'load',
    'others',
    'resident, MB',
  ];
  const cells = rounds.map(({ subject, latency, deliveriesPerSecond, lost, holes, cpu, residentBytes }) => [
    subject,
    number(latency.p50Us),
    number(latency.p99Us),
    number(deliveriesPerSecond),
    number(lost + holes),
    ...[cpu.subject, cpu.clients, cpu.feed, cpu.others].map(number),
    number(residentBytes / 1e6),
  ]);
  const late = rounds.map(({ lateness }) => lateness);
  const worst = Math.max(...late.map(({ p99Us }) => p99Us));
  return (
    `${table(head, cells)}\n\nFrames left the load’s process ${number(median(late.map(({ p50Us }) => p50Us)))} µs after ` +
    `their intended times at the median, ${number(worst)} µs at the p99 of the worst round.`
  );
}

function stageTable(result: WholePathResult): string {
  const cells = (Object.keys(STAGE_TEXTS) as StageName[]).map((stage) => [
    STAGE_TEXTS[stage],
    number(stageUs(result, stage, 'p50Us')),
    number(stageUs(result, stage, 'p99Us')),
  ]);
  return table(['stage of a batch, µs', 'p50', 'p99'], cells);
}

/** What the numbers say about where the difference to the relay comes from. */
function explanation(result: WholePathResult, cores: number): string {
  const { relay, kisignal } = result.latency;
  const ratio50 = kisignal.p50Us / relay.p50Us;
  const ratio99 = kisignal.p99Us / relay.p99Us;
  const stages = (Object.keys(STAGE_TEXTS) as StageName[]).map((stage) => ({
    stage,
    us: stageUs(result, stage, 'p50Us'),
  }));
  const inside = stages.reduce((sum, { us }) => sum + us, 0);
  const largest = stages.reduce((one, other) => (other.us > one.us ? other : one));
  const more = kisignal.p50Us - relay.p50Us;
  const own = cpuOf(result, 'kisignal');
  const relayCpu = cpuOf(result, 'relay');
  const others = median(result.rounds.map(({ cpu }) => cpu.others));
  const frames = result.shape.framesPerSecond + result.shape.symbols;
  const busyUs = (own.subject * 1e6) / frames;
  const met = ratio50 <= RATIO_MAX && ratio99 <= RATIO_MAX;
  return [
    met
      ? 'Both ratios are within the goal.'
      : `The goal is missed by ${missedBy(ratio50, ratio99)}. What the numbers say:`,
    `- At the median a message takes ${number(more)} µs longer than through the relay, and the stages up to t5 take ` +
      `${number(inside)} µs of a batch, most of it ${STAGE_TEXTS[largest.stage]}: ${number(largest.us)} µs. The rest is ` +
      'encoding the messages, writing them to each client, and waiting.',
    `- kisignal uses ${number(own.subject)} of a core, ${number(busyUs)} µs for each of ${number(frames)} frames a second, ` +
      `the relay ${number(relayCpu.subject)}. A frame comes every ${number(1e6 / frames)} µs, so ` +
      `${number(Math.min(1, own.subject) * 100)} % of them find the engine busy with another one and wait for it` +
      `${own.subject > 0.4 ? '; that waiting grows faster than the load and makes the tail' : ''}.`,
    `- Load, server and clients together use ${number(own.subject + own.clients + own.feed)} of ${cores} cores` +
      (others > QUIET_CORES
        ? `, and other programs on the machine used ${number(others)} cores meanwhile: they take processor time from ` +
          'relay and kisignal alike, and more often from what computes longer. On a quiet machine both are faster.'
        : '; the machine was otherwise quiet.'),
    ...(Math.abs(own.others - relayCpu.others) > QUIET_CORES
      ? [
          `- Others used ${number(relayCpu.others)} cores during the relay's rounds and ${number(own.others)} during ` +
            "kisignal's: the ratios above compare unequal conditions, at p99 and beyond most of all. Run it again when " +
            'the machine is quiet.',
        ]
      : []),
  ].join('\n');
}

function missedBy(ratio50: number, ratio99: number): string {
  const parts: string[] = [];
  if (ratio50 > RATIO_MAX) parts.push(`${number(ratio50 / RATIO_MAX)} times at p50`);
  if (ratio99 > RATIO_MAX) parts.push(`${number(ratio99 / RATIO_MAX)} times at p99`);
  return parts.join(' and ');
}

function roundsOf({ rounds }: WholePathResult, subject: Round['subject']): Round[] {
  return rounds.filter((round) => round.subject === subject);
}

function cpuOf(result: WholePathResult, subject: Round['subject']): Round['cpu'] {
  const rounds = roundsOf(result, subject);
  const of = (name: keyof Round['cpu']) => median(rounds.map(({ cpu }) => cpu[name]));
  return { subject: of('subject'), clients: of('clients'), feed: of('feed'), others: of('others') };
}

function stageUs(result: WholePathResult, stage: StageName, quantile: 'p50Us' | 'p99Us'): number {
  return median(roundsOf(result, 'kisignal').map(({ stages }) => stages[stage][quantile]));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
