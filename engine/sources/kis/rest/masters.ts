// The symbol masters that KIS publishes each morning: a zip with one CP949 file a market, without any authorisation. All
// or nothing: a file that is cut, or whose columns are not where they should be, is an error that says where.
import { crc32 } from 'node:zlib';
import { unzipSync } from 'fflate';
import iconv from 'iconv-lite';
import type { SecurityKind } from '../../../../config/market-rules.ts';
import type { InstrumentReference } from '../../../reference/reference.ts';
import type { Timers } from '../timers.ts';
import { ExchangeError, exchange } from './http-exchange.ts';
import { MASTER_LAYOUTS, type MasterColumn, type MasterLayout } from './master-layouts.ts';

export interface MastersOptions {
  /** The folder that holds `kospi_code.mst.zip` and the others. */
  readonly mastersUrl: string;
  readonly requestTimeoutMs: number;
  readonly timers: Timers;
  readonly closing?: AbortSignal;
}

export const KIS_MASTERS_URL = 'https://new.real.download.dws.co.kr/common/master';

/** A master that could not be had or read; `code` is `timeout`, `http_404`, `damaged`, `malformed` … */
export class MasterFileError extends Error {
  readonly code: string;

  constructor(file: string, code: string, words: string) {
    super(`master ${file}: ${words}`);
    this.name = 'MasterFileError';
    this.code = code;
  }
}

const ZIP_BYTES_MAX = 32 * 1024 * 1024;
const FILE_BYTES_MAX = 128 * 1024 * 1024;
const SHORT_CODE_END = 9;
const STANDARD_CODE_END = 21;
/** Codes that a feed can name; warrants and beneficiary certificates have longer ones. */
const CODE = /^[0-9A-Z]{6,7}$/;
/** Groups that are none of these are warrants (SW, SR) and certificates (BC): nothing to make signals of. */
const KINDS: Readonly<Record<string, SecurityKind>> = {
  ST: 'stock',
  RT: 'stock',
  DR: 'stock',
  FS: 'stock',
  IF: 'stock',
  MF: 'stock',
  SC: 'stock',
  EF: 'etf',
  FE: 'etf',
  EN: 'etn',
  EW: 'elw',
};

/** All three markets. @throws MasterFileError */
export async function downloadMasters(options: MastersOptions): Promise<InstrumentReference[]> {
  const instruments: InstrumentReference[] = [];
  for (const layout of MASTER_LAYOUTS)
    instruments.push(...instrumentsOf(layout, unzipMaster(layout.file, await download(layout.file, options))));
  return instruments;
}

async function download(file: string, { mastersUrl, requestTimeoutMs, timers, closing }: MastersOptions) {
  try {
    const { status, bytes } = await exchange({
      url: new URL(`${mastersUrl.replace(/\/$/, '')}/${file}.zip`),
      timeoutMs: requestTimeoutMs,
      bytesMax: ZIP_BYTES_MAX,
      timers,
      ...(closing === undefined ? {} : { closing }),
    });
    if (status !== 200) throw new MasterFileError(file, `http_${status}`, `HTTP ${status}`);
    return bytes;
  } catch (error) {
    throw error instanceof ExchangeError ? new MasterFileError(file, error.code, error.message) : error;
  }
}

/** The one file in the zip, as text. @throws MasterFileError where it is damaged */
export function unzipMaster(file: string, zip: Uint8Array): string {
  const damaged = (words: string): MasterFileError => new MasterFileError(file, 'damaged', words);
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(zip, { filter: ({ originalSize }) => originalSize <= FILE_BYTES_MAX });
  } catch (error) {
    throw damaged(`the zip does not open (${(error as Error).message})`);
  }
  const [bytes, ...others] = Object.values(files);
  if (bytes === undefined || others.length > 0) throw damaged('expected one file in the zip');
  if (crc32(bytes) !== checksumOf(zip)) throw damaged('the checksum does not match');
  // Not TextDecoder: what Node calls euc-kr lacks the 8,822 syllables that CP949 has besides.
  const text = iconv.decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), 'cp949');
  if (text.includes('\uFFFD')) throw damaged('the text is no CP949');
  return text;
}

/** CRC-32 of the first file, from the zip's directory; undefined where there is none. */
function checksumOf(zip: Uint8Array): number | undefined {
  const bytes = Buffer.from(zip.buffer, zip.byteOffset, zip.length);
  const end = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  if (end === -1 || end + 20 > bytes.length) return undefined;
  const directory = bytes.readUInt32LE(end + 16);
  return directory + 20 > bytes.length ? undefined : bytes.readUInt32LE(directory + 16);
}

/** One instrument a line; NXT and limits are not in it. @throws MasterFileError where a line is not as it should be */
export function instrumentsOf(layout: MasterLayout, text: string): InstrumentReference[] {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  const instruments = lines.flatMap((line, index) => (line === '' ? [] : instrumentOf(layout, line, index + 1)));
  // KONEX is the one market that may run out of companies.
  if (instruments.length === 0 && layout.market !== 'KONEX')
    throw new MasterFileError(layout.file, 'malformed', 'it holds no instrument');
  return instruments;
}

function instrumentOf(layout: MasterLayout, line: string, lineNumber: number): InstrumentReference[] {
  const { market, file, tailLength, columns } = layout;
  const wrong = (what: string): MasterFileError =>
    new MasterFileError(file, 'malformed', `line ${lineNumber}: ${what}; have the columns changed?`);
  const tailStart = line.length - tailLength;
  if (tailStart < STANDARD_CODE_END) throw wrong(`${line.length} characters are too few`);
  const field = (name: MasterColumn): string => {
    const [start, end] = columns[name];
    return line.slice(tailStart + start, tailStart + end).trim();
  };
  const number = (name: MasterColumn): number => {
    const digits = field(name);
    if (!/^\d*$/.test(digits)) throw wrong(`${name} is no number`);
    return Number(digits);
  };
  const flag = (name: MasterColumn): boolean => {
    const letter = field(name);
    if (letter !== 'Y' && letter !== 'N') throw wrong(`${name} is neither Y nor N`);
    return letter === 'Y';
  };
  const group = field('group');
  if (!/^[A-Z]{2}$/.test(group)) throw wrong('the group code is not two letters');
  const code = line.slice(0, SHORT_CODE_END).trim();
  const instrument: InstrumentReference = {
    code,
    nameKo: line.slice(STANDARD_CODE_END, tailStart).trim(),
    market,
    kind: KINDS[group] ?? 'stock',
    basePriceWon: number('basePrice'),
    upperLimitWon: 0,
    lowerLimitWon: 0,
    lotSize: Math.max(1, number('lotSize')),
    listedShares: number('listedThousands') * 1000,
    previousVolume: number('previousVolume'),
    kospi200: /^[1-9A-Z]$/.test(field('kospi200')),
    nxt: false,
    halted: flag('halted'),
    liquidation: flag('liquidation'),
    listedDate: number('listedDate'),
  };
  return KINDS[group] !== undefined && CODE.test(code) ? [instrument] : [];
}
