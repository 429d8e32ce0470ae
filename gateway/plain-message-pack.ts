// A look over MessagePack bytes before msgpackr decodes them. msgpackr trusts the lengths it reads (five bytes can make
// it allocate an array of 32 million), knows extensions that build regular expressions and classes, and recurses as deep
// as it is told. A client message needs none of that. Nothing is allocated here.
//
//   1 type byte ─► scalar: skip its bytes   string: skip its length   array n: n more values   map n: 2n more values

/** A client message is a map with three arrays in it; this also bounds the depth. */
const CONTAINERS_MAX = 16;

/** Of the containers that are open: values still to come, a map's keys among them, and whether it is a map. */
const remaining = new Uint32Array(CONTAINERS_MAX + 1);
const isMap = new Uint8Array(CONTAINERS_MAX + 1);

/**
 * True where the bytes are exactly one value of nil, booleans, numbers, strings, arrays and maps whose keys are strings,
 * all of it there.
 */
export function isPlainMessagePack(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.byteLength;
  let at = 0;
  let values = 1;
  let containers = 0;
  let depth = 0;
  remaining[0] = 1;
  isMap[0] = 0;
  while (values > 0) {
    if (at >= end) return false;
    while (remaining[depth] === 0) depth -= 1;
    const isKey = isMap[depth] === 1 && remaining[depth]! % 2 === 0;
    remaining[depth]! -= 1;
    values -= 1;
    const type = bytes[at++]!;
    if (isKey && !isString(type)) return false;
    const lengthBytes = LENGTH_BYTES[type]!;
    if (lengthBytes === -1 || at + lengthBytes > end) return false;
    let length = INLINE_LENGTH[type]!;
    if (lengthBytes === 1) length = view.getUint8(at);
    else if (lengthBytes === 2) length = view.getUint16(at);
    else if (lengthBytes === 4) length = view.getUint32(at);
    at += lengthBytes;

    const valuesPerEntry = VALUES_PER_ENTRY[type]!;
    if (valuesPerEntry === 0) {
      at += length;
    } else {
      containers += 1;
      values += length * valuesPerEntry;
      // Each value takes a byte at least: what cannot be there is not waited for.
      if (containers > CONTAINERS_MAX || values > end - at) return false;
      depth += 1;
      remaining[depth] = length * valuesPerEntry;
      isMap[depth] = valuesPerEntry - 1;
    }
  }
  return at === end;
}

function isString(type: number): boolean {
  return (type >= 0xa0 && type <= 0xbf) || (type >= 0xd9 && type <= 0xdb);
}

/** By type byte: how many bytes of length follow it; -1 where the type is not plain. */
const LENGTH_BYTES = new Int8Array(256);
/** By type byte: the length that the type itself says, in bytes, or in entries of a container. */
const INLINE_LENGTH = new Uint8Array(256);
/** By type byte: 1 for arrays, 2 for maps. */
const VALUES_PER_ENTRY = new Uint8Array(256);

for (let n = 0; n < 16; n++) {
  INLINE_LENGTH[0x80 + n] = n;
  VALUES_PER_ENTRY[0x80 + n] = 2;
  INLINE_LENGTH[0x90 + n] = n;
  VALUES_PER_ENTRY[0x90 + n] = 1;
}
for (let n = 0; n < 32; n++) INLINE_LENGTH[0xa0 + n] = n;
// Never used, bin 8/16/32, ext 8/16/32, fixext 1 … 16.
for (const type of [0xc1, 0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8]) LENGTH_BYTES[type] = -1;
// float32, float64, uint8 … uint64, int8 … int64: their bytes.
[4, 8, 1, 2, 4, 8, 1, 2, 4, 8].forEach((size, n) => {
  INLINE_LENGTH[0xca + n] = size;
});
// str 8/16/32, array 16/32, map 16/32.
[1, 2, 4, 2, 4, 2, 4].forEach((size, n) => {
  LENGTH_BYTES[0xd9 + n] = size;
});
for (const type of [0xdc, 0xdd]) VALUES_PER_ENTRY[type] = 1;
for (const type of [0xde, 0xdf]) VALUES_PER_ENTRY[type] = 2;
