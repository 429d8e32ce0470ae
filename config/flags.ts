// Flags of the command line that set a setting. Each command says which of them it takes; whatever has no flag has a name
// in the environment.
import type { Flag } from './load.ts';

export const SETTING_FLAGS = {
  env: 'source.env',
  role: 'role',
  symbols: 'universe.symbols',
  'data-dir': 'journal.dataDir',
  host: 'gateway.host',
  port: 'gateway.port',
  transport: 'gateway.transport',
  seed: 'emulator.seed',
  speed: 'emulator.speed',
  frames: 'emulator.framesFile',
  activity: 'emulator.activity',
  'start-time': 'emulator.startTime',
  'emulator-symbols': 'emulator.symbols',
  'emulator-host': 'emulator.host',
  'emulator-port': 'emulator.port',
  'flush-ms': 'emulator.flushMs',
  'registrations-max': 'emulator.registrationsMax',
  'idle-exit-ms': 'emulator.idleExitMs',
  sessions: 'emulator.sessions',
  events: 'emulator.eventsFile',
  rules: 'emulator.environment',
  'faults-per-minute': 'emulator.faultsPerMinute',
  'log-level': 'telemetry.logLevel',
} as const;
export type SettingFlag = keyof typeof SETTING_FLAGS;

/** Of the parsed options, those that set a setting. */
export function flagsOf(options: Readonly<Record<string, unknown>>): Flag[] {
  return Object.entries(SETTING_FLAGS).flatMap(([name, path]) => {
    const text = options[name];
    return typeof text === 'string' ? [{ name: `--${name}`, path, text }] : [];
  });
}
