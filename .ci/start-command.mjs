// Runs `npm start` in a fresh clone, as a newcomer would: it installs, compiles and starts. Then the engine must become
// ready, serve the page, put a prediction and a signal on the socket, and end within 2 s of SIGTERM.
//
//   node .ci/start-command.mjs CLONE
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';

const INSTALL_MS_MAX = 180_000;
const MESSAGE_MS_MAX = 30_000;
const END_MS_MAX = 2000;

const [, , clone] = process.argv;
const data = mkdtempSync(join(tmpdir(), 'kisignal-start-'));
const port = await freePort();
const origin = `http://127.0.0.1:${port}`;
const child = spawn('npm', ['start'], {
  cwd: clone,
  env: { ...process.env, KISIGNAL_PORT: String(port), KISIGNAL_DATA_DIR: data, KIS_ENV: 'emulator' },
  stdio: ['ignore', 'pipe', 'pipe'],
});
const output = [];
for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => output.push(text));
// npm may go before the engine does: what counts is that nobody holds its output any more.
const ended = new Promise((resolve) => child.once('close', () => resolve(true)));

let failure;
try {
  await until('/readyz gives 200', INSTALL_MS_MAX, async () => (await statusOf('/readyz')) === 200);
  const readyMs = performance.now();
  if ((await statusOf('/')) !== 200) throw new Error('the page is not served');
  for (const [channel, holds] of [
    ['predictions', ({ abstained }) => abstained === null],
    ['signals', () => true],
  ]) {
    const message = await firstMessage(channel, holds);
    process.stdout.write(
      `${channel}: ${JSON.stringify(message)}\n  ${Math.round(performance.now() - readyMs)} ms after ready\n`,
    );
  }
} catch (error) {
  failure = error;
}
const stoppedMs = performance.now();
child.kill('SIGTERM');
if (await Promise.race([ended, delay(END_MS_MAX, false)])) {
  process.stdout.write(`ended ${Math.round(performance.now() - stoppedMs)} ms after SIGTERM\n`);
} else {
  failure ??= new Error(`still running ${END_MS_MAX} ms after SIGTERM`);
}
if (failure !== undefined) {
  process.stdout.write(`${output.join('').slice(-8000)}\n`);
  throw failure;
}
rmSync(data, { recursive: true, force: true });

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** HTTP status, or undefined where nothing listens. */
async function statusOf(path) {
  try {
    return (await fetch(origin + path, { signal: AbortSignal.timeout(1000) })).status;
  } catch {
    return undefined;
  }
}

async function until(what, msMax, holds) {
  const deadline = performance.now() + msMax;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not within ${msMax} ms: ${what}`);
    if (child.exitCode !== null && child.exitCode !== 0) throw new Error(`npm start ended with ${child.exitCode}`);
    await delay(50);
  }
}

/** The first message of a channel that holds, whether it comes in a snapshot or in an update. */
async function firstMessage(channel, holds) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/stream`, 'kisignal.v1.json');
  try {
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`no message on ${channel} within ${MESSAGE_MS_MAX} ms`)),
        MESSAGE_MS_MAX,
      );
      socket.on('error', reject);
      socket.on('open', () => socket.send(JSON.stringify({ type: 'subscribe', id: 1, channels: [channel] })));
      socket.on('message', (data) => {
        const { type, channel: from, messages } = JSON.parse(data);
        if ((type !== 'snapshot' && type !== 'update') || from !== channel) return;
        const message = messages.find(holds);
        if (message === undefined) return;
        clearTimeout(timer);
        resolve(message);
      });
    });
  } finally {
    socket.terminate();
  }
}
