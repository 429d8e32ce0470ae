// A minimal assembler for WebAssembly: expressions are arrays of bytes, and a module is one memory and a few functions
// of one type. It knows only the instructions that the record scanner uses, named as in the WebAssembly text format.

/** Machine code of an expression or a statement. */
export type Code = readonly number[];

const I32 = 0x7f;
const I64 = 0x7e;
const F64_STORE = 0x39;
const NO_RESULT = 0x40;
const END = 0x0b;

/** Unsigned LEB128. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (; value > 0x7f; value >>>= 7) bytes.push((value & 0x7f) | 0x80);
  return [...bytes, value];
}

/** Signed LEB128. */
function signed(value: bigint): number[] {
  const bytes: number[] = [];
  for (; value < -64n || value > 63n; value >>= 7n) bytes.push(Number(value & 0x7fn) | 0x80);
  return [...bytes, Number(value & 0x7fn)];
}

/** One behind another. (Spreading or flattening them is many times slower, and this runs when the engine starts.) */
export const sequence = (...parts: Code[]): Code => ([] as number[]).concat(...parts);

const instruction =
  (opcode: number) =>
  (...operands: Code[]): Code =>
    sequence(...operands, [opcode]);

/** `alignment` is the exponent of the natural one; a hint only: any address is allowed. */
const access =
  (opcode: number, alignment = 0) =>
  (address: Code, ...value: Code[]): Code =>
    sequence(address, ...value, [opcode, alignment, 0]);

/** Locals are named by their index. */
export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)];

export const i32 = {
  const: (value: number): Code => [0x41, ...signed(BigInt(value))],
  load: access(0x28),
  load8: access(0x2d),
  eqz: instruction(0x45),
  eq: instruction(0x46),
  ne: instruction(0x47),
  ltU: instruction(0x49),
  gtU: instruction(0x4b),
  leU: instruction(0x4d),
  add: instruction(0x6a),
  sub: instruction(0x6b),
  mul: instruction(0x6c),
  and: instruction(0x71),
  or: instruction(0x72),
  shl: instruction(0x74),
  wrap: instruction(0xa7),
};

export const i64 = {
  const: (value: bigint): Code => [0x42, ...signed(BigInt.asIntN(64, value))],
  load: access(0x29),
  store: access(0x37),
  eqz: instruction(0x50),
  ne: instruction(0x52),
  gtU: instruction(0x56),
  ctz: instruction(0x7a),
  popcnt: instruction(0x7b),
  add: instruction(0x7c),
  sub: instruction(0x7d),
  mul: instruction(0x7e),
  and: instruction(0x83),
  or: instruction(0x84),
  xor: instruction(0x85),
  shl: instruction(0x86),
  shrU: instruction(0x88),
  extend: instruction(0xad),
};

export const f64 = {
  load: access(0x2b),
  store: access(F64_STORE),
  gt: instruction(0x64),
  mul: instruction(0xa2),
  const: (value: number): Code => [0x44, ...new Uint8Array(Float64Array.of(value).buffer)],
  fromSigned: instruction(0xb9),
  toSigned: instruction(0xb0),
};

export const when = (condition: Code, then: Code, otherwise: Code = []): Code => [
  ...condition,
  0x04,
  NO_RESULT,
  ...then,
  ...(otherwise.length === 0 ? [] : [0x05, ...otherwise]),
  END,
];

/** The body runs once, and again as long as the condition behind it holds. */
export const doWhile = (body: Code, condition: Code): Code => [0x03, NO_RESULT, ...body, ...condition, 0x0d, 0, END];
export const whileDo = (condition: Code, body: Code): Code => when(condition, doWhile(body, condition));
export const leave = (result: Code): Code => [...result, 0x0f];

export interface ModuleSource {
  /** i32 parameters of every function; each gives one i32. They are the first locals. */
  readonly parameters: number;
  readonly i32Locals: number;
  readonly i64Locals: number;
  readonly functions: Readonly<Record<string, Code>>;
}

const vector = (items: readonly Code[]): Code => sequence(unsigned(items.length), ...items);
const sized = (content: Code): Code => sequence(unsigned(content.length), content);
const section = (id: number, content: Code): Code => sequence([id], sized(content));
const name = (text: string): Code => sized([...new TextEncoder().encode(text)]);

/** Bytes of a module that imports the memory `wire.memory` and exports each function under its name. */
export function assemble(source: ModuleSource): Uint8Array<ArrayBuffer> {
  const functions = Object.entries(source.functions);
  const type = [0x60, ...vector(new Array<Code>(source.parameters).fill([I32])), ...vector([[I32]])];
  const locals = vector([
    [...unsigned(source.i32Locals), I32],
    [...unsigned(source.i64Locals), I64],
  ]);
  return new Uint8Array(
    sequence(
      [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(1, vector([type])),
      section(2, vector([sequence(name('wire'), name('memory'), [0x02, 0x00, 1])])),
      section(3, vector(functions.map(() => [0]))),
      section(7, vector(functions.map(([text], index) => sequence(name(text), [0x00], unsigned(index))))),
      section(10, vector(functions.map(([, body]) => sized(sequence(locals, body, [END]))))),
    ),
  );
}

export interface WebAssemblyMemory {
  readonly buffer: ArrayBuffer;
}

/** The part of the global `WebAssembly` that is used here; the library of Node's types leaves it to the browser's. */
export interface WebAssemblyApi {
  readonly Memory: new (limits: { initial: number }) => WebAssemblyMemory;
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (
    module: object,
    imports: { wire: { memory: WebAssemblyMemory } },
  ) => { readonly exports: Readonly<Record<string, (...parameters: number[]) => number>> };
}

export const webAssembly = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;
