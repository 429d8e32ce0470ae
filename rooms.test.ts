// Holds the layout: which room may import which, where clocks are read, what a file is named and how long it is. It looks
// at text alone, so it also holds what no compiler checks.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = import.meta.dirname;
const ROOMS = ['config', 'engine', 'gateway', 'models', 'bench', 'docker'];
const ROOT_FILES = [
  'main.ts',
  'setup.mjs',
  'rooms.test.ts',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'biome.json',
  'vitest.config.ts',
  'README.md',
  'README.ko.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'LICENSE',
];
/** Made by tools, not by hand; git ignores them. */
const GENERATED = ['node_modules', 'dist', 'coverage', 'data'];

/** What a room may import of the others: a folder ends with a slash. Its own files are always allowed. */
const MAY_IMPORT: Record<string, string[]> = {
  config: [],
  engine: ['config/', 'models/artifact.ts'],
  gateway: [
    'config/',
    'engine/messages.ts',
    'engine/clock.ts',
    'engine/lifecycle.ts',
    'engine/bus/',
    'engine/telemetry/',
  ],
  models: ['config/', 'engine/features/', 'engine/decode/records.ts', 'engine/predict/', 'engine/clock.ts'],
};

/** Tables, which are long because the world is; everything else is logic. */
const TABLES = ['config/instruments.ts', 'config/calendar.ts', 'gateway/dashboard/texts.ts'];
const LOGIC_LINES_MAX = 300;

const files = ROOMS.flatMap((room) => filesBelow(room)).concat(ROOT_FILES.filter((name) => name.endsWith('.ts')));
const sources = files.filter((file) => file.endsWith('.ts'));
const isTest = (file: string) => file.endsWith('.test.ts');
const logic = sources.filter((file) => !isTest(file));

function filesBelow(folder: string): string[] {
  if (!statSync(join(root, folder), { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) return GENERATED.includes(entry.name) ? [] : filesBelow(path);
    return [path];
  });
}

function textOf(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

/** The text with comments and the contents of strings taken out, line by line as it was. */
function codeOf(file: string): string {
  const quiet = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g;
  return textOf(file).replace(quiet, (found) => found.replace(/[^\n]/g, ' '));
}

/** Imports of our own files, as paths from the root. */
function importsOf(file: string): string[] {
  const specifiers = [...textOf(file).matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g)].map(([, path]) => path);
  return specifiers.map((path) => posix.normalize(posix.join(dirname(file), path)));
}

