// The machine code that reads one field of a record, for each type of field. It reads eight bytes at a time: one load,
// then arithmetic on all eight digits at once, because a loop over single bytes costs three times as much.

import type { FieldType } from './layouts.ts';
import { type Code, doWhile, f64, get, i32, i64, leave, set, when, whileDo } from './wasm.ts';

/** What a scan returns. */
export const SCANNED = 0;
/** The payload does not hold count × width fields. */
export const MISCOUNTED = 1;
/** A field that is not what its type demands. */
export const MALFORMED = 2;

/** Parameters of a scan, which are its first locals; the tail is the number of fields behind the last one wanted. */
export const POSITION = 0;
export const LAST = 1;
export const COUNT = 2;
export const TAIL = 3;
/** i32 locals. */
export const RECORD = 4;
export const CELL = 5;
export const LEVELS_LEFT = 6;
const FIELDS_LEFT = 7;
const BYTE = 8;
const NEGATIVE = 9;
const START = 10;
export const I32_LOCALS = 7;
/** i64 locals. */
const WORD = 11;
const STOPS = 12;
const SHIFT = 13;
const VALUE = 14;
const DIGITS = 15;
export const I64_LOCALS = 5;

const EXACT_MAX = BigInt(Number.MAX_SAFE_INTEGER);

const CARET = '^'.charCodeAt(0);
const POINT = '.'.charCodeAt(0);
const MINUS = '-'.charCodeAt(0);
const ZERO = '0'.charCodeAt(0);

/** The byte in each of the eight places. */
const eightTimes = (byte: number): bigint => 0x0101010101010101n * BigInt(byte);
const HIGH_BITS = i64.const(eightTimes(0x80));
const ZEROS = i64.const(eightTimes(ZERO));

export const fail = (outcome: number): Code => leave(i32.const(outcome));
const failIf = (condition: Code): Code => when(condition, fail(MALFORMED));
const either = (first: Code, ...others: Code[]): Code => others.reduce((all, other) => i32.or(all, other), first);

export const advance = (bytes: Code): Code => set(POSITION, i32.add(get(POSITION), bytes));
const byteAt = (offset: number): Code => i32.load8(i32.add(get(POSITION), i32.const(offset)));
const isByte = (value: Code, byte: number): Code => i32.eq(value, i32.const(byte));
const store = (value: Code): Code => f64.store(get(CELL), value);
const lowByte = (value: Code): Code => i64.and(value, i64.const(0xffn));

/** 0x80 in each byte that is not 0 … 9, exact up to the lowest of them: a carry only spoils what lies above it. */
const nonDigits = (word: Code): Code => i64.and(i64.or(word, i64.add(word, i64.const(eightTimes(0x76)))), HIGH_BITS);

/** 0x80 in each byte that is 0, exactly. */
function zeroBytes(word: Code): Code {
  const low = i64.const(eightTimes(0x7f));
  return i64.xor(i64.or(i64.or(i64.add(i64.and(word, low), low), word), low), i64.const(-1n));
}

/** DIGITS: eight digits, the first in the lowest byte, become their number by pairs, fours and eights. */
function joinDigits(word: Code): Code {
  const step = (factor: bigint, bits: bigint, mask: bigint): Code =>
    set(
      DIGITS,
      i64.and(
        i64.add(i64.mul(get(DIGITS), i64.const(factor)), i64.shrU(get(DIGITS), i64.const(bits))),
        i64.const(mask),
      ),
    );
  return [
    ...set(DIGITS, word),
    ...step(10n, 8n, 0x00ff00ff00ff00ffn),
    ...step(100n, 16n, 0x0000ffff0000ffffn),
    ...step(10_000n, 32n, 0xffffffffn),
  ];
}

/** WORD: the next eight bytes as digits; STOPS: those of them that are none. */
const loadDigits: Code = [...set(WORD, i64.xor(i64.load(get(POSITION)), ZEROS)), ...set(STOPS, nonDigits(get(WORD)))];
const pushDigits: Code = set(VALUE, i64.add(get(VALUE), get(DIGITS)));

/** SHIFT: eight times the number of digits in front of the first stop. */
const findStop: Code = set(SHIFT, i64.sub(i64.ctz(get(STOPS)), i64.const(7n)));

/** The memory begins with 10^0 … 10^7 as f64, so that SHIFT is the address of the power of ten of so many digits. */
const powerOfTail: Code = f64.load(i32.wrap(get(SHIFT)));

/** VALUE: all digits but the last up to seven. It stays exact: what exceeds 2^53 − 1 fails before it can overflow. */
const longNumber: Code = [
  ...doWhile(
    [
      ...failIf(i64.gtU(get(VALUE), i64.const(EXACT_MAX / 100_000_000n))),
      ...set(VALUE, i64.mul(get(VALUE), i64.const(100_000_000n))),
      ...joinDigits(get(WORD)),
      ...pushDigits,
      ...advance(i32.const(8)),
      ...loadDigits,
    ],
    i64.eqz(get(STOPS)),
  ),
  ...findStop,
  ...failIf(f64.gt(f64.mul(f64.fromSigned(get(VALUE)), powerOfTail), f64.const(Number.MAX_SAFE_INTEGER))),
  ...set(VALUE, i64.mul(get(VALUE), f64.toSigned(powerOfTail))),
];

