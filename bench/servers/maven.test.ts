// Fetching jars from a repository that is a server of this test.
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { KAFKA_JARS } from './kafka-jars.ts';
import { fetchJars, hasJars, jarName, mavenRepository, type PinnedJar } from './maven.ts';

const CONTENT = Buffer.from('a jar');
const JAR: PinnedJar = ['org.example.some:part:1.2', createHash('sha256').update(CONTENT).digest('hex')];
let folder: string;
let server: Server;
let asked: (string | undefined)[];
let failures = 0;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kisignal-maven-'));
  asked = [];
  server = createServer(({ url }, answer) => {
    asked.push(url);
    answer.statusCode = asked.length <= failures ? 503 : 200;
    answer.end(CONTENT);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  vi.stubEnv('MAVEN_REPO_URL', `http://127.0.0.1:${(server.address() as { port: number }).port}/maven/`);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

it('a jar lies where its coordinates say, comes once, and jars of other versions go', async () => {
  failures = 0;
  writeFileSync(join(folder, 'part-1.1.jar'), 'of another version');
  expect(hasJars(folder, [JAR])).toBe(false);
  await fetchJars(folder, [JAR]);
  await fetchJars(folder, [JAR]);
  expect(asked).toEqual(['/maven/org/example/some/part/1.2/part-1.2.jar']);
  expect(readdirSync(folder)).toEqual(['part-1.2.jar']);
  expect(readFileSync(join(folder, 'part-1.2.jar'))).toEqual(CONTENT);
  expect(hasJars(folder, [JAR])).toBe(true);
});

it('a repository that fails is asked again, and not for ever', async () => {
  failures = 2;
  await fetchJars(folder, [JAR]);
  expect(asked).toHaveLength(3);
  failures = 100;
  await expect(fetchJars(folder, [['org.example.some:part:1.3', JAR[1]]])).rejects.toThrow(
    /part-1\.3\.jar: answer 503/,
  );
  expect(asked).toHaveLength(6);
});

it('a jar that is not the one of the table is never kept', async () => {
  failures = 0;
  await expect(fetchJars(folder, [[JAR[0], '0'.repeat(64)]])).rejects.toThrow(
    /org\.example\.some:part:1\.2: its SHA-256/,
  );
  expect(readdirSync(folder)).toEqual([]);
});

it('the repository is the one that this machine is configured for, else Central', () => {
  vi.stubEnv('MAVEN_REPO_URL', '');
  const settings = join(folder, 'settings.xml');
  expect(mavenRepository(settings)).toBe('https://repo.maven.apache.org/maven2');
  const mirror = (of: string, url: string): string => `<mirror><mirrorOf>${of}</mirrorOf><url>${url}</url></mirror>`;
  const write = (...mirrors: string[]): void => writeFileSync(settings, `<settings>${mirrors.join('')}</settings>`);
  write(`<!-- ${mirror('*', 'http://comment.invalid')} -->`, mirror('other', 'http://other.invalid'));
  expect(mavenRepository(settings)).toBe('https://repo.maven.apache.org/maven2');
  write(mirror('*,!central', 'http://not.invalid'), mirror('other, central', ' http://mirror.invalid/maven/ '));
  expect(mavenRepository(settings)).toBe('http://mirror.invalid/maven');
});

it('the table of Kafka names each jar once', () => {
  expect(new Set(KAFKA_JARS.map(jarName)).size).toBe(KAFKA_JARS.length);
  expect(
    KAFKA_JARS.filter(
      ([coordinates, sha256]) => !/^[\w.-]+:[\w.-]+:[\w.-]+$/.test(coordinates) || !/^[0-9a-f]{64}$/.test(sha256),
    ),
  ).toEqual([]);
});
