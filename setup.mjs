// What `npm start`, `npm test` and `npm run bench` do first on a clone: install what is missing, compile what is stale,
// then run the module named on the command line in this very process, so that Ctrl-C and exit codes are its own and no
// wrapper stands between. Plain JavaScript without dependencies, because it runs before there are any.
//
//   node setup.mjs [--clean] [MODULE [ARGUMENT …]]        --clean: compile anew, into an empty dist/
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(fileURLToPath(import.meta.url));
const dist = join(root, 'dist');
const stamp = join(dist, '.sources');
const projects = ['tsconfig.build.json', 'gateway/dashboard/tsconfig.json'];
const sourceRoots = [
  'main.ts',
  'config',
  'engine',
  'gateway',
  'models',
  'bench',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
];

const [, , ...words] = process.argv;
const clean = words[0] === '--clean';
if (clean) words.shift();

const missing = !installed();
if (missing) install();
// What was compiled against other packages, or is asked for anew, is compiled into an empty folder.
if (missing || clean) rmSync(dist, { recursive: true, force: true });
compileIfStale();
if (words.length > 0) await run(resolve(root, words[0]), words.slice(1));

/**
 * Whether node_modules holds the versions of package-lock.json. npm keeps a list of what it installed; contents are
 * compared, not dates, because a checkout gives files new dates. Optional packages may be missing: they do not fit
 * every machine.
 */
function installed() {
  const installedList = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedList)) return false;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const found = JSON.parse(readFileSync(installedList, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, { version, optional, devOptional }]) =>
      path === '' || (found[path] ? found[path].version === version : optional || devOptional),
  );
}

function install() {
  say('installing dependencies (npm ci), once');
  // Development dependencies hold the compiler: without them a clone cannot start, whatever NODE_ENV says.
  const flags = ['--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
  // npm tells the scripts that it runs where it is; outside of them it is on the PATH (on Windows, a batch file).
  const npm = process.env.npm_execpath;
  const onWindows = process.platform === 'win32';
  const [command, ...before] = npm?.endsWith('.js') ? [process.execPath, npm] : [onWindows ? 'npm.cmd' : 'npm'];
  spawn('npm ci', command, [...before, 'ci', ...flags], {
    stdio: ['ignore', 'ignore', 2],
    shell: before.length === 0 && onWindows,
  });
}

/** Lets `npx kisignal` find the command of this clone at once; Windows has links for administrators only. */
function linkCommand() {
  const command = join(dist, 'main.js');
  if (process.platform === 'win32' || !existsSync(command)) return;
  chmodSync(command, 0o755);
  const link = join(root, 'node_modules', '.bin', 'kisignal');
  rmSync(link, { force: true });
  symlinkSync(join('..', '..', 'dist', 'main.js'), link);
}

/** Compiles where any source file came, went or changed since the last time. */
function compileIfStale() {
  const state = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === state) return;
  say('compiling');
  for (const project of projects) {
    if (existsSync(join(root, project))) {
      const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
      spawn('tsc', process.execPath, [tsc, '--project', project, '--noEmitOnError']);
    }
  }
  mkdirSync(dist, { recursive: true });
  removeOrphans();
  linkCommand();
  writeFileSync(stamp, state);
}

/** What was compiled from sources that are gone: it would still be imported, and counted in the name of the build. */
function removeOrphans() {
  for (const path of readdirSync(dist, { recursive: true })) {
    const [, module] = /^(.+?)(?:\.d\.ts|\.js)(?:\.map)?$/.exec(path) ?? [];
    if (module === undefined) continue;
    if (module.endsWith('.test') || !existsSync(join(root, `${module}.ts`))) rmSync(join(dist, path));
  }
}

function fingerprint() {
  const hash = createHash('sha256');
  const add = (path) => {
    const { size, mtimeMs } = statSync(join(root, path));
    hash.update(`${path} ${size} ${mtimeMs}\n`);
  };
  for (const name of sourceRoots) {
    if (!existsSync(join(root, name))) continue;
    if (statSync(join(root, name)).isFile()) add(name);
    else {
      const paths = readdirSync(join(root, name), { recursive: true }).sort();
      for (const path of paths) if (/\.(ts|json)$/.test(path)) add(join(name, path));
    }
  }
  return hash.digest('hex');
}

async function run(module, args) {
  process.argv = [process.execPath, module, ...args];
  if (process.env.npm_lifecycle_event !== undefined) endWithParent();
  await import(pathToFileURL(module).href);
}

/** npm runs scripts through a shell, and some shells die of npm's SIGTERM without passing it on. */
function endWithParent() {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, 250);
  timer.unref();
}

function spawn(name, command, args, options = {}) {
  // Standard output belongs to the program that runs afterwards.
  const { status, signal, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], ...options });
  if (status === 0) return;
  say(`${name} failed${error ? `: ${error.message}` : signal ? ` by ${signal}` : ''}`);
  process.exit(status || 1);
}

function say(text) {
  process.stderr.write(`kisignal: ${text}\n`);
}