/**
 * VALUE: the digits at POSITION, which moves on to the byte that ends them (BYTE). A number of up to seven digits, by
 * far the most frequent, takes one load and no loop.
 */
const digits: Code = [
  ...set(START, get(POSITION)),
  ...set(VALUE, i64.const(0n)),
  ...loadDigits,
  ...when(i64.eqz(get(STOPS)), longNumber, findStop),
  ...joinDigits(i64.shl(i64.shl(get(WORD), i64.const(8n)), i64.sub(i64.const(56n), get(SHIFT)))),
  ...pushDigits,
  ...set(BYTE, i32.wrap(lowByte(i64.shrU(get(WORD), get(SHIFT))))),
  ...advance(i32.wrap(i64.shrU(get(SHIFT), i64.const(3n)))),
];

const endsField: Code = isByte(get(BYTE), CARET ^ ZERO);
const failUnlessExact: Code = failIf(i64.gtU(get(VALUE), i64.const(EXACT_MAX)));

const count: Code = [
  ...digits,
  ...failIf(i32.eqz(endsField)),
  ...failUnlessExact,
  ...advance(i32.const(1)),
  ...store(f64.fromSigned(get(VALUE))),
];

/** BYTE: the digit at an offset, failing where there is none. */
const decimal = (offset: number): Code => [
  ...set(BYTE, i32.sub(byteAt(offset), i32.const(ZERO))),
  ...failIf(i32.gtU(get(BYTE), i32.const(9))),
];
const pushTenths = (digit: Code, factor: number): Code =>
  set(VALUE, i64.add(get(VALUE), i64.extend(i32.mul(digit, i32.const(factor)))));

const POWERS_OF_TEN = [1, 10, 100, 1000, 10_000];

/** The decimals behind the point at POSITION from a place on: one to `places` of them, to a whole number of the last. */
function decimals(places: number, place = 1): Code {
  const ends = isByte(byteAt(place + 1), CARET);
  const leaveField = advance(i32.const(place + 1));
  return [
    ...(place === 1 ? failIf(i32.eq(get(POSITION), get(START))) : []),
    ...decimal(place),
    ...pushTenths(get(BYTE), POWERS_OF_TEN[places - place]),
    ...(place < places
      ? when(ends, leaveField, decimals(places, place + 1))
      : [...failIf(i32.eqz(ends)), ...leaveField]),
  ];
}

/** VALUE: the number in units of its last possible decimal. */
function fixedPoint(places: number): Code {
  const scale = BigInt(POWERS_OF_TEN[places]);
  const readDecimals = [...failIf(i32.eqz(isByte(get(BYTE), POINT ^ ZERO))), ...decimals(places), ...failUnlessExact];
  return [
    ...digits,
    ...failIf(i64.gtU(get(VALUE), i64.const(EXACT_MAX / scale))),
    ...set(VALUE, i64.mul(get(VALUE), i64.const(scale))),
    ...when(i32.eqz(endsField), readDecimals),
    ...advance(i32.const(1)),
  ];
}

const unsignedPrice = (places: number): Code => [...fixedPoint(places), ...store(f64.fromSigned(get(VALUE)))];

const signedPrice = (places: number): Code => [
  ...set(NEGATIVE, isByte(byteAt(0), MINUS)),
  ...when(get(NEGATIVE), [...advance(i32.const(1)), ...failIf(isByte(byteAt(0), CARET))]),
  ...fixedPoint(places),
  ...when(get(NEGATIVE), set(VALUE, i64.sub(i64.const(0n), get(VALUE)))),
  ...store(f64.fromSigned(get(VALUE))),
];

/** A field of `length` bytes, or an empty one, which is 0. */
const fixed = (length: number, body: Code): Code =>
  when(
    isByte(byteAt(0), CARET),
    [...store(f64.const(0)), ...advance(i32.const(1))],
    [...body, ...failIf(i32.eqz(isByte(byteAt(length), CARET))), ...advance(i32.const(length + 1))],
  );

const date: Code = fixed(8, [
  ...loadDigits,
  ...failIf(i64.ne(get(STOPS), i64.const(0n))),
  ...joinDigits(get(WORD)),
  ...store(f64.fromSigned(get(DIGITS))),
]);

