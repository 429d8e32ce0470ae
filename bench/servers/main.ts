// `npm run servers [-- check|start]`: the real servers that tests run against. Without a word it installs what is missing,
// without root where that can be; `check` only looks; `start` runs Redis and Kafka on loopback until Ctrl-C.
import { parseArgs } from 'node:util';
import { serversHome } from '../../engine/fetched-programs.ts';
import { extendPath } from './home.ts';
import { runServers } from './running.ts';
import { type Found, type InstallWay, type Server, servers } from './servers.ts';

const USAGE = `Usage: npm run servers [-- check|start]
  without a word  install what is missing
  check           only look
  start           run Redis and Kafka on free loopback ports until Ctrl-C
`;

interface Row {
  readonly server: Server;
  readonly found: Found | null;
  /** Why it is not there, where it is not. */
  readonly problems: readonly string[];
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function install({ name, find, ways }: Server): Promise<string[]> {
  const problems: string[] = [];
  for (const way of ways) {
    const problem = way.obstacle() ?? (await installed(name, way, find));
    if (problem === null) return [];
    problems.push(`${way.name}: ${problem}`);
  }
  return problems;
}

async function installed(name: string, way: InstallWay, find: Server['find']): Promise<string | null> {
  say(`${name}: installing (${way.name})`);
  try {
    await way.install();
    return find() === null ? 'was installed and is still not found' : null;
  } catch (error) {
    return (error as Error).message;
  }
}

function renderTable(rows: readonly Row[]): string {
  const cells = rows.map(({ server: { name, use }, found }) =>
    found === null ? [name, 'missing', '', use] : [name, found.version, found.place, use],
  );
  const table = [['server', 'version', 'where', 'tests find it by'], ...cells];
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  const lines = table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  );
  const problems = rows.flatMap(({ server, problems }) => problems.map((problem) => `${server.name}: ${problem}`));
  return [...lines, ...problems, ''].join('\n');
}

async function main(): Promise<void> {
  const { positionals } = parseArgs({ allowPositionals: true, options: {} });
  const [word] = positionals;
  if (positionals.length > 1 || (word !== undefined && word !== 'check' && word !== 'start')) {
    process.stderr.write(USAGE);
    process.exitCode = 2;
    return;
  }
  const home = serversHome();
  extendPath();
  if (word === 'start') return runServers();
  const rows: Row[] = [];
  for (const server of servers(home)) {
    const problems = word === 'check' || server.find() !== null ? [] : await install(server);
    rows.push({ server, found: server.find(), problems });
  }
  process.stdout.write(renderTable(rows));
  if (rows.some(({ found }) => found === null)) process.exitCode = 1;
}

await main();
