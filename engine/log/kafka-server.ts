// A real Kafka for tests: one broker started from its jars with the Java on the PATH or the fetched one, on free loopback
// ports and in a folder of its own, or the brokers at KAFKA_BROKERS (which are not ours to kill). Not part of the product.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram, serversHome } from '../fetched-programs.ts';

export interface KafkaServer {
  readonly brokers: readonly string[];
  /** Prefix of topics that this test alone uses. */
  readonly prefix: () => string;
  kill(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface KafkaFinding {
  readonly available: boolean;
  /** Whether the broker is ours to kill and restart. */
  readonly own: boolean;
  readonly start: () => Promise<KafkaServer>;
}

const DEADLINE_MS = 60_000;
const POLL_MS = 50;

export function findKafka(): KafkaFinding {
  const brokers = process.env.KAFKA_BROKERS;
  if (brokers !== undefined) return { available: true, own: false, start: async () => given(brokers.split(',')) };
  const jars = join(process.env.KISIGNAL_KAFKA_HOME ?? join(serversHome(), 'kafka'), 'lib');
  const { JAVA_HOME } = process.env;
  const java = findProgram(JAVA_HOME === undefined ? 'java' : join(JAVA_HOME, 'bin', 'java'), 'jdk', '-version');
  if (java === null || !existsSync(jars)) return { available: false, own: false, start: () => Promise.reject() };
  return { available: true, own: true, start: () => startOwn(java, jars) };
}

function given(brokers: readonly string[]): KafkaServer {
  const notOurs = async (): Promise<void> => {
    throw new Error('the brokers at KAFKA_BROKERS are not ours to kill');
  };
  return { brokers, prefix: randomUUID, kill: notOurs, restart: notOurs, stop: async () => {} };
}

async function startOwn(java: string, jars: string): Promise<KafkaServer> {
  const folder = mkdtempSync(join(tmpdir(), 'kisignal-kafka-'));
  const [port, controllerPort] = await freePorts();
  const properties = join(folder, 'server.properties');
  writeFileSync(properties, settings(folder, port, controllerPort));
  // The star must reach Java unexpanded.
  const options = ['-Xms128m', '-Xmx512m', '-Dorg.slf4j.simpleLogger.defaultLogLevel=error', '-cp', join(jars, '*')];
  const tool = (...line: string[]): string => {
    const { status, stdout, stderr } = spawnSync(java, [...options, 'kafka.tools.StorageTool', ...line]);
    if (status !== 0) throw new Error(`kafka.tools.StorageTool ${line.join(' ')}: ${stderr}`);
    return stdout.toString().trim();
  };
  tool('format', '-t', tool('random-uuid'), '-c', properties);
  let child: ChildProcess;
  const restart = async (): Promise<void> => {
    child = spawn(java, [...options, 'kafka.Kafka', properties], { stdio: 'ignore' });
    await listening(port, child);
  };
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  const stop = async (): Promise<void> => {
    await kill();
    rmSync(folder, { recursive: true, force: true });
  };
  await restart();
  return { brokers: [`127.0.0.1:${port}`], prefix: randomUUID, kill, restart, stop };
}

function settings(folder: string, port: number, controllerPort: number): string {
  return `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controllerPort}
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}
advertised.listeners=PLAINTEXT://127.0.0.1:${port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs=${folder}/data
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=500
broker.session.timeout.ms=1500
broker.heartbeat.interval.ms=300
auto.create.topics.enable=false
`;
}

async function freePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()];
  const ports: number[] = [];
  for (const server of servers) {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    ports.push((server.address() as { port: number }).port);
  }
  for (const server of servers) await once(server.close(), 'close');
  return ports as [number, number];
}

async function listening(port: number, child: ChildProcess): Promise<void> {
  for (let waitedMs = 0; waitedMs < DEADLINE_MS; waitedMs += POLL_MS) {
    if (child.exitCode !== null) throw new Error(`the broker ended with ${child.exitCode}`);
    if (await accepts(port)) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error('the broker does not listen');
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (accepted: boolean): void => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });
}
