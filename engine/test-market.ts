// For tests of the engine: input batches of a simulated market's real frames, and state machines with the shipped model.
// The same options give the same batches.
import { join } from 'node:path';
import { kstToUtcUs } from '../config/calendar.ts';
import { instrumentsForLoad } from '../config/instruments.ts';
import { packageRoot } from '../config/paths.ts';
import { configSchema } from '../config/schema.ts';
import { parseArtifact, readArtifact } from '../models/artifact.ts';
import { engineSettings } from './configuration.ts';
import { Market } from './emulator/market/market.ts';
import { MarketFeed } from './emulator/market-feed.ts';
import type { ClockInput, ControlCommand, FrameInput, Input } from './input.ts';
import type { Model } from './predict/model.ts';
import { TensorflowModel } from './predict/tensorflow-model.ts';
import type { Reference } from './reference/reference.ts';
import type { EngineSettings } from './settings.ts';
import { StateMachine } from './state-machine.ts';

export const TEN = kstToUtcUs(20261123, 10 * 3600);
export const ARTIFACT_FOLDER = join(packageRoot, 'models', 'artifacts', 'next-mid-move');
const TRS = ['H0STCNT0', 'H0STASP0'];
/** One stock is registered on a second venue as well. */
const NXT_TRS = ['H0NXCNT0', 'H0NXASP0'];

/** The shipped settings, but for signals that come and are scored within a second. */
export function testSettings(change: Partial<EngineSettings['signals']> = {}): EngineSettings {
  const shipped = engineSettings(configSchema.parse({}));
  const signals = { ...shipped.signals, probabilityMin: 0.55, horizonMs: 1000, cooldownMs: 500, perMinuteMax: 60 };
  return { ...shipped, signals: { ...signals, ...change } };
}

export interface MarketBatchesOptions {
  readonly seconds: number;
  readonly startTimeUs?: number;
  readonly seed?: number;
  readonly symbols?: number;
  readonly stepMs?: number;
}

/** Frames as a session delivers them, every step one batch, each with a clock entry behind it. */
export function marketBatches(options: MarketBatchesOptions): Input[][] {
  const { seconds, startTimeUs = TEN, seed = 7, symbols = 4, stepMs = 100 } = options;
  const instruments = instrumentsForLoad(symbols);
  const market = new Market({ seed, activity: 1, instruments, startTimeUs });
  const feed = new MarketFeed({ market, flushPeriodUs: 200_000 });
  for (const { code } of instruments) for (const trId of TRS) feed.begin(trId, code);
  for (const trId of NXT_TRS) feed.begin(trId, instruments[0].code);
  const encoder = new TextEncoder();
  const batches: Input[][] = [];
  for (let elapsedUs = stepMs * 1000; elapsedUs <= seconds * 1e6; elapsedUs += stepMs * 1000) {
    const frames = feed
      .advanceTo(elapsedUs)
      .map(({ frame }): FrameInput => ({ kind: 'frame', engineTimeUs: feed.timeUs, bytes: encoder.encode(frame) }));
    const clock: ClockInput = { kind: 'clock', engineTimeUs: feed.timeUs };
    if (frames.length > 0) batches.push(frames);
    batches.push([clock]);
  }
  return batches;
}

export type StartCommand = Extract<ControlCommand, { type: 'start' }>;

export function startCommand(change: Partial<StartCommand> = {}): StartCommand {
  return {
    type: 'start',
    epoch: 'e1',
    source: 'simulated',
    feed: 'feed-1',
    configHash: 'config',
    modelHash: 'model',
    calendarHash: 'calendar',
    versions: { kisignal: 'test', node: process.version, backend: 'wasm' },
    ...change,
  };
}

export function control(command: ControlCommand, engineTimeUs = TEN): Input {
  return { kind: 'control', engineTimeUs, command };
}

/** The shipped model. The backend must be initialised. */
export function shippedModel(): Model {
  return new TensorflowModel(parseArtifact(readArtifact(ARTIFACT_FOLDER).bytes));
}

export interface TestMachineOptions {
  readonly settings?: EngineSettings;
  readonly model?: () => Model;
  readonly references?: Readonly<Record<string, Reference>>;
  readonly partition?: { readonly index: number; readonly count: number };
}

/** A state machine that takes any hash for the settings and the model given. */
export function testMachine({
  settings = testSettings(),
  model = shippedModel,
  references = {},
  partition = { index: 0, count: 1 },
}: TestMachineOptions = {}): StateMachine {
  return new StateMachine({
    settingsOf: () => settings,
    modelOf: () => model(),
    referenceOf: (hash) => references[hash],
    partition,
  });
}
