// Jars by their Maven coordinates, straight from the repository that this machine is configured for. No Maven is needed.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const CENTRAL = 'https://repo.maven.apache.org/maven2';
const DOWNLOADS_AT_ONCE = 6;
const ATTEMPTS_MAX = 3;
const ATTEMPT_MS_MAX = 60_000;

export type PinnedJar = readonly [coordinates: string, sha256: string];

/** `MAVEN_REPO_URL`, else the mirror of Central in the user's Maven settings, else Central. */
export function mavenRepository(settingsFile = join(homedir(), '.m2', 'settings.xml')): string {
  const given = process.env.MAVEN_REPO_URL;
  if (given) return given.replace(/\/+$/, '');
  if (!existsSync(settingsFile)) return CENTRAL;
  const settings = readFileSync(settingsFile, 'utf8').replace(/<!--[\s\S]*?-->/g, '');
  for (const [, mirror] of settings.matchAll(/<mirror>([\s\S]*?)<\/mirror>/g)) {
    const patterns = (textOf(mirror, 'mirrorOf') ?? '').split(',').map((pattern) => pattern.trim());
    const mirrors = patterns.some((pattern) => ['*', 'external:*', 'central'].includes(pattern));
    const address = textOf(mirror, 'url');
    if (mirrors && !patterns.includes('!central') && address !== null) return address.replace(/\/+$/, '');
  }
  return CENTRAL;
}

function textOf(xml: string, tag: string): string | null {
  return new RegExp(`<${tag}>\\s*([^<]*?)\\s*</${tag}>`).exec(xml)?.[1] ?? null;
}

export function jarName([coordinates]: PinnedJar): string {
  const [, artifact, version] = coordinates.split(':');
  return `${artifact}-${version}.jar`;
}

/** Whether a folder holds exactly these jars; what they hold was checked when they came. */
export function hasJars(folder: string, jars: readonly PinnedJar[]): boolean {
  if (!existsSync(folder)) return false;
  const present = new Set(readdirSync(folder).filter((name) => name.endsWith('.jar')));
  return present.size === jars.length && jars.every((jar) => present.has(jarName(jar)));
}

/**
 * Brings what is missing and removes jars of other versions, which a class path of all of them would mix up.
 * @throws Error where one cannot be had, or is not the one that the table names
 */
export async function fetchJars(folder: string, jars: readonly PinnedJar[]): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const wanted = new Set(jars.map(jarName));
  for (const name of readdirSync(folder)) if (!wanted.has(name)) rmSync(join(folder, name), { recursive: true });
  const waiting = jars.filter((jar) => !existsSync(join(folder, jarName(jar))));
  const repository = mavenRepository();
  const fetchNext = async (): Promise<void> => {
    for (let jar = waiting.pop(); jar !== undefined; jar = waiting.pop()) await fetchJar(repository, jar, folder);
  };
  await Promise.all(Array.from({ length: DOWNLOADS_AT_ONCE }, fetchNext));
}

async function fetchJar(repository: string, jar: PinnedJar, folder: string): Promise<void> {
  const [coordinates, sha256] = jar;
  const [group, artifact, version] = coordinates.split(':');
  const address = `${repository}/${group.replaceAll('.', '/')}/${artifact}/${version}/${jarName(jar)}`;
  const bytes = await download(address);
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== sha256) throw new Error(`${coordinates}: its SHA-256 is ${found}, expected ${sha256}`);
  const part = join(folder, `${jarName(jar)}.part`);
  writeFileSync(part, bytes);
  renameSync(part, join(folder, jarName(jar)));
}

async function download(address: string): Promise<Buffer> {
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await fetch(address, { signal: AbortSignal.timeout(ATTEMPT_MS_MAX) });
      if (!answer.ok) throw new Error(`answer ${answer.status}`);
      return Buffer.from(await answer.arrayBuffer());
    } catch (cause) {
      if (attempt === ATTEMPTS_MAX) throw new Error(`${address}: ${(cause as Error).message}`, { cause });
    }
  }
}