/** `file:line` of each match in code. */
function matches(of: string[], pattern: RegExp, text: (file: string) => string = codeOf): string[] {
  return of.flatMap((file) =>
    text(file)
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1} ${line.trim().slice(0, 80)}`] : [])),
  );
}

describe('the rooms', () => {
  it('import only what they may', () => {
    const wrong = logic.flatMap((file) => {
      const room = file.split('/')[0];
      const allowed = MAY_IMPORT[room];
      if (allowed === undefined) return [];
      const fits = (path: string) =>
        path.startsWith(`${room}/`) ||
        allowed.some((name) => (name.endsWith('/') ? path.startsWith(name) : path === name));
      return importsOf(file).flatMap((path) => (fits(path) ? [] : [`${file} imports ${path}`]));
    });
    expect(wrong).toEqual([]);
  });

  it('are the only folders, and the root holds nothing else', () => {
    const entries = readdirSync(root).filter((name) => !name.startsWith('.') && !GENERATED.includes(name));
    const allowed = [...ROOMS, ...ROOT_FILES];
    expect(entries.filter((name) => !allowed.includes(name))).toEqual([]);
  });
});

describe('time and arithmetic', () => {
  it('has its clocks in engine/clock.ts, and in bench', () => {
    const elsewhere = logic.filter((file) => file !== 'engine/clock.ts' && !file.startsWith('bench/'));
    const onServer = elsewhere.filter((file) => !file.startsWith('gateway/dashboard/'));
    expect(matches(onServer, /\bDate\.now\b|\bnew Date\(\s*\)|\bperformance\.(now|timeOrigin)\b|\bhrtime\b/)).toEqual(
      [],
    );
  });

  it('knows no Math.pow and no ** where it decides: they differ between versions of Node', () => {
    const deciding = logic.filter((file) => /^(config|engine|models)\//.test(file));
    expect(matches(deciding, /\bMath\.pow\b|\*\*/)).toEqual([]);
  });

  it('draws no unseeded random numbers where it decides', () => {
    const deciding = logic.filter((file) => /^engine\/(?!sources\/|emulator\/|state\/)|^models\//.test(file));
    expect(matches(deciding, /\bMath\.random\b/)).toEqual([]);
  });
});

describe('files', () => {
  it('are kebab-case nouns, and none is a drawer for odds and ends', () => {
    const named = files.filter((file) => file.includes('/') && !file.startsWith('models/artifacts/'));
    const wrong = named.filter((file) => {
      const name = basename(file);
      if (/^[A-Z.]/.test(name)) return !/^([A-Z]+(\.[a-z]{2})?\.md|Dockerfile|\..+)$/.test(name);
      return (
        !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)+$/.test(name) ||
        /(^|-)(utils?|helpers?|common|managers?|misc)\b/.test(name)
      );
    });
    expect(wrong).toEqual([]);
  });

  it(`are at most ${LOGIC_LINES_MAX} lines long, tables aside`, () => {
    const long = logic.filter(
      (file) => !TABLES.includes(file) && textOf(file).split('\n').length - 1 > LOGIC_LINES_MAX,
    );
    expect(long).toEqual([]);
  });

  it('open by saying what they are', () => {
    const silent = logic.filter((file) => !/^(#![^\n]*\n)?\/\/ [A-Z`.]/.test(textOf(file)));
    expect(silent.filter((file) => file !== 'vitest.config.ts')).toEqual([]);
  });

  it('leave nothing for later, silence no check and skip no test without a condition', () => {
    const others = sources.filter((file) => file !== 'rooms.test.ts');
    expect(
      matches(others, /\bTODO\b|\bFIXME\b|@ts-(ignore|expect-error|nocheck)|biome-ignore|v8 ignore/, textOf),
    ).toEqual([]);
    expect(matches(others, /\b(it|test|describe)\.(only|skip|todo)\b|\bconsole\.\w/)).toEqual([]);
  });

  it('name no path of one machine and no registry', () => {
    const checked = [...files, ...ROOT_FILES, ...filesBelow('.ci'), '.env.example', '.npmrc', '.gitignore'];
    const others = checked.filter((file) => file !== 'rooms.test.ts');
    const texts = others.filter((file) => /\.(ts|mjs|json|md|css|html|example)$|^\.|LICENSE$/.test(file));
    expect(
      matches(
        texts,
        /(^|[\s"'`(=:])\/(work|farm|root|home\/\w+|Users\/\w+)\/|https?:\/\/registry\.|"resolved":/,
        textOf,
      ),
    ).toEqual([]);
  });
});

describe('dependencies', () => {
  it('are exact', () => {
    const { dependencies, devDependencies, optionalDependencies } = JSON.parse(textOf('package.json'));
    const versions = Object.entries<string>({ ...dependencies, ...devDependencies, ...optionalDependencies });
    expect(versions.filter(([, version]) => !/^(npm:@?[\w/.-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
  });

  it('are locked for every platform: no package that another names is missing from the lock', () => {
    const locked = JSON.parse(textOf('package-lock.json')).packages as Record<
      string,
      { optionalDependencies?: object }
    >;
    const names = new Set(Object.keys(locked).map((path) => path.split('node_modules/').at(-1)));
    const wanted = Object.values(locked).flatMap(({ optionalDependencies }) => Object.keys(optionalDependencies ?? {}));
    expect(wanted.filter((name) => !names.has(name))).toEqual([]);
  });
});
