// For tests of the page: the page compiled from its sources, a real gateway that serves it, a bus to publish on, and a
// headless Chromium that looks at it.
import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pino from 'pino';
import { type Browser, chromium } from 'playwright-core';
import { Bus } from '../../engine/bus/bus.ts';
import { type Channel, type MessageOf, type SourceKind, streamKey } from '../../engine/messages.ts';
import { dashboardMounts } from '../dashboard-mounts.ts';
import { createGateway, type Gateway, type GatewayOptions } from '../gateway.ts';

const PACKAGE_ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CHROMIUM_NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
/** A container has neither a sandbox nor a graphics card, and a test asks the network for nothing. */
const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The browser at `CHROMIUM_PATH`, else on the PATH, else null. */
export function chromiumPath(): string | null {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const candidates = folders.flatMap((folder) => CHROMIUM_NAMES.map((name) => join(folder, name)));
  const { CHROMIUM_PATH } = process.env;
  return (CHROMIUM_PATH ? [CHROMIUM_PATH] : candidates).find(isExecutable) ?? null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export function launchChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: CHROMIUM_FLAGS });
}

/** The page's compiled scripts in a folder of their own, so that the test sees the sources as they are. */
export async function compileDashboard(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'kisignal-dashboard-'));
  const compiler = join(PACKAGE_ROOT, 'node_modules/typescript/bin/tsc');
  const project = join(PACKAGE_ROOT, 'gateway/dashboard');
  await promisify(execFile)(process.execPath, [compiler, '-p', project, '--outDir', folder]);
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

export interface Instrument {
  instrument: string;
  code: string;
  nameKo: string;
  nameEn: string;
}

/** A bus with streams that number themselves. */
export class Market {
  readonly bus = new Bus();
  readonly source: SourceKind;
  readonly epoch: string;
  private readonly lastSeqs = new Map<string, number>();

  constructor(source: SourceKind = 'simulated', epoch = 'e1') {
    this.source = source;
    this.epoch = epoch;
  }

  publish<C extends Channel>(channel: C, instrument: string, variant: string, ...bodies: Omit<MessageOf[C], 'seq'>[]) {
    const key = streamKey(channel, instrument, variant);
    const prevSeq = this.lastSeqs.get(key) ?? 0;
    this.lastSeqs.set(key, prevSeq + bodies.length);
    const messages = bodies.map((body, i) => ({ seq: prevSeq + 1 + i, ...body }) as unknown as MessageOf[C]);
    this.bus.publish({
      epoch: this.epoch,
      source: this.source,
      times: [0, 1, 2, 3, 4, 5],
      updates: [{ stream: { key, channel, instrument, variant }, prevSeq, messages }],
    });
  }
}

/** The gateway with the page; `compiled` stands in for the package's `dist`. */
export async function serve(
  market: Market,
  compiled: string,
  instruments: readonly Instrument[],
  listen: Pick<GatewayOptions, 'port' | 'transport'> = { port: 0 },
): Promise<Gateway> {
  const dist = join(PACKAGE_ROOT, 'dist');
  const mounts = await dashboardMounts(PACKAGE_ROOT);
  const fresh = (path: string) => path.replace(dist, compiled);
  return createGateway({
    bus: market.bus,
    ...listen,
    origin: () => ({ epoch: market.epoch, source: market.source }),
    status: () => ({ source: market.source, epoch: market.epoch, version: '0.1.0', instruments }),
    quality: () => ({ evidence: [] }),
    metrics: () => '',
    ready: () => true,
    dashboard: mounts.map((mount) =>
      'file' in mount
        ? { path: mount.path, file: fresh(mount.file) }
        : { path: mount.path, folder: fresh(mount.folder) },
    ),
    log: pino({ level: 'silent' }),
  });
}
