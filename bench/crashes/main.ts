// `npm run crashes [-- --kills N --seed N …]`: kills real processes at random moments and proves from what they leave
// behind that nothing was lost, doubled or made up. Each demonstration prints what it found; the exit code is 1 where one
// does not hold.
import { parseArgs } from 'node:util';
import { UsageError } from '../../config/command-line.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { missingServers } from './cluster.ts';
import { crashCluster, scaleCluster, stopServers } from './cluster-demonstrations.ts';
import { crashDataFolder, type DemonstrationOptions } from './data-folder.ts';
import { type CrashReport, renderReport } from './report.ts';

const USAGE = `Usage: npm run crashes [-- --kafka|--scale|--outages --kills N --seed N --clients N --json --keep]
  without    kill -9 of the one process on a data folder
  --kafka    of one ingest, two workers, two gateways over Kafka and Redis
  --scale    1, 2, 4 and again 1 workers over Kafka and Redis
  --outages  Kafka, then Redis, away for --seconds (30)
  --kills    how many (200; over Kafka 50)
  --seed     of the moments; drawn and printed where it is not given
  --clients  on the data folder (2); over Kafka each gateway has one
  --json     the report as JSON
  --keep     leave the data folder where it is
`;

const SEEDS = 1_000_000;

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`--${name} is a whole number, found ${text}`);
  return Number(text);
}

/** What the command line is told after `crashes`; sets the exit code. */
export async function crashes(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      kills: { type: 'string' },
      seed: { type: 'string' },
      kafka: { type: 'boolean', default: false },
      scale: { type: 'boolean', default: false },
      outages: { type: 'boolean', default: false },
      seconds: { type: 'string', default: '30' },
      clients: { type: 'string', default: '2' },
      json: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  const { kafka, scale, outages } = values;
  if ([kafka, scale, outages].filter(Boolean).length > 1) throw new UsageError('one demonstration at a time');
  const missing = kafka || scale || outages ? missingServers() : null;
  if (missing !== null) throw new UsageError(missing);
  const seed = values.seed === undefined ? Math.floor(Math.random() * SEEDS) : wholeNumber('seed', values.seed);
  const { folder, remove } = temporaryFolder();
  say(`seed ${seed}, folder ${folder}`);
  const options: DemonstrationOptions = {
    kills: wholeNumber('kills', values.kills ?? (kafka ? '50' : '200')),
    seed,
    folder,
    clients: wholeNumber('clients', values.clients),
    say,
  };
  let report: CrashReport;
  try {
    if (kafka) report = await crashCluster(options);
    else if (scale) report = await scaleCluster(options);
    else if (outages)
      report = await stopServers({ ...options, outageMs: 1000 * wholeNumber('seconds', values.seconds) });
    else report = await crashDataFolder(options);
  } finally {
    if (!values.keep) remove();
  }
  process.stdout.write(values.json ? `${JSON.stringify(report, null, 2)}\n` : renderReport(report));
  if (report.failures.length > 0) process.exitCode = 1;
}

try {
  await crashes(process.argv.slice(2));
} catch (error) {
  const text = error instanceof UsageError ? `${error.message}\n\n${USAGE}` : `${(error as Error).stack ?? error}\n`;
  process.stderr.write(text);
  process.exitCode = 1;
}