/** HHMMSS. The pairs stand in bytes 0, 2 and 4 once each digit is joined to the next. */
const pair = (bits: bigint): Code => lowByte(i64.shrU(get(DIGITS), i64.const(bits)));
const time: Code = fixed(6, [
  ...loadDigits,
  ...failIf(i64.ne(i64.shl(get(STOPS), i64.const(16n)), i64.const(0n))),
  ...set(DIGITS, i64.add(i64.mul(get(WORD), i64.const(10n)), i64.shrU(get(WORD), i64.const(8n)))),
  ...failIf(
    either(i64.gtU(pair(0n), i64.const(23n)), i64.gtU(pair(16n), i64.const(59n)), i64.gtU(pair(32n), i64.const(59n))),
  ),
  ...store(
    f64.fromSigned(
      i64.add(i64.add(i64.mul(pair(0n), i64.const(3600n)), i64.mul(pair(16n), i64.const(60n))), pair(32n)),
    ),
  ),
]);

const between = (first: string, last: string): Code =>
  i32.leU(i32.sub(byteAt(0), i32.const(first.charCodeAt(0))), i32.const(last.charCodeAt(0) - first.charCodeAt(0)));
const letter: Code = fixed(1, [
  ...failIf(i32.eqz(either(between('0', '9'), between('A', 'Z')))),
  ...store(f64.fromSigned(i64.extend(byteAt(0)))),
]);

const flag: Code = fixed(1, [
  ...failIf(i32.eqz(either(between('Y', 'Y'), between('N', 'N')))),
  ...store(f64.fromSigned(i64.extend(between('Y', 'Y')))),
]);

/** The cell is up to seven bytes as they are, zeros behind them, their number last; codes.ts checks them once. */
const code: Code = [
  ...set(WORD, i64.load(get(POSITION))),
  ...set(STOPS, zeroBytes(i64.xor(get(WORD), i64.const(eightTimes(CARET))))),
  ...failIf(i64.eqz(get(STOPS))),
  ...set(SHIFT, i64.sub(i64.ctz(get(STOPS)), i64.const(7n))),
  ...i64.store(
    get(CELL),
    i64.or(
      i64.and(get(WORD), i64.sub(i64.shl(i64.const(1n), get(SHIFT)), i64.const(1n))),
      i64.shl(get(SHIFT), i64.const(53n)),
    ),
  ),
  ...advance(i32.add(i32.wrap(i64.shrU(get(SHIFT), i64.const(3n))), i32.const(1))),
];

/** The cell is the first four bytes as they are, which must all be of the field. */
const feed: Code = [
  ...set(WORD, i64.load(get(POSITION))),
  ...set(VALUE, i64.and(get(WORD), i64.const(0xffff_ffffn))),
  ...set(STOPS, zeroBytes(i64.xor(get(WORD), i64.const(eightTimes(CARET))))),
  ...failIf(i64.ne(i64.shl(get(STOPS), i64.const(32n)), i64.const(0n))),
  ...store(f64.fromSigned(get(VALUE))),
  ...skipCounted(i32.const(1)),
];

/** Reads the field at POSITION into the cell at CELL and moves on behind its `^`. */
export const FIELD_CODE: Readonly<Record<FieldType, Code>> = {
  code,
  feed,
  time,
  date,
  price: unsignedPrice(2),
  change: signedPrice(2),
  finePrice: unsignedPrice(4),
  fineChange: signedPrice(4),
  count,
  letter,
  flag,
};

/** Moves on behind `fields` fields that are not read; a single one is mostly a class code of one character. */
export function skip(fields: number): Code {
  const manyOrLong = skipCounted(i32.const(fields));
  if (fields > 1) return manyOrLong;
  const isOneCharacter = i32.and(isByte(byteAt(1), CARET), i32.ne(byteAt(0), i32.const(CARET)));
  return when(isOneCharacter, advance(i32.const(2)), manyOrLong);
}

/** Moves on behind as many `^` as `fields` says, eight bytes at a time. */
export function skipCounted(fields: Code): Code {
  const findCarets = set(STOPS, zeroBytes(i64.xor(i64.load(get(POSITION)), i64.const(eightTimes(CARET)))));
  const caretsFound = i32.wrap(i64.popcnt(get(STOPS)));
  return [
    ...set(FIELDS_LEFT, fields),
    ...findCarets,
    ...whileDo(i32.ltU(caretsFound, get(FIELDS_LEFT)), [
      ...set(FIELDS_LEFT, i32.sub(get(FIELDS_LEFT), caretsFound)),
      ...advance(i32.const(8)),
      ...when(i32.gtU(get(POSITION), get(LAST)), fail(MISCOUNTED)),
      ...findCarets,
    ]),
    ...whileDo(i32.gtU(get(FIELDS_LEFT), i32.const(1)), [
      ...set(STOPS, i64.and(get(STOPS), i64.sub(get(STOPS), i64.const(1n)))),
      ...set(FIELDS_LEFT, i32.sub(get(FIELDS_LEFT), i32.const(1))),
    ]),
    ...advance(i32.add(i32.wrap(i64.shrU(i64.ctz(get(STOPS)), i64.const(3n))), i32.const(1))),
  ];
}
